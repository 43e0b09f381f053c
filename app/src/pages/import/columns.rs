//! The second step: what each column is taken for.

use domain::exchange::{Column, Target};
use leptos::prelude::*;

use super::Import;

#[component]
pub(super) fn Columns() -> impl IntoView {
    let import = expect_context::<Import>();
    // Only a new file makes new rows, so that whoever corrects a column keeps the focus on it.
    let rows = move || import.columns.get().into_iter().map(|column| view! { <Row column /> }).collect_view();
    view! {
        <section class="panel stack" aria-labelledby="step-columns">
            <h2 id="step-columns">"2. Check the columns"</h2>
            <p class="quiet">"Guessed from the names and values of the columns. Correct what is wrong."</p>
            <div class="import__scroll" tabindex="0" role="group" aria-labelledby="step-columns">
                <table class="table import__columns">
                    <thead>
                        <tr>
                            <th scope="col">"Column"</th>
                            <th scope="col">"First values"</th>
                            <th scope="col">"Taken for"</th>
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
    let Column { header, samples, target } = column;
    let options = Target::ALL
        .iter()
        .map(|choice| {
            view! {
                <option value=choice.as_str() selected=*choice == target>
                    {choice.label()}
                </option>
            }
        })
        .collect_view();
    let label = format!("{header} is taken for");
    let assigned = header.clone();
    let assign = move |event| {
        if let Ok(target) = event_target_value(&event).parse() {
            import.assign(&assigned, target);
        }
    };
    view! {
        <tr>
            <th scope="row" class="import__header">
                {header}
            </th>
            <td class="import__samples">
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
