use super::*;

fn guessed(text: &str) -> Vec<(String, String)> {
    let table = Table::read(text.as_bytes(), &domain::exchange::Answers::default()).unwrap();
    let mapping = guess(&table, &FieldPlan::default());
    table.headers.iter().map(|header| (header.clone(), mapping.target(header).stored())).collect()
}

fn targets(text: &str) -> Vec<String> {
    guessed(text).into_iter().map(|(_, target)| target).collect()
}

#[test]
fn the_goals_are_understood() {
    let text = include_str!("../../../../end2end/fixtures/rust-project-goals.csv");
    let expected = [
        ("Key", "key"),
        ("Period", "lane"),
        ("Title", "title"),
        ("Status", "status"),
        ("Flagship", "tag_if_yes"),
        ("Teams", "tags"),
        ("Start", "start"),
        ("End", "end"),
        ("Tracking issue", "append"),
    ];
    assert_eq!(guessed(text), expected.map(|(header, target)| (header.to_owned(), target.to_owned())));
}

#[test]
fn headers_of_other_tools_are_understood() {
    let text = "Issue key,Summary,Issue Type,Assignee,Due Date,Fix Version/s,Labels,Component/s,Created\n\
                A-1,Log in,Story,a@example.org,2026-01-02,1.0,x,y,2026-01-01\n";
    assert_eq!(targets(text), ["key", "title", "type", "owner", "end", "lane", "tags", "tags", "append"]);
}

#[test]
fn values_tell_what_headers_do_not() {
    let text = "Was,Wer,Zustand,Kickoff start,Wichtig,Nothing\n\
                Anmelden,a@example.org,done,2026-01-02,x,\n\
                Abmelden,b@example.org,in progress,2026-02-02,,\n";
    assert_eq!(targets(text), ["title", "owner", "status", "start", "tag_if_yes", "ignore"]);
}

#[test]
fn a_target_that_is_not_shared_is_guessed_once() {
    let text = "Name,Title,State,Status,ID,Key\na,b,done,done,1,2\n";
    assert_eq!(targets(text), ["ignore", "title", "ignore", "status", "ignore", "key"]);
}

#[test]
fn a_title_is_never_a_date_an_id_or_a_paragraph() {
    let long = "A paragraph that goes on and on. ".repeat(20);
    let text = format!("Code,When,Foo,Bar\nA-1,2026-01-02,Sign in,{long}\nA-2,2026-01-03,Sign out,{long}\n");
    assert_eq!(targets(&text), ["ignore", "ignore", "title", "ignore"]);
}
