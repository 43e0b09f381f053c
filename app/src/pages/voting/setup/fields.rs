//! The fields of the set-up form, and what the page does with them.

use domain::{
    counted,
    voting::{Mode, Reveal, Secrecy, Segment, SegmentKind},
};
use leptos::prelude::*;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{HtmlFormElement, HtmlInputElement};

use super::FORM;
use crate::{
    pages::voting::{api::setup::DraftForm, words},
    platform,
};

/// The form of a new session: dots, sealed, everybody.
pub(super) fn fresh(items: Vec<String>) -> DraftForm {
    let text = str::to_owned;
    DraftForm {
        items,
        mode: text("dots"),
        tokens: text("5"),
        secrecy: text("sealed"),
        reveal: text("at_close"),
        audience: text("everybody"),
        refund: text("on"),
        ..DraftForm::default()
    }
}

/// What it is called, and what is asked.
pub(super) fn texts(form: &DraftForm) -> impl IntoView + use<> {
    view! {
        <section class="panel stack" aria-label="Title">
            {text_field("title", "Title", "text", &form.title, "Priorities for Q1")}
            {text_field(
                "question",
                "Question",
                "text",
                &form.question,
                "Which of these help you most next quarter?",
            )}
        </section>
    }
}

/// Mode, secrecy, weights, times.
pub(super) fn how(form: &DraftForm, open: bool) -> impl IntoView + use<> {
    let modes = Mode::ALL
        .iter()
        .map(|mode| option("mode", mode.as_str(), mode.label(), words::mode_says(*mode), &form.mode))
        .collect_view();
    let secrecies = Secrecy::ALL
        .iter()
        .map(|each| option("secrecy", each.as_str(), each.label(), words::secrecy_says(*each), &form.secrecy))
        .collect_view();
    let reveals = Reveal::ALL
        .iter()
        .map(|each| option("reveal", each.as_str(), each.label(), "", &form.reveal))
        .collect_view();
    let splits = SegmentKind::ALL
        .iter()
        .map(|kind| {
            view! {
                <option value=kind.as_str() selected=form.split == kind.as_str()>
                    {kind.label()}
                </option>
            }
        })
        .collect_view();
    view! {
        <section class="panel stack" aria-labelledby="step-how">
            <h2 id="step-how">"2. How"</h2>
            <div class="stack" inert=open>
                <fieldset class="options options--cards">
                    <legend>"Mode"</legend>
                    {modes}
                </fieldset>
                <div class="row setup__numbers">
                    <div class="setup__tokens">
                        {text_field("tokens", "Points per voter", "number", &form.tokens, "5")}
                    </div>
                    <div class="setup__most">
                        {text_field("most", "Maximum per item", "number", &form.most, "No limit")}
                    </div>
                </div>
                <fieldset class="options">
                    <legend>"Secrecy"</legend>
                    {secrecies}
                </fieldset>
                <fieldset class="options options--row">
                    <legend>"The result is shown"</legend>
                    {reveals}
                </fieldset>
            </div>
            <div class="row setup__times">
                <div inert=open>{time_field("opens", "Opens", &form.opens)}</div>
                {time_field("closes", "Closes", &form.closes)}
            </div>
            <p class="field__hint">
                "Without an opening time it opens when you say so; without a closing time it stays open until you close it."
                <span class="no-life">" Times are in UTC."</span>
            </p>
            <details class="setup__more" inert=open>
                <summary>"Weights, quorum, refunds"</summary>
                <div class="stack">
                    <div class="row setup__numbers">
                        <div class="field">
                            <label for="setup-split">"Split the result by"</label>
                            <select id="setup-split" name="draft[split]">
                                <option value="">"Nothing"</option>
                                {splits}
                            </select>
                        </div>
                        {text_field("quorum", "Quorum in percent", "number", &form.quorum, "None")}
                    </div>
                    {checkbox("weighted", "Ranked by the weights of the segments", &form.weighted)}
                    <p class="field__hint">"Weights are frozen when voting opens. " {words::SMALL_GROUPS}</p>
                    {checkbox("refund", "Items that are done, dropped or deleted leave the ballot and give back what they got", &form.refund)}
                </div>
            </details>
        </section>
    }
}

