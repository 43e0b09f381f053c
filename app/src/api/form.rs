//! Forms that work before the application is alive, and keep what was typed when they are refused.
//!
//! Once it is alive, a form is sent in the background and its inputs are left alone. Before, the browser posts it and
//! is sent back to the page; the refusal and the texts stay on the server until they are shown, and a cookie leads to them.

use std::{collections::BTreeMap, fmt, str::FromStr};

use leptos::{prelude::*, server_fn::ServerFn};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::ApiError;

/// What a form that was posted without the application brought back to its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Returned {
    /// The path of the server function that refused.
    pub(crate) path: String,
    /// Why it was refused; `None` when it was not, and `typed` has what came of it.
    pub(crate) error: Option<ApiError>,
    /// What was typed, by field; never a password.
    pub(crate) typed: BTreeMap<String, String>,
}

/// An id within brackets of a field's name, as in `amounts[id-01938a4e-…]`. What begins with a digit there is taken for a
/// place in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldKey<Id>(pub Id);

const FIELD_KEY: &str = "id-";

impl<Id: fmt::Display> fmt::Display for FieldKey<Id> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{FIELD_KEY}{}", self.0)
    }
}

impl<Id: fmt::Display> Serialize for FieldKey<Id> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, Id: FromStr> Deserialize<'de> for FieldKey<Id> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let id = text.strip_prefix(FIELD_KEY).and_then(|id| id.parse().ok());
        id.map(FieldKey).ok_or_else(|| D::Error::custom("the name of a field holds no id"))
    }
}

/// A form, what it said before, and what is wrong with it.
pub(crate) struct FormState<S: ServerFn + 'static>
where
    S::Output: 'static,
{
    pub(crate) action: ServerAction<S>,
    returned: StoredValue<Option<Returned>>,
}

impl<S: ServerFn + 'static> Clone for FormState<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: ServerFn + 'static> Copy for FormState<S> {}

/// A form that calls the server function `S` and then goes to the address it returns, as a whole new page: whoever is
/// asking may have changed. Call it where a page begins, never inside a `Suspend`: server and browser have to come by
/// in the same order.
pub(crate) fn use_form<S>() -> FormState<S>
where
    S: ServerFn<Output = String, Error = ApiError> + Clone + Send + Sync + 'static,
{
    let form = use_form_here();
    follow(form.action);
    form
}

/// As [`use_form`], for a form whose page stays when it was accepted and does `done` then.
pub(crate) fn use_form_and<S>(done: impl Fn() + 'static) -> FormState<S>
where
    S: ServerFn<Error = ApiError> + Clone + Send + Sync + 'static,
    S::Output: Send + Sync + 'static,
{
    let form = use_form_here();
    let action: ServerAction<S> = form.action;
    Effect::new(move || {
        if action.value().with(|value| value.as_ref().is_some_and(Result::is_ok)) {
            crate::platform::forget_sent();
            done();
        }
    });
    form
}

fn use_form_here<S>() -> FormState<S>
where
    S: ServerFn<Error = ApiError> + Clone + Send + Sync + 'static,
    S::Output: Send + Sync + 'static,
{
    let action = ServerAction::<S>::new();
    #[cfg(feature = "ssr")]
    let returned = SharedValue::new(|| super::edge::take_returned(S::PATH)).into_inner();
    #[cfg(not(feature = "ssr"))]
    let returned = SharedValue::new(|| None::<Returned>).into_inner();
    FormState { action, returned: StoredValue::new(returned) }
}

/// Goes to the address the action returned, as a whole new page.
fn follow<S>(action: ServerAction<S>)
where
    S: ServerFn<Output = String, Error = ApiError> + Clone + Send + Sync + 'static,
{
    Effect::new(move || {
        if let Some(Ok(path)) = action.value().get() {
            crate::platform::forget_sent();
            crate::platform::go(&path);
        }
    });
}

impl<S> FormState<S>
where
    S: ServerFn<Error = ApiError> + Clone + Send + Sync + 'static,
    S::Output: Send + Sync + 'static,
{
    /// What stands in a field at first.
    pub(crate) fn typed(self, field: &str) -> String {
        self.returned.with_value(|returned| {
            returned.as_ref().and_then(|returned| returned.typed.get(field).cloned()).unwrap_or_default()
        })
    }

    /// What stands in a field at first: what was typed where the form was refused, otherwise what is known already.
    pub(crate) fn typed_or(self, field: &str, known: &str) -> String {
        if self.was_refused() { self.typed(field) } else { known.to_owned() }
    }

    /// Whether the page was loaded because the form was refused.
    pub(crate) fn was_refused(self) -> bool {
        self.returned.with_value(|returned| returned.as_ref().is_some_and(|it| it.error.is_some()))
    }

    /// What is wrong with one field.
    pub(crate) fn error_of(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.error().filter(|error| error.field.as_deref() == Some(field)).map(|error| error.sentence)
        })
    }

    /// What is wrong with no field in particular.
    pub(crate) fn general_error(self) -> Signal<Option<String>> {
        Signal::derive(move || self.error().filter(|error| error.field.is_none()).map(|error| error.sentence))
    }

    /// Whether an answer is being waited for.
    pub(crate) fn pending(self) -> Memo<bool> {
        self.action.pending()
    }

    /// What is wrong, wherever it is.
    pub(crate) fn error(self) -> Option<ApiError> {
        self.action.value().with(|value| match value {
            Some(Err(error)) => Some(error.clone()),
            Some(Ok(_)) => None,
            None => self.returned.with_value(|returned| returned.as_ref()?.error.clone()),
        })
    }
}

/// Why one of the forms at these paths was refused, where it was posted without the application. Call it where a page begins,
/// as [`use_form`].
pub(crate) fn use_refusal(paths: &'static [&'static str]) -> Option<String> {
    #[cfg(feature = "ssr")]
    let find = move || super::edge::take_returned_of(paths)?.sentence();
    #[cfg(not(feature = "ssr"))]
    let find = move || paths.first().and(None::<String>);
    SharedValue::new(find).into_inner()
}

#[cfg(feature = "ssr")]
impl Returned {
    /// Why the form was refused.
    pub(crate) fn sentence(self) -> Option<String> {
        self.error.map(|error| error.sentence)
    }
}

#[cfg(test)]
mod tests {
    use domain::ItemId;

    use super::*;

    #[test]
    fn an_id_can_stand_in_the_name_of_a_field() {
        let key = FieldKey(ItemId::new(1_795_000_000_000, [7; 10]));
        let amounts = BTreeMap::from([(key, "3".to_owned())]);
        let written = serde_json::to_string(&amounts).unwrap();
        assert_eq!(written, format!("{{\"id-{}\":\"3\"}}", key.0));
        assert_eq!(serde_json::from_str::<BTreeMap<FieldKey<ItemId>, String>>(&written).unwrap(), amounts);
        assert!(serde_json::from_str::<FieldKey<ItemId>>("\"amount\"").is_err());
    }
}
