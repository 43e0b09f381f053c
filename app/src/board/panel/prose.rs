//! Text of people as it looks: HTML that the server made, whose check boxes can be ticked.

use domain::{Delta, Op, TextOf};
use leptos::{html::Div, prelude::*};
use wasm_bindgen::JsCast as _;
use web_sys::HtmlInputElement;

use super::{
    Board,
    missing::{AskAgain, PicturesHere},
};
use crate::platform;

#[component]
pub(super) fn Prose(
    board: Board,
    text: TextOf,
    /// Nothing where it cannot be had now: then the text is shown as it was typed.
    html: Signal<Option<String>>,
    /// Whether this person may tick what is in it.
    #[prop(into)]
    ticks: Signal<bool>,
) -> impl IntoView {
    let area = NodeRef::<Div>::new();
    // The check box that was ticked: it comes again with the next HTML, and has the focus then as before.
    let ticked_at = StoredValue::new(None::<usize>);
    let changed = move |event: web_sys::Event| {
        let target = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let Some(check_box) = target else { return };
        let done = check_box.checked();
        let at = check_box.get_attribute("data-at").and_then(|at| at.parse::<usize>().ok());
        let delta = at
            .filter(|_| ticks.get_untracked())
            .and_then(|at| board.room.with(|roadmap| ticked(roadmap.text(text)?, at, done)));
        let label = if done { "Ticked a task." } else { "Unticked a task." };
        let kept =
            delta.is_some_and(|delta| board.room.edit_undoable(Op::EditText { text, base: 0, delta }, label));
        if !kept {
            check_box.set_checked(!done);
        } else if platform::focused().is_some_and(|focused| *focused == **check_box) {
            ticked_at.set_value(at);
        }
    };
    let class = move || if ticks.get() { "prose" } else { "prose prose--fixed" };
    let shown = Memo::new(move |_| html.get());
    let ask_again = use_context::<AskAgain>();
    Effect::new(move |_| {
        if let Some(ask_again) = ask_again {
            shown.with(|html| ask_again.look(html.as_deref().unwrap_or_default()));
        }
    });
    Effect::new(move |_| {
        shown.track();
        let Some(at) = ticked_at.try_update_value(Option::take).flatten() else { return };
        platform::after_effects(move || {
            let area = area.try_get_untracked().flatten();
            let selector = format!("[data-at='{at}']");
            let again = area.and_then(|area| area.query_selector(&selector).ok().flatten());
            if let Some(again) = again.and_then(|again| again.dyn_into().ok()) {
                platform::focus(&again);
            }
        });
    });
    move || match shown.get() {
        Some(html) => {
            view! { <div class=class dir="auto" node_ref=area inner_html=html on:change=changed></div> }
                .into_any()
        }
        None => {
            let typed = move |_: Option<&String>| {
                board.room.track(|roadmap| roadmap.text(text).unwrap_or_default().to_owned())
            };
            let typed = Memo::new(typed);
            view! {
                <p class="prose prose--typed" dir="auto">{typed}</p>
                <PicturesHere board text=typed />
            }
            .into_any()
        }
    }
}

/// What ticks the task whose brackets stand at a byte of the text, or nothing where none stand there any more.
fn ticked(text: &str, at: usize, done: bool) -> Option<Delta> {
    let end = at.checked_add(3)?;
    if !matches!(text.get(at..end)?, "[ ]" | "[x]" | "[X]") {
        return None;
    }
    let mut changed = text.to_owned();
    changed.replace_range(at..end, if done { "[x]" } else { "[ ]" });
    Some(Delta::between(text, &changed))
}

#[cfg(test)]
mod tests {
    use super::ticked;

    #[test]
    fn a_task_is_ticked_where_its_brackets_are() {
        let text = "Über\n- [ ] a\n- [X] b";
        let after = |at, done| ticked(text, at, done).and_then(|delta| delta.apply(text));
        assert_eq!(after(8, true).as_deref(), Some("Über\n- [x] a\n- [X] b"));
        assert_eq!(after(16, false).as_deref(), Some("Über\n- [ ] a\n- [ ] b"));
        for nothing in [0, 1, 7, 9, 18, 100, usize::MAX] {
            assert!(after(nothing, true).is_none(), "{nothing}");
        }
    }
}
