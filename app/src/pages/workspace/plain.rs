//! The page of the workspace as HTML.

use backend::money::MoneySettings;
use domain::{FiscalYear, money::CURRENCIES};
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

/// How money is counted: the form of it for owners.
fn money(settings: MoneySettings, owns: bool) -> AnyView {
    if !owns {
        let currency = settings.currency.map_or_else(
            || "No currency is chosen yet.".to_owned(),
            |currency| format!("Amounts are in {} ({}).", currency.name, currency.code),
        );
        return view! {
            <p>{format!("{currency} Money of later years is discounted at {} % a year.", settings.percent())}</p>
            <p class="field__hint">"Owners can change this."</p>
        }
        .into_any();
    }
    let currencies = CURRENCIES.iter().map(|currency| {
        view! {
            <option value=currency.code selected=settings.currency == Some(currency)>
                {format!("{} ({})", currency.name, currency.code)}
            </option>
        }
    });
    view! {
        <form method="post" action="/api/save_money_settings" class="stack">
            <div class="field">
                <input type="hidden" name="seen[0]" value=settings.code() />
                <input type="hidden" name="seen[1]" value=settings.percent() />
                <label for="currency">"Currency"</label>
                <select id="currency" name="currency" autocomplete="off" aria-describedby="currency-hint">
                    <option value="">"None yet"</option>
                    {currencies.collect_view()}
                </select>
                <p class="field__hint" id="currency-hint">
                    "Amounts that are there keep their numbers: nothing is converted."
                </p>
            </div>
            <div class="field">
                <label for="discount">"Discount rate in % a year"</label>
                <input
                    id="discount"
                    name="discount"
                    inputmode="decimal"
                    required
                    maxlength="10"
                    autocomplete="off"
                    value=settings.percent()
                    aria-describedby="discount-hint"
                />
                <p class="field__hint" id="discount-hint">
                    "The net present value of items discounts later money at this rate."
                </p>
            </div>
            <button class="button button--primary" type="submit">
                "Save money settings"
            </button>
        </form>
    }
    .into_any()
}

pub(crate) fn page(
    (year, settings): (FiscalYear, MoneySettings),
    owns: bool,
    done: bool,
    refused: Option<String>,
) -> Plain {
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
            {done.then(|| view! { <p class="notice" role="status">"Saved. Reload open pages to see the change."</p> })}
            <section class="panel" aria-labelledby="year">
                <h2 id="year">"Fiscal year"</h2>
                {body}
            </section>
            <section class="panel" aria-labelledby="money">
                <h2 id="money">"Money"</h2>
                {money(settings, owns)}
            </section>
        </div>
    };
    Plain { title: "Workspace".to_owned(), html: html(page) }
}
