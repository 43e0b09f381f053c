//! Taking the order of a result over to the boards, and back.

use domain::{Op, RoadmapId, VotingId};
use leptos::{prelude::*, task::spawn_local};

use crate::{pages::voting::api::run, ui::Toasts};

/// The button that does it, for those who run the session.
#[component]
pub(super) fn TakeOrder(
    id: VotingId,
    /// The keys of the products whose items are in the result.
    boards: Vec<String>,
    /// The quorum in percent that the result missed.
    missed: Option<u32>,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let busy = RwSignal::new(false);
    // What takes it back, until that was done.
    let done = RwSignal::new(None::<Vec<(RoadmapId, Vec<Op>)>>);
    let in_order = RwSignal::new(false);
    let take_back = move || {
        let Some(undo) = done.get_untracked() else { return };
        done.set(None);
        in_order.set(false);
        spawn_local(async move {
            match run::undo_take_order(id, undo).await {
                Ok(()) => toasts.info("The cards are back where they were."),
                Err(error) => toasts.error(error.to_string()),
            }
        });
    };
    let take = move |_| {
        busy.set(true);
        spawn_local(async move {
            match run::take_order(id, missed.is_some()).await {
                Ok(undo) if undo.is_empty() => {
                    in_order.set(true);
                    toasts.info("The cards are in this order already.");
                }
                Ok(undo) => {
                    in_order.set(true);
                    done.set(Some(undo));
                    toasts.undoable("The cards on the board are in this order now.", take_back);
                }
                Err(error) => toasts.error(error.to_string()),
            }
            busy.set(false);
        });
    };
    let one = boards.len() == 1;
    let open = boards
        .into_iter()
        .map(|key| {
            let label = if one { "Open the board".to_owned() } else { format!("Open the board of {key}") };
            view! {
                <a class="button button--primary" href=format!("/p/{key}") hidden=move || !in_order.get()>
                    {label}
                </a>
            }
        })
        .collect_view();
    view! {
        <div class="take-order needs-life">
            {match missed {
                None => {
                    view! {
                        <button
                            type="button"
                            class="button"
                            class:button--primary=move || !in_order.get()
                            disabled=busy
                            on:click=take
                        >
                            "Apply this order"
                        </button>
                    }
                        .into_any()
                }
                Some(quorum) => {
                    view! {
                        <details class="run__close">
                            <summary class="button">"Apply this order…"</summary>
                            <div class="run__sure">
                                <p>{format!("The quorum of {quorum} % was missed, so the result is not binding.")}</p>
                                <button type="button" class="button button--danger" disabled=busy on:click=take>
                                    "Apply anyway"
                                </button>
                            </div>
                        </details>
                    }
                        .into_any()
                }
            }}
            {open}
            <Show when=move || done.read().is_some()>
                <button type="button" class="button" on:click=move |_| take_back()>
                    "Undo"
                </button>
            </Show>
            <p class="field__hint">
                "Puts the cards of each lane in the order of the result, as one step that can be undone."
            </p>
        </div>
    }
}