/// Members, segments, guests.
pub(super) fn who(form: &DraftForm, segments: &[Segment], open: bool) -> impl IntoView + use<> {
    let listed = segments
        .iter()
        .map(|segment| {
            let id = segment.id.to_string();
            let checked = form.segments.contains(&id);
            view! {
                <label class="option">
                    <input type="checkbox" name="draft[segments][]" value=id checked=checked />
                    <span class="option__text">
                        <span class="option__label">{segment.name.to_string()}</span>
                        <span class="option__says">
                            {format!("{} · {}", segment.kind.label(), counted(segment.members, "member", "members"))}
                        </span>
                    </span>
                </label>
            }
        })
        .collect_view();
    let listed = if segments.is_empty() {
        view! { <p class="quiet">"There are no segments yet. " <a class="link" href="/segments">"Make some"</a></p> }
            .into_any()
    } else {
        listed.into_any()
    };
    view! {
        <section class="panel stack" aria-labelledby="step-who" inert=open>
            <h2 id="step-who">"3. Who"</h2>
            <fieldset class="options">
                <legend>"Members"</legend>
                {option("audience", "everybody", "Everybody", "Owners, editors and stakeholders of the workspace.", &form.audience)}
                {option("audience", "segments", "Some segments", "Members of those you choose.", &form.audience)}
                {option("audience", "nobody", "No member", "Guests and customers only.", &form.audience)}
            </fieldset>
            <fieldset class="options setup__segments">
                <legend>"Segments"</legend>
                {listed}
            </fieldset>
            {checkbox("guests", "Guests may come in with a code or a link, without an account", &form.guests)}
            <p class="field__hint">
                "Codes are made on the session's page once it is saved. There you can also vote for customers who told you what they want."
            </p>
        </section>
    }
}

fn text_field(
    name: &'static str,
    label: &'static str,
    kind: &'static str,
    value: &str,
    placeholder: &'static str,
) -> impl IntoView + use<> {
    let id = format!("setup-{name}");
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                id=id
                name=format!("draft[{name}]")
                type=kind
                dir="auto"
                min=(kind == "number").then_some("0")
                value=value.to_owned()
                placeholder=placeholder
                autocomplete="off"
            />
        </div>
    }
}

fn time_field(name: &'static str, label: &'static str, value: &str) -> impl IntoView + use<> {
    let id = format!("setup-{name}");
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                id=id
                name=format!("draft[{name}]")
                type="datetime-local"
                min="1990-01-01T00:00"
                max="2199-12-31T23:59"
                value=value.to_owned()
            />
            <input type="hidden" name=format!("draft[{name}_ms]") value="" />
        </div>
    }
}

fn option(
    name: &'static str,
    value: &'static str,
    label: &'static str,
    says: &'static str,
    chosen: &str,
) -> impl IntoView + use<> {
    view! {
        <label class="option">
            <input type="radio" name=format!("draft[{name}]") value=value checked=chosen == value />
            <span class="option__text">
                <span class="option__label">{label}</span>
                <span class="option__says">{says}</span>
            </span>
        </label>
    }
}

fn checkbox(name: &'static str, label: &'static str, value: &str) -> impl IntoView + use<> {
    view! {
        <label class="option">
            <input type="checkbox" name=format!("draft[{name}]") value="on" checked=!value.is_empty() />
            <span class="option__text">{label}</span>
        </label>
    }
}

/// The form in the page.
pub(super) fn form() -> Option<HtmlFormElement> {
    platform::element(FORM)?.dyn_into().ok()
}

fn input(form: &HtmlFormElement, selector: &str) -> Option<HtmlInputElement> {
    form.query_selector(selector).ok().flatten()?.dyn_into().ok()
}

/// Chooses one of several.
pub(super) fn check(form: &HtmlFormElement, name: &str, value: &str) {
    if let Some(input) = input(form, &format!("[name='{name}'][value='{value}']")) {
        input.set_checked(true);
    }
}

/// Writes into a field.
pub(super) fn set(form: &HtmlFormElement, name: &str, value: &str) {
    if let Some(input) = input(form, &format!("[name='{name}']")) {
        input.set_value(value);
    }
}

/// Notes what the times are in milliseconds, by the browser's time zone.
pub(super) fn keep_times(form: &HtmlFormElement) {
    for name in ["opens", "closes"] {
        let at =
            input(form, &format!("[name='draft[{name}]']")).map(|input| js_sys::Date::parse(&input.value()));
        let millis = at.filter(|at| at.is_finite()).map(|at| format!("{at:.0}")).unwrap_or_default();
        set(form, &format!("draft[{name}_ms]"), &millis);
    }
}

/// Writes times that came in UTC as they are here.
pub(super) fn show_times_here() {
    let Some(form) = form() else { return };
    for name in ["opens", "closes"] {
        let Some(input) = input(&form, &format!("[name='draft[{name}]']")) else { continue };
        let at = js_sys::Date::parse(&format!("{}Z", input.value()));
        if at.is_finite() {
            let here = js_sys::Date::new(&JsValue::from_f64(at));
            input.set_value(&format!(
                "{:04}-{:02}-{:02}T{:02}:{:02}",
                here.get_full_year(),
                here.get_month() + 1,
                here.get_date(),
                here.get_hours(),
                here.get_minutes()
            ));
        }
    }
}
