//! Lists by key.

use std::sync::Arc;

use leptos::prelude::*;
use uuid::Uuid;

/// A view for each key of a list; it is moved, not made anew, when the list changes. What a first visit loads makes all its
/// lists here: a `For` of its own weighs two kilobytes.
pub(crate) fn each(
    list: impl Fn() -> Vec<Uuid> + Send + 'static,
    child: impl Fn(Uuid) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    erased(Box::new(list), Arc::new(child))
}

type List = Box<dyn Fn() -> Vec<Uuid> + Send>;
type Child = Arc<dyn Fn(Uuid) -> AnyView + Send + Sync>;

fn erased(list: List, child: Child) -> AnyView {
    view! { <For each=list key=|key| *key children=move |key| child(key) /> }.into_any()
}
