//! What takes a moment: reading a file, and importing it.

use domain::exchange::Progress;
use leptos::prelude::*;

use super::Import;

/// While the server reads a file. Only shown when that takes long.
#[component]
pub(super) fn Reading() -> impl IntoView {
    let import = expect_context::<Import>();
    view! {
        <Show when=move || import.busy.get()>
            <section class="panel stack import__reading" aria-labelledby="reading">
                <h2 id="reading">"Reading the file…"</h2>
                <progress aria-labelledby="reading"></progress>
                <button type="button" class="button" on:click=move |_| import.start_over()>
                    "Cancel"
                </button>
            </section>
        </Show>
    }
}

/// While the import runs.
#[component]
pub(super) fn Running() -> impl IntoView {
    let import = expect_context::<Import>();
    let heading = NodeRef::<leptos::html::H2>::new();
    // The button that had the focus is gone.
    Effect::new(move |_| {
        if let Some(heading) = heading.get() {
            drop(heading.focus());
        }
    });
    let progress = move || import.progress.get().unwrap_or_default();
    let name = import.file.get_untracked().map(|file| file.name).unwrap_or_default();
    view! {
        <section class="panel stack" aria-labelledby="running">
            <h2 id="running" tabindex="-1" node_ref=heading>
                "Importing " {name}
            </h2>
            <progress
                aria-labelledby="running"
                aria-describedby="running-rows"
                max=move || (progress().rows.max(1) * 2).to_string()
                value=move || {
                    let Progress { rows, checked, saved } = progress();
                    (rows > 0).then(|| (checked + saved).to_string())
                }
            ></progress>
            <p id="running-rows" class="import__line">
                {move || in_words(progress())}
            </p>
            <p class="quiet">"Keep this page open. Leaving it cancels the import."</p>
            <button
                type="button"
                class="button"
                disabled=move || import.cancelling.get()
                on:click=move |_| import.cancel()
            >
                {move || if import.cancelling.get() { "Cancelling…" } else { "Cancel the import" }}
            </button>
        </section>
    }
}

fn in_words(progress: Progress) -> String {
    let Progress { rows, checked, saved } = progress;
    match (rows, saved) {
        (0, _) => "Reading the file…".to_owned(),
        (_, 0) => format!("Checking: {} of {} rows", grouped(checked), grouped(rows)),
        _ => format!("Saving: {} of {} rows", grouped(saved), grouped(rows)),
    }
}

/// `20,000`.
fn grouped(number: u32) -> String {
    match number {
        1_000.. => format!("{},{:03}", number / 1_000, number % 1_000),
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_said_in_rows_of_the_file() {
        let said = |rows, checked, saved| in_words(Progress { rows, checked, saved });
        assert_eq!(said(0, 0, 0), "Reading the file…");
        assert_eq!(said(20_000, 900, 0), "Checking: 900 of 20,000 rows");
        assert_eq!(said(20_000, 20_000, 4_005), "Saving: 4,005 of 20,000 rows");
    }
}
