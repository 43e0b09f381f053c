use crate::{
    Choice, CustomField, FieldChange, FieldId, FieldKey, FieldKind, ItemChange, Op, Reject, Role, Status,
    Value, authorise, fixture::*,
};

fn id() -> FieldId {
    FieldId::new(5, [1; 10])
}

fn key() -> FieldKey {
    id().into()
}

fn create() -> Op {
    let choice = |key: &'static str, label: &'static str| Choice {
        key: key.into(),
        label: label.into(),
        colour: 0,
        retired: false,
    };
    let kind = FieldKind::Choice(vec![choice("k1", "Gold"), choice("k2", "Silver")].into());
    let field = CustomField { label: "Tier".parse().unwrap(), kind, required_from: None };
    Op::CreateField { id: id(), field: Box::new(field) }
}

fn set_field(field: FieldKey, change: FieldChange) -> Op {
    Op::SetField { field, change }
}

fn value(field: FieldKey, to: Option<Value>) -> ItemChange {
    ItemChange::Value { field, to }
}

fn gold() -> Option<Value> {
    Some(Value::Text("k1".to_owned()))
}

fn allowed(roadmap: &crate::Roadmap, op: &Op) -> Result<(), Reject> {
    authorise(roadmap, op, person(1), Role::Editor)
}

#[test]
fn a_field_that_people_made_is_filled_and_told_by_the_names_it_has() {
    let mut roadmap = roadmap();
    let fill = set(1, value(key(), gold()));
    assert_eq!(allowed(&roadmap, &fill), Err(Reject::UnknownField(key().to_string())));
    let made = done(&mut roadmap, &create(), 1);
    assert!(made.touched.fields);
    assert_eq!(allowed(&roadmap, &fill), Ok(()));
    let told = |effects: crate::Effects| -> Vec<String> {
        effects.changes.iter().map(|change| change.sentence(|_| String::new())).collect()
    };
    assert_eq!(told(made), ["added the field “Tier”"]);
    assert_eq!(told(done(&mut roadmap, &fill, 1)), ["set the “Tier” of “A” to Gold"]);
    let renamed = set_field(key(), FieldChange::Label("Level".parse().unwrap()));
    assert_eq!(told(done(&mut roadmap, &renamed, 1)), ["renamed the field “Tier” to “Level”"]);
    assert_eq!(
        told(done(&mut roadmap, &set(1, value(key(), None)), 1)),
        ["cleared the “Level” of “A”, which was Gold"]
    );
}

#[test]
fn a_retired_field_takes_no_value_and_keeps_the_one_it_has() {
    let mut roadmap = roadmap();
    done(&mut roadmap, &create(), 1);
    done(&mut roadmap, &set(1, value(key(), gold())), 1);
    done(&mut roadmap, &set_field(key(), FieldChange::Used(false)), 1);
    let silver = Some(Value::Text("k2".to_owned()));
    assert_eq!(
        allowed(&roadmap, &set(2, value(key(), silver))),
        Err(Reject::RetiredField("Tier".to_owned()))
    );
    assert_eq!(roadmap.item(item(1)).unwrap().fields.values.get(&*key()), gold().as_ref());
    assert_eq!(allowed(&roadmap, &set(1, value(key(), None))), Ok(()), "it can be emptied");
}

#[test]
fn what_a_batch_makes_it_can_fill() {
    let roadmap = roadmap();
    let batch = Op::batch(vec![create(), set(1, value(key(), gold()))]);
    assert_eq!(allowed(&roadmap, &batch), Ok(()));
    let wrong = Op::batch(vec![create(), set(1, value(key(), Some(Value::Yes)))]);
    assert!(matches!(allowed(&roadmap, &wrong), Err(Reject::InvalidValue(_))));
}

#[test]
fn a_required_field_is_needed_from_its_status_on_and_not_lost_there() {
    let mut roadmap = roadmap();
    let cost: FieldKey = "cost".parse().unwrap();
    let need = |from| set_field("cost".parse().unwrap(), FieldChange::RequiredFrom(from));
    let status = |number, status| set(number, ItemChange::Status(status));
    let fill = |number| set(number, value("cost".parse().unwrap(), Some(Value::Number(100))));
    let refused = Err(Reject::RequiredField { field: "Cost".to_owned(), from: Status::Planned });
    done(&mut roadmap, &status(3, Status::Planned), 1);
    done(&mut roadmap, &need(Some(Status::Planned)), 1);

    assert_eq!(allowed(&roadmap, &status(1, Status::Planned)), refused);
    assert_eq!(allowed(&roadmap, &status(1, Status::Done)), refused);
    assert_eq!(allowed(&roadmap, &status(1, Status::Dropped)), Ok(()));
    assert_eq!(allowed(&roadmap, &set(3, ItemChange::Title(title("Still")))), Ok(()), "it was so before");
    let both = Op::batch(vec![status(1, Status::Planned), fill(1)]);
    assert_eq!(allowed(&roadmap, &both), Ok(()), "whatever the order within a step");
    done(&mut roadmap, &both, 1);
    assert_eq!(allowed(&roadmap, &set(1, value(cost, None))), refused);

    let mut fields = crate::ItemFields::titled(title("New"));
    fields.status = Status::InProgress;
    let new = |fields: &crate::ItemFields| Op::CreateItem {
        id: item(9),
        lane: lane(1),
        place: crate::Place::Last,
        fields: Box::new(fields.clone()),
    };
    assert_eq!(allowed(&roadmap, &new(&fields)), refused);
    fields.values.insert("cost".parse().unwrap(), Value::Number(1));
    assert_eq!(allowed(&roadmap, &new(&fields)), Ok(()));

    done(&mut roadmap, &set_field("cost".parse().unwrap(), FieldChange::Used(false)), 1);
    assert_eq!(allowed(&roadmap, &status(2, Status::Done)), Ok(()), "nobody needs what is not used");
}

#[test]
fn fields_are_changed_and_changed_back() {
    let mut roadmap = roadmap();
    done(&mut roadmap, &create(), 1);
    for change in [
        FieldChange::Label("Level".parse().unwrap()),
        FieldChange::Used(false),
        FieldChange::RequiredFrom(Some(Status::Done)),
        FieldChange::Place(crate::Place::First),
    ] {
        done_and_taken_back(&roadmap, &set_field(key(), change), 1);
    }
}
