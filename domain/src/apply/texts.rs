//! Texts that several people write at once.

use std::sync::Arc;

use crate::{
    Change, CommentBody, CommentId, Context, Delta, Description, Effects, Field, FieldValue, InvalidText,
    ItemId, Op, Reject, Roadmap, TextOf,
};

use super::{comments, items};

pub(super) fn edit(
    roadmap: &mut Roadmap,
    text: TextOf,
    delta: &Delta,
    context: &Context,
    effects: &mut Effects,
) -> Result<(), Reject> {
    let inverse = match text {
        TextOf::Description(id) => edit_description(roadmap, id, delta, effects)?,
        TextOf::Comment(id) => edit_comment(roadmap, id, delta, context, effects)?,
    };
    effects.inverse.extend(inverse.map(|delta| Op::EditText { text, base: 0, delta }));
    Ok(())
}

fn edit_description(
    roadmap: &mut Roadmap,
    id: ItemId,
    delta: &Delta,
    effects: &mut Effects,
) -> Result<Option<Delta>, Reject> {
    let item = items::live(roadmap, id)?;
    let before = &item.fields.description;
    let Some((after, inverse)) = changed(before, delta)? else { return Ok(None) };
    let after = Description::parse(&after).map_err(invalid)?;
    let (old, new) = changed_lines(before, &after);
    effects.changes.push(Change::ItemSet {
        item: id,
        title: item.fields.title.to_string(),
        field: Field::Description,
        before: FieldValue::of(old.to_owned()),
        after: FieldValue::of(new.to_owned()),
    });
    effects.touched.items.insert(id);
    let item = roadmap.items.get_mut(&id).expect("it was just found");
    Arc::make_mut(item).fields.description = after;
    Ok(Some(inverse))
}

fn edit_comment(
    roadmap: &mut Roadmap,
    id: CommentId,
    delta: &Delta,
    context: &Context,
    effects: &mut Effects,
) -> Result<Option<Delta>, Reject> {
    let comment = roadmap.comment(id).ok_or(Reject::UnknownComment)?;
    if comment.deleted.is_some() {
        return Err(Reject::CommentDeleted);
    }
    let Some((after, inverse)) = changed(&comment.body, delta)? else { return Ok(None) };
    let body = CommentBody::parse(&after).map_err(invalid)?;
    comments::edit(roadmap, id, &body, context, effects)?;
    effects.inverse.clear();
    Ok(Some(inverse))
}

/// The text after the change, and what takes it back; nothing when it leaves every text as it is.
fn changed(before: &str, delta: &Delta) -> Result<Option<(String, Delta)>, Reject> {
    let (after, inverse) = delta.apply(before).zip(delta.invert(before)).ok_or(Reject::StaleText)?;
    if delta.inserted().any(|text| text.contains('\r')) {
        // Texts are kept without it, and what is kept must be exactly what the change makes.
        return Err(Reject::InvalidText("A line ends with a line feed alone.".to_owned()));
    }
    Ok((after != before).then_some((after, inverse)))
}

fn invalid(error: InvalidText) -> Reject {
    Reject::InvalidText(error.to_string())
}

/// The lines in which two texts differ, from the first to the last.
fn changed_lines<'a>(before: &'a str, after: &'a str) -> (&'a str, &'a str) {
    let same = |(a, b): &(char, char)| a == b;
    let equal: usize = before.chars().zip(after.chars()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
    let start = before[..equal].rfind('\n').map_or(0, |end| end + 1);
    let (before, after) = (&before[start..], &after[start..]);
    let ends = before.chars().rev().zip(after.chars().rev());
    let equal: usize = ends.take_while(same).map(|(c, _)| c.len_utf8()).sum();
    let end = before[before.len() - equal..].find('\n').map_or(0, |end| equal - end);
    (&before[..before.len() - end], &after[..after.len() - end])
}
