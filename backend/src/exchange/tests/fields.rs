//! Columns that hold declared fields, and those that become some.

use domain::{FieldChange, FieldKind, Op, Status, exchange::Target};

use super::*;

fn mapping(pairs: &[(&str, Target)]) -> Mapping {
    Mapping(pairs.iter().map(|(header, target)| ((*header).to_owned(), *target)).collect())
}

const FILE: &str = "Title,Size,Tickets,Day,Ready,Notes,Where\n\
    Alpha,Large,3,2027-03-01,yes,One thing,https://example.org/a\n\
    Bravo,Small,12,2027-04-02,no,Another thing,https://example.org/b\n\
    Charlie,Large,1,2027-05-03,yes,A third,https://example.org/c\n";

fn all_new() -> Mapping {
    let new = ["Size", "Tickets", "Day", "Ready", "Notes", "Where"].map(|header| (header, Target::NewField));
    mapping(&[&[("Title", Target::Title)][..], &new].concat())
}

#[test]
fn columns_become_fields_of_the_kind_that_their_values_have() {
    let mut product = Product::new("ERP");
    let plan = product.plan(FILE, Some(all_new())).unwrap();
    assert_eq!(plan.problems, []);
    assert_eq!(plan.new_fields, ["Size", "Tickets", "Day", "Ready", "Notes", "Where"]);
    let undo = plan.undo(product.roadmap.lane_order()[0]);
    plan.into_steps().iter().for_each(|step| product.apply(step));

    let kinds: Vec<(String, FieldKind)> = product
        .roadmap
        .fields()
        .all()
        .filter(|def| def.is_custom)
        .map(|def| (def.label.to_string(), def.kind.clone()))
        .collect();
    let kind = |name: &str| &kinds.iter().find(|(label, _)| label == name).unwrap().1;
    assert!(matches!(kind("Size"), FieldKind::Choice(choices) if choices.len() == 2));
    assert!(matches!(kind("Tickets"), FieldKind::Number { .. }));
    assert!(matches!(kind("Day"), FieldKind::Date));
    assert!(matches!(kind("Ready"), FieldKind::Checkbox));
    assert!(matches!(kind("Notes"), FieldKind::Text));
    assert!(matches!(kind("Where"), FieldKind::Links));

    let again = product.plan(FILE, Some(all_new())).unwrap();
    assert_eq!((again.new_fields.len(), again.counts.unchanged), (0, 3), "made once");

    // The file finds them again, and what is exported comes back as it was.
    assert_eq!(product.import(FILE), (0, 0, 3));
    let exported = product.export();
    assert_eq!(product.import(&exported), (0, 0, 3));
    undo.iter().for_each(|step| product.apply(step));
    assert!(
        product
            .roadmap
            .fields()
            .custom()
            .all(|(id, _)| !product.roadmap.fields().is_used(&domain::FieldKey::from(id)))
    );
}

#[test]
fn values_that_a_choice_does_not_have_yet_become_choices() {
    let mut product = Product::new("ERP");
    let plan = product.plan(FILE, Some(all_new())).unwrap();
    plan.into_steps().iter().for_each(|step| product.apply(step));
    let plan = product.plan("Title,Size\nDelta,Huge\nEcho,large\n", None).unwrap();
    assert_eq!(plan.problems, []);
    assert_eq!(plan.new_fields, Vec::<String>::new());
    plan.into_steps().iter().for_each(|step| product.apply(step));
    assert!(product.export().contains("Huge"));
}

#[test]
fn fields_of_every_roadmap_are_guessed_and_odd_values_left_out_by_cause() {
    let product = Product::new("ERP");
    let text = "Title,Confidence,Cost,MoSCoW\nAlpha,80%,12 500,Must have\nBravo,a lot,cheap,maybe\n";
    let plan = product.plan(text, None).unwrap();
    assert_eq!(plan.counts.created, 2);
    let about: Vec<_> = plan.problems.iter().map(|problem| problem.column.clone()).collect();
    assert_eq!(about.len(), 3, "{:?}", plan.problems);
}

#[test]
fn a_row_without_what_its_status_needs_keeps_its_place_and_loses_the_status() {
    let mut product = Product::new("ERP");
    let field = "cost".parse().unwrap();
    product.apply(&Op::SetField { field, change: FieldChange::RequiredFrom(Some(Status::Planned)) });
    let plan = product.plan("Title,Status,Cost\nAlpha,Planned,100\nBravo,Planned,\n", None).unwrap();
    assert_eq!((plan.counts.created, plan.problems.len()), (2, 1), "{:?}", plan.problems);
    plan.into_steps().iter().for_each(|step| product.apply(step));
    assert_eq!(product.item("Alpha").fields.status, Status::Planned);
    assert_eq!(product.item("Bravo").fields.status, Status::Proposed);
}

#[test]
fn a_column_taken_for_an_unused_field_brings_it_back() {
    let mut product = Product::new("ERP");
    product.apply(&Op::SetField { field: "kano".parse().unwrap(), change: FieldChange::Used(false) });
    let text = "Title,Kano\nAlpha,Basic\n";
    assert!(
        product
            .plan(text, None)
            .unwrap()
            .into_steps()
            .iter()
            .all(|step| !format!("{step:?}").contains("kano"))
    );
    let chosen = mapping(&[("Title", Target::Title), ("Kano", Target::Field("kano"))]);
    let plan = product.plan(text, Some(chosen)).unwrap();
    plan.into_steps().iter().for_each(|step| product.apply(step));
    assert!(product.roadmap.fields().is_used("kano"));
    assert_eq!(product.item("Alpha").fields.values.len(), 1);
}
