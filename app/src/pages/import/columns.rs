//! The second step: as what each column is imported.

use domain::exchange::{Choice, Column, Preview, Question, Questions, Target};
use leptos::prelude::*;
use leptos_router::components::A;

use super::{Import, step};

#[component]
pub(super) fn Columns() -> impl IntoView {
    let import = expect_context::<Import>();
    // Only a new file makes new rows, so that a column that is corrected keeps the focus.
    let rows = move || import.columns.get().into_iter().map(|column| view! { <Row column /> }).collect_view();
    view! {
        <section class="panel stack" aria-labelledby="step-columns">
            {step("step-columns", "2", "Check the columns")}
            <p class="quiet">
                {move || import.preview.read().as_ref().map(|preview| preview.source.join(" · ")).filter(|source| !source.is_empty()).map(|source| view! { <strong dir="auto">{source}</strong> ". " })}
                "Check what each column is imported as."
            </p>
            <div class="import__scroll" tabindex="0" role="group" aria-labelledby="step-columns">
                <table class="table import__columns">
                    <thead>
                        <tr>
                            <th scope="col">"Column"</th>
                            <th scope="col">"First values"</th>
                            <th scope="col">"Import as"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
}

#[component]
fn Row(column: Column) -> impl IntoView {
    let import = expect_context::<Import>();
    let Column { header, samples, .. } = column;
    let target = import.mapping.read_untracked().target(&header);
    let own =
        import.preview.read_untracked().as_ref().map(|preview| preview.fields.clone()).unwrap_or_default();
    let options = Target::all()
        .map(|target| (target, target.label().to_owned()))
        .chain(own)
        .map(|(choice, name)| {
            view! {
                <option value=choice.stored() selected=choice == target>
                    {name}
                </option>
            }
        })
        .collect_view();
    let label = format!("Import {header} as");
    let assigned = header.clone();
    let assign = move |event| {
        if let Ok(target) = event_target_value(&event).parse() {
            import.assign(&assigned, target);
        }
    };
    view! {
        <tr>
            <th scope="row" class="import__header" dir="auto">
                {header}
            </th>
            <td class="import__samples" dir="auto">
                {if samples.is_empty() { "(empty)".to_owned() } else { samples.join(" · ") }}
            </td>
            <td>
                <select class="import__target" aria-label=label on:change=assign>
                    {options}
                </select>
            </td>
        </tr>
    }
}

/// What can be chosen about the file and its values, group by group.
#[component]
pub(super) fn Choices() -> impl IntoView {
    let import = expect_context::<Import>();
    let of = |preview: &Option<Preview>| preview.as_ref().map(|it| it.questions.clone()).unwrap_or_default();
    // An answer alone makes no new lists, so that a list stays open, and what was answered keeps the focus.
    let asked = Memo::new(move |_| {
        let mut groups = of(&import.preview.read());
        groups.iter_mut().flat_map(|group| &mut group.questions).for_each(|it| it.answer.clear());
        groups
    });
    let groups = move || {
        // Read, and not only tracked: a memo follows nothing before it is computed.
        let groups = asked.with(|_| of(&import.preview.read_untracked()));
        groups.into_iter().map(|group| view! { <Group group /> }).collect_view()
    };
    view! { <div class="import__choices">{groups}</div> }
}

/// Long lists of values are folded up; what they are imported as is what most people want.
#[component]
fn Group(group: Questions) -> impl IntoView {
    let import = expect_context::<Import>();
    let Questions { title, options, questions } = group;
    let about_people = questions.first().is_some_and(|question| question.id.starts_with("owner:"));
    let is_short = questions.len() <= 6 && !questions.iter().any(|question| question.id.starts_with("tag:"));
    let heading = if questions.len() == 1 { title.clone() } else { format!("{title} ({})", questions.len()) };
    let (known, others): (Vec<_>, Vec<_>) =
        options.into_iter().partition(|choice| choice.id.starts_with('='));
    let rows = questions
        .into_iter()
        .map(|Question { id, label, count, answer }| {
            let option = |choice: &Choice| {
                view! {
                    <option value=choice.id.clone() selected=choice.id == answer>
                        {choice.label.clone()}
                    </option>
                }
            };
            let others = others.iter().map(option).collect_view();
            let known = (!known.is_empty())
                .then(|| view! { <optgroup label="Map to">{known.iter().map(option).collect_view()}</optgroup> });
            let name = if label.is_empty() { title.clone() } else { format!("{title}: {label}") };
            view! {
                <div class="import__choice">
                    <span><span dir="auto">{label}</span> " " {(count > 0).then(|| view! { <span class="quiet">{count} "×"</span> })}</span>
                    <select
                        class="import__target"
                        aria-label=name
                        on:change=move |event| import.answer(&id, event_target_value(&event))
                    >
                        {others} {known}
                    </select>
                </div>
            }
        })
        .collect_view();
    view! {
        <details class="import__group" open=is_short>
            <summary dir="auto">{heading}</summary>
            {rows}
            {about_people
                .then(|| {
                    view! {
                        <p class="quiet">
                            "You can " <A href="/people" attr:target="_blank">"invite people"</A>
                            " in another tab. Nothing chosen here is lost. " <button
                                type="button"
                                class="button button--quiet"
                                on:click=move |_| import.look_again()
                            >
                                "Check again"
                            </button>
                        </p>
                    }
                })}
        </details>
    }
}
