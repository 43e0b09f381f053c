//! JSON changed by its structure, so that it stays JSON and comes further than broken bytes do.

use rand::{Rng, RngExt as _, seq::IndexedRandom as _};
use serde_json::{Value, json};

/// The deepest a value is wrapped up.
const DEEPEST: usize = 140;

/// One value with a piece changed, or put in from another; `None` when the first is no JSON.
pub(crate) fn mangled(one: &[u8], other: &[u8], words: &[&str], random: &mut impl Rng) -> Option<Vec<u8>> {
    let mut value: Value = serde_json::from_slice(one).ok()?;
    let other: Value = serde_json::from_slice(other).unwrap_or(Value::Null);
    for _ in 0..random.random_range(1..4) {
        let place = pick(&mut value, random);
        change(place, &other, words, random);
    }
    serde_json::to_vec(&value).ok()
}

/// Any place inside, each as likely as the others of its list.
fn pick<'a>(value: &'a mut Value, random: &mut impl Rng) -> &'a mut Value {
    let inner = match &*value {
        Value::Array(list) => list.len(),
        Value::Object(fields) => fields.len(),
        _ => 0,
    };
    if inner == 0 || random.random_ratio(1, 4) {
        return value;
    }
    let index = random.random_range(0..inner);
    let inside = match value {
        Value::Array(list) => list.get_mut(index),
        Value::Object(fields) => fields.values_mut().nth(index),
        _ => None,
    };
    pick(inside.expect("it was counted"), random)
}

fn change(place: &mut Value, other: &Value, words: &[&str], random: &mut impl Rng) {
    match (random.random_range(0..10), &mut *place) {
        (0, Value::Array(list)) if !list.is_empty() => {
            list.remove(random.random_range(0..list.len()));
        }
        (1, Value::Array(list)) if !list.is_empty() => {
            let again = list[random.random_range(0..list.len())].clone();
            let often = 1 << random.random_range(0..10);
            list.extend(std::iter::repeat_n(again, often));
        }
        (2, Value::Array(list)) if list.len() > 1 => {
            let (a, b) = (random.random_range(0..list.len()), random.random_range(0..list.len()));
            list.swap(a, b);
        }
        (0, Value::Object(fields)) if !fields.is_empty() => {
            let name = fields.keys().nth(random.random_range(0..fields.len())).cloned();
            fields.remove(&name.expect("it was counted"));
        }
        (1, Value::Object(fields)) if !fields.is_empty() => {
            let value = fields.values().nth(random.random_range(0..fields.len())).cloned();
            fields.insert(
                words.choose(random).copied().unwrap_or("more").to_owned(),
                value.unwrap_or_default(),
            );
        }
        (2, Value::Object(fields)) if !fields.is_empty() => {
            let name = fields.keys().nth(random.random_range(0..fields.len())).cloned();
            let value = fields.remove(&name.expect("it was counted")).unwrap_or_default();
            fields.insert(words.choose(random).copied().unwrap_or("other").to_owned(), value);
        }
        (3, Value::String(text)) => text.push_str(words.choose(random).copied().unwrap_or("\u{200b}")),
        (4, Value::String(text)) => *text = text.repeat(1 << random.random_range(1..9)),
        (3 | 4, Value::Number(number)) => {
            let near = number.as_i64().unwrap_or_default();
            *place = json!(near.wrapping_add(random.random_range(-2..=2)));
        }
        (5 | 6, _) => *place = piece(other, random),
        (7, _) => {
            let depth = random.random_range(1..DEEPEST);
            let inside = place.take();
            *place = (0..depth).fold(inside, |inside, _| json!([inside]));
        }
        (8, _) => *place = json!(words.choose(random).copied().unwrap_or_default()),
        _ => *place = extreme(random),
    }
}

fn piece(other: &Value, random: &mut impl Rng) -> Value {
    pick(&mut other.clone(), random).take()
}

fn extreme(random: &mut impl Rng) -> Value {
    match random.random_range(0..12) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(0),
        3 => json!(-1),
        4 => json!(u64::MAX),
        5 => json!(i64::MIN),
        6 => json!(1.5),
        7 => json!(1e300),
        8 => json!(""),
        9 => json!([]),
        10 => json!({}),
        _ => json!("x".repeat(random.random_range(0..30_000))),
    }
}
