use super::*;

fn delta(json: &str) -> Delta {
    serde_json::from_str(json).unwrap()
}

#[test]
fn a_change_is_applied_composed_and_taken_back() {
    let change = delta(r#"[2,"ß",-1,1]"#);
    assert_eq!(change.apply("ab😀d").as_deref(), Some("abßd"));
    assert_eq!(change.apply("ab😀"), None);
    assert_eq!(change.apply("ab😀de"), None);
    assert_eq!((change.base_len(), change.target_len()), (4, 4));
    assert_eq!(change.invert("ab😀d"), Some(delta(r#"[2,"😀",-1,1]"#)));
    assert_eq!(change.compose(&delta(r#"["x",3,-1]"#)), Some(delta(r#"["x",2,"ß",-2]"#)));
    assert_eq!(change.compose(&delta("[3]")), None);
    assert!(delta("[3]").is_identity() && delta("[]").is_identity() && !change.is_identity());
}

#[test]
fn of_two_insertions_at_one_place_the_earlier_stands_first() {
    let (first, second) = (delta(r#"[1,"X",1]"#), delta(r#"[1,"Y",1]"#));
    let (again, after) = Delta::transform(&first, &second).unwrap();
    assert_eq!(after.apply("aXb").as_deref(), Some("aXYb"));
    assert_eq!(again.apply("aYb").as_deref(), Some("aXYb"));
    assert_eq!(Delta::transform(&first, &delta("[3]")), None);
}

/// Both begin at one place at once, and go on before either has heard of the other.
#[test]
fn what_two_people_write_on_at_one_place_stays_together() {
    let pages = [1, 2].map(|n| ClientId::new(1, [n; 10]));
    for (a, b) in [(0, 1), (1, 0)] {
        let (anna, bob) = (pages[a], pages[b]);
        let carried = |mine, theirs| Delta::carry(mine, theirs).unwrap().0;
        let (begun, also_begun) = (delta(r#"["AA"]"#), delta(r#"["BB"]"#));
        let also_begun = carried((bob, &also_begun), (anna, &begun));
        let text = also_begun.apply("AA").unwrap();
        // She goes on after what she wrote, and has not seen his.
        let gone_on = carried((anna, &delta(r#"[2,"aa"]"#)), (bob, &also_begun));
        let text = gone_on.apply(&text).unwrap();
        assert_eq!(text, ["AAaaBB", "BBAAaa"][a]);
    }
}

#[test]
fn what_is_typed_survives_a_replacement_of_the_whole() {
    let typed = delta(r#"[6,"brave ",5]"#);
    let replaced = Delta::replacing(11, "Goodbye ");
    let (_, typed) = Delta::transform(&replaced, &typed).unwrap();
    assert_eq!(typed.apply("Goodbye ").as_deref(), Some("Goodbye brave "));
    assert_eq!(Delta::appending(2, "!").apply("ab").as_deref(), Some("ab!"));
}

#[test]
fn changes_far_apart_are_both_kept_by_a_three_way_merge() {
    let base = "The quick fox\njumps over the dog.\n";
    let mine = "The quick brown fox\njumps over the lazy dog.\n";
    let theirs = "A quick fox\njumps over the dog.\nTwice.";
    let (theirs_then, mine_then) =
        Delta::transform(&Delta::between(base, theirs), &Delta::between(base, mine)).unwrap();
    let merged = "A quick brown fox\njumps over the lazy dog.\nTwice.";
    assert_eq!(mine_then.apply(theirs).as_deref(), Some(merged));
    assert_eq!(theirs_then.apply(mine).as_deref(), Some(merged));
}

#[test]
fn long_texts_are_compared_by_lines_or_replaced() {
    let line = |n: usize| format!("line {n} of the text\n");
    let old: String = (0..400).map(line).collect();
    let new: String = (0..400).filter(|n| n % 100 != 5).map(|n| line(n + usize::from(n == 250))).collect();
    let change = Delta::between(&old, &new);
    assert_eq!(change.apply(&old).as_deref(), Some(&*new));
    let inserted: usize = change.inserted().map(str::len).sum();
    assert!(inserted < 100, "{inserted} inserted");
    let (old, new) = ("a-".repeat(10_000), "b-".repeat(9_000));
    assert_eq!(Delta::between(&old, &new).apply(&old), Some(new));
}

#[test]
fn a_caret_keeps_its_place_in_the_text() {
    let change = delta(r#"[2,"xyz",-2,2]"#);
    let places: Vec<usize> = (0..=6).map(|at| change.position(at)).collect();
    assert_eq!(places, [0, 1, 2, 5, 5, 6, 7]);
    assert_eq!(delta(r#"["ab",1]"#).position(0), 0);
    assert_eq!(delta(r#"[1,"ab"]"#).position(1), 1);
}

#[test]
fn each_change_has_one_form_on_the_wire() {
    for json in [r#"[5,"new",-3,10]"#, r#"["a"]"#, "[]", "[20000]"] {
        assert_eq!(serde_json::to_string(&delta(json)).unwrap(), json);
    }
    let wrong = [
        "[0]",
        "[1,2]",
        "[-1,-2]",
        r#"[""]"#,
        r#"["a","b"]"#,
        r#"[-1,"a"]"#,
        "[1.5]",
        "[-0]",
        "[null]",
        "[[1]]",
        "{}",
        "[200001]",
        "[-200000,1]",
        "[-9223372036854775808]",
        "[18446744073709551615]",
        "[true]",
    ];
    for json in wrong {
        assert!(serde_json::from_str::<Delta>(json).is_err(), "{json}");
    }
    let long = |count: usize| format!(r#"[1,"{}"]"#, "x".repeat(count));
    assert!(serde_json::from_str::<Delta>(&long(MAX_DELTA)).is_err());
    // Two who fill one text at once hear that it is full, each from the text.
    assert!(serde_json::from_str::<Delta>(&long(2 * MAX_TEXT)).is_ok());
}
