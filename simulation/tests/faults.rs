//! The simulation finds what it is for. That nothing is found without such a fault is asked by `domain/tests/convergence.rs`.

use simulation::{Sabotage, run_seed};

#[test]
fn a_seed_is_the_same_run_again() {
    let run = |seed| format!("{:?}", run_seed(seed, None));
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

#[test]
fn whatever_is_broken_on_purpose_is_found() {
    for sabotage in Sabotage::ALL {
        let found = (1..=300).find(|seed| run_seed(*seed, Some(*sabotage)).is_err());
        assert!(found.is_some(), "{sabotage:?} is not found");
    }
}
