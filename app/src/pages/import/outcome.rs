//! The third step: what would happen, and what has happened.

use domain::{
    counted,
    exchange::{Counts, Loss, Preview, PreviewRow, Problem},
    plural,
};
use leptos::prelude::*;
use leptos_router::components::A;

use super::{Import, step};

#[component]
pub(super) fn Outlook() -> impl IntoView {
    let import = expect_context::<Import>();
    let refusal = move || {
        let refused = import.preview.read().as_ref().and_then(|preview| preview.refused.clone());
        refused.map(|sentence| view! { <p class="notice notice--error">{sentence}</p> })
    };
    let forecast = move || {
        let preview = import.preview.get().filter(|preview| preview.refused.is_none());
        preview.map(|preview| view! { <Forecast preview /> })
    };
    let nothing = move || {
        import.preview.read().as_ref().is_none_or(|preview| {
            preview.refused.is_some() || preview.counts.created + preview.counts.updated == 0
        })
    };
    let button = NodeRef::<leptos::html::Button>::new();
    // An import was cancelled, and with it went the button that had the focus.
    Effect::new(move |_| {
        if let Some(button) = button.get()
            && import.cancelling.get_untracked()
        {
            import.cancelling.set(false);
            drop(button.focus());
        }
    });
    view! {
        <section class="panel stack" aria-labelledby="step-outlook">
            {step("step-outlook", "3", "Check what will happen")}
            <div role="alert">{refusal}</div>
            {forecast}
        </section>
        // At hand from the first step on.
        <div class="import__foot">
            <button
                type="button"
                class="button button--primary"
                node_ref=button
                disabled=move || nothing() || import.busy.get()
                on:click=move |_| import.run()
            >
                {move || label(import)}
            </button>
            <button type="button" class="button button--quiet" on:click=move |_| import.start_over()>
                "Start over"
            </button>
        </div>
    }
}

fn label(import: Import) -> String {
    let count =
        import.preview.read().as_ref().map_or(0, |preview| preview.counts.created + preview.counts.updated);
    match (import.busy.get(), count) {
        (true, _) => "One moment…".to_owned(),
        (false, 0) => "Nothing to import".to_owned(),
        (false, count) => format!("Import {}", items(count)),
    }
}

#[component]
fn Forecast(preview: Preview) -> impl IntoView {
    let Preview { counts, new_lanes, new_fields, problems, rows, .. } = preview;
    view! {
        <Figures counts />
        {(!new_fields.is_empty())
            .then(|| {
                view! {
                    <p>
                        {plural(new_fields.len(), "A new field: ", "New fields: ")}
                        <strong dir="auto">{new_fields.join(", ")}</strong>
                    </p>
                }
            })}
        {(!new_lanes.is_empty())
            .then(|| {
                view! {
                    <p>
                        {plural(new_lanes.len(), "A new lane: ", "New lanes: ")}
                        <strong dir="auto">{new_lanes.join(", ")}</strong>
                    </p>
                }
            })}
        <Problems problems />
        <FirstRows rows total=counts.created + counts.updated + counts.unchanged />
    }
}

#[component]
fn Figures(counts: Counts) -> impl IntoView {
    let figure = |class: &'static str, label: &'static str, count: u32| {
        view! {
            <div class=format!("import__figure import__figure--{class}")>
                <dt>{label}</dt>
                <dd data-count=class>{count}</dd>
            </div>
        }
    };
    view! {
        <dl class="import__figures">
            {figure("created", "New", counts.created)}
            {figure("updated", "Changed", counts.updated)}
            {figure("unchanged", "Unchanged", counts.unchanged)}
            {figure("problems", "Left out", counts.left_out)}
        </dl>
    }
}

/// What is not taken as it is in the file, each cause once.
#[component]
fn Problems(problems: Vec<Problem>) -> impl IntoView {
    Loss::ALL
        .iter()
        .map(|loss| {
            let these: Vec<Problem> =
                problems.iter().filter(|problem| problem.loss == *loss).cloned().collect();
            (!these.is_empty()).then(|| {
                let rows = these.into_iter().map(|problem| view! { <Cause problem /> }).collect_view();
                let id = format!("problems-{}", loss.as_str());
                view! {
                    <h3 id=id.clone()>{loss.label()}</h3>
                    <div class="import__scroll" tabindex="0" role="group" aria-labelledby=id>
                        <table class="table import__problems" data-loss=loss.as_str()>
                            <thead>
                                <tr>
                                    <th scope="col">"Count"</th>
                                    <th scope="col">"Column"</th>
                                    <th scope="col">"Why"</th>
                                    <th scope="col">"Lines"</th>
                                </tr>
                            </thead>
                            <tbody>{rows}</tbody>
                        </table>
                    </div>
                }
            })
        })
        .collect_view()
}

