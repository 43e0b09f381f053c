//! The page of the workspace as HTML.

use domain::FiscalYear;
use leptos::prelude::*;

use crate::{
    api::Plain,
    pages::{
        plain::{html, notice},
        records::tabs,
    },
};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(crate) fn page(year: FiscalYear, owns: bool, done: bool, refused: Option<String>) -> Plain {
    let first = usize::from(year.first_month());
    let months = (1..).zip(MONTHS).map(|(number, name): (usize, _)| {
        view! {
            <option value=number.to_string() selected=number == first>
                {name}
            </option>
        }
    });
    let body = if owns {
        view! {
            <form method="post" action="/api/save_workspace" class="stack">
                <div class="field">
                    <label for="first-month">"The year begins in"</label>
                    <select id="first-month" name="first_month" autocomplete="off" aria-describedby="first-month-hint">
                        {months.collect_view()}
                    </select>
                    <p class="field__hint" id="first-month-hint">
                        "Quarters everywhere follow it. Years are named by the calendar year in which they end."
                    </p>
                </div>
                <button class="button button--primary" type="submit">
                    "Save"
                </button>
            </form>
        }
        .into_any()
    } else {
        view! {
            <p>{format!("The year begins in {}.", MONTHS[first - 1])}</p>
            <p class="field__hint">"Owners can change this."</p>
        }
        .into_any()
    };
    let page = view! {
        <div class="page page--reading">
            <header class="page__header">
                <h1>"Workspace"</h1>
            </header>
            <nav class="page__tabs" aria-label="People and settings">
                {tabs("/workspace")}
            </nav>
            {notice(refused)}
            {done.then(|| view! { <p class="notice" role="status">"Saved. Reload open pages to see the new quarters."</p> })}
            <section class="panel" aria-labelledby="year">
                <h2 id="year">"Fiscal year"</h2>
                {body}
            </section>
        </div>
    };
    Plain { title: "Workspace".to_owned(), html: html(page) }
}
