//! Pages edit one room over connections that delay, break and repeat, with a server that dies: in the end all show the
//! fold of the log, and every edit was done once or refused once. See the crate `simulation`.
//!
//! `CAIRN_SEED=n` runs one seed, `CAIRN_SEEDS=n` that many.

const SEEDS: u64 = 80;

#[test]
fn every_page_ends_with_the_fold_of_the_log() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
    let one = number("CAIRN_SEED");
    let seeds = one.map_or_else(|| number("CAIRN_SEEDS").unwrap_or(SEEDS), |_| 1);
    let (figures, failures) = simulation::run(one.unwrap_or(1), seeds, None);
    for failure in &failures {
        eprintln!("replay with CAIRN_SEED={} cargo test -p domain --test convergence", failure.seed);
    }
    assert!(failures.is_empty(), "{failures:#?}");

    println!("{figures}");
    // What a run did not meet, it does not test. A replay of few seeds need not meet everything.
    if seeds >= SEEDS {
        let never = figures.never_met();
        assert!(!never.iter().any(|kind| kind.starts_with("Op::")), "no operation is left out: {never:?}");
        assert!(never.len() < 12, "many kinds of changes and refusals: {never:?}");
        assert!(
            figures.restores > 0 && figures.resent > 0 && figures.refetches > 0 && figures.threads > 0,
            "{figures}"
        );
        assert!(figures.crowds > 0 && figures.short > 0 && figures.shared > 0, "{figures}");
    }
}