#[component]
fn Cause(problem: Problem) -> impl IntoView {
    let Problem { column, sentence, count, lines, examples, .. } = problem;
    let more = if count as usize > lines.len() { ", …" } else { "" };
    let lines: Vec<String> = lines.iter().map(u64::to_string).collect();
    view! {
        <tr>
            <td class="import__line">{count}</td>
            <td dir="auto">{column}</td>
            <td dir="auto">
                {sentence}
                {(!examples.is_empty())
                    .then(|| view! { " " <span class="quiet">"“" {examples.join("”, “")} "”"</span> })}
            </td>
            <td class="import__line">{lines.join(", ")} {more}</td>
        </tr>
    }
}

/// How many rows are seen at first.
const FEW: usize = 10;

#[component]
fn FirstRows(rows: Vec<PreviewRow>, total: u32) -> impl IntoView {
    (!rows.is_empty()).then(|| {
        let shown = rows.len();
        let all = RwSignal::new(false);
        let rows = rows
            .into_iter()
            .enumerate()
            .map(|(index, row)| {
                let beyond = move || index >= FEW && !all.get();
                view! {
                    <tr hidden=beyond>
                        <td class="import__line">{row.line}</td>
                        <td class="import__title" dir="auto">
                            {row.title}
                        </td>
                        <td>
                            <span class=format!("import__fate import__fate--{}", row.fate.as_str())>
                                {row.fate.label()}
                            </span>
                        </td>
                        <td class="import__lane" dir="auto">
                            {row.lane}
                        </td>
                        <td class="quiet import__details" dir="auto">
                            {row.details.join(" · ")}
                        </td>
                    </tr>
                }
            })
            .collect_view();
        let heading = move || {
            let seen = if all.get() { shown } else { shown.min(FEW) };
            if seen < total as usize {
                format!("Preview: first {seen} of {}", items(total))
            } else {
                "Preview".to_owned()
            }
        };
        let more = (shown > FEW).then(|| {
            let which = if shown < total as usize { "the first" } else { "all" };
            let more = format!("Show {which} {shown}");
            let label = move || if all.get() { "Show fewer".to_owned() } else { more.clone() };
            view! {
                <button type="button" class="button" on:click=move |_| all.update(|open| *open = !*open)>
                    {label}
                </button>
            }
        });
        view! {
            <h3 id="first-rows">{heading}</h3>
            <div class="import__scroll" tabindex="0" role="group" aria-labelledby="first-rows">
                <table class="table import__rows">
                    <thead>
                        <tr>
                            <th scope="col">"Line"</th>
                            <th scope="col">"Title"</th>
                            <th scope="col">"Result"</th>
                            <th scope="col">"Lane"</th>
                            <th scope="col">"Details"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {more}
        }
    })
}

/// What was imported, and the way to it.
#[component]
pub(super) fn Done() -> impl IntoView {
    let import = expect_context::<Import>();
    let heading = NodeRef::<leptos::html::H2>::new();
    // The button that had the focus is gone; the result is what comes next.
    Effect::new(move |_| {
        if let Some(heading) = heading.get() {
            drop(heading.focus());
        }
    });
    let result = move || {
        import.done.get().map(|done| {
            view! {
                <Figures counts=done.counts />
                <Problems problems=done.problems />
            }
        })
    };
    let can_undo = move || import.done.read().as_ref().is_some_and(|done| !done.undo.is_empty());
    view! {
        <section class="panel stack" aria-labelledby="result">
            <h2 id="result" tabindex="-1" node_ref=heading>
                {move || import.done.read().as_ref().map(|done| said(done.counts))}
            </h2>
            {result}
            <div class="row">
                <A href=format!("/p/{}", import.key.get_value()) attr:class="button button--primary">
                    "Open the board"
                </A>
                <Show when=can_undo>
                    <button
                        type="button"
                        class="button"
                        disabled=move || import.busy.get()
                        on:click=move |_| import.undo()
                    >
                        "Undo the import"
                    </button>
                </Show>
                <button type="button" class="button button--quiet" on:click=move |_| import.start_over()>
                    "Import another file"
                </button>
            </div>
        </section>
    }
}

fn said(counts: Counts) -> String {
    let mut said = match (counts.created, counts.updated) {
        (0, 0) if counts.left_out > 0 => "Nothing was changed".to_owned(),
        (0, 0) => "Nothing had to be changed".to_owned(),
        (created, 0) => format!("{} added", items(created)),
        (0, updated) => format!("{} changed", items(updated)),
        (created, updated) => format!("{} added, {updated} changed", items(created)),
    };
    if counts.left_out > 0 {
        said += &format!(", {} left out", counted(counts.left_out, "row", "rows"));
    }
    said
}

fn items(count: u32) -> String {
    counted(count, "item", "items")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_are_left_out_are_said_first_of_all() {
        let said =
            |created, updated, left_out| said(Counts { created, updated, left_out, ..Counts::default() });
        assert_eq!(said(20_000, 0, 30_000), "20000 items added, 30000 rows left out");
        assert_eq!(said(1, 2, 1), "1 item added, 2 changed, 1 row left out");
        assert_eq!(said(0, 0, 3), "Nothing was changed, 3 rows left out");
        assert_eq!(said(0, 0, 0), "Nothing had to be changed");
    }
}
