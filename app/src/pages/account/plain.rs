//! The page of one's account as HTML.

use backend::people::{Feed, OpenSession};
use domain::Member;
use leptos::prelude::*;

use crate::{
    api::Plain,
    pages::{
        account::data::Theme,
        plain::{explained_post, html, notice, post},
    },
    ui::{Avatar, TextField, time},
};

/// What the page shows.
pub(crate) struct Account<'a> {
    pub(crate) me: &'a Member,
    pub(crate) sessions: Vec<OpenSession>,
    /// The person's links for calendars.
    pub(crate) feeds: Vec<Feed>,
    /// Whether the person signs in with a password.
    pub(crate) has_password: bool,
    /// `None` follows the system.
    pub(crate) theme: Option<Theme>,
    /// Which form was just accepted.
    pub(crate) done: Option<&'a str>,
    /// Which form was just refused, and why.
    pub(crate) refused: Option<(String, String)>,
    pub(crate) typed_name: Option<String>,
}

impl Account<'_> {
    /// Why this form was refused.
    fn refusal(&self, form: &str) -> Option<String> {
        self.refused.as_ref().filter(|(path, _)| path == form).map(|(_, sentence)| sentence.clone())
    }
}

/// What people call the twelve colours, in the order of the palette.
const COLOURS: [&str; Member::COLOURS as usize] = [
    "Red", "Orange", "Ochre", "Olive", "Green", "Teal", "Cyan", "Blue", "Indigo", "Purple", "Magenta",
    "Crimson",
];

pub(crate) fn page(account: Account<'_>) -> Plain {
    let done = account.refused.is_none().then_some(account.done).flatten().and_then(done_says);
    let email = account.me.email.as_ref().map(ToString::to_string);
    let page = view! {
        <div class="page page--reading account">
            <header class="page__header">
                <h1>"Your account"</h1>
                <p class="page__count">{email}</p>
            </header>
            {done.map(|sentence| view! { <p class="notice" role="status">{sentence}</p> })}
            {profile(&account)}
            {theme(&account)}
            {password(&account)}
            {feeds(&account)}
            {browsers(&account)}
        </div>
    };
    Plain { title: "Your account".to_owned(), html: html(page) }
}

fn done_says(done: &str) -> Option<&'static str> {
    match done {
        "profile" => Some("Saved. Others see your name and colour from now on."),
        "password" => Some("Your password was changed. You are signed out everywhere but here."),
        "feed" => Some("Revoked. Calendars that used this link get nothing from now on."),
        "session" => Some("That browser is signed out."),
        "sessions" => Some("You are signed out everywhere but here."),
        _ => None,
    }
}

fn profile(account: &Account<'_>) -> impl IntoView + use<> {
    let me = account.me;
    let name = account.typed_name.clone().unwrap_or_else(|| me.name.to_string());
    let colours = (0..)
        .zip(COLOURS)
        .map(|(colour, label)| {
            view! {
                <label class="account__colour" title=label>
                    <input type="radio" name="colour" value=colour.to_string() checked=colour == me.colour />
                    <span class=format!("account__swatch colour-{colour}")></span>
                    <span class="visually-hidden">{label}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="profile">
            <h2 id="profile">"Name and colour"</h2>
            {notice(account.refusal("/api/save_profile"))}
            <form class="stack keeps-draft" data-draft="account" method="post" action="/api/save_profile">
                <div class="account__name">
                    <Avatar name=me.name.to_string() colour=me.colour />
                    <div class="field">
                        <label for="account-name">"Name"</label>
                        <input id="account-name" name="name" value=name required autocomplete="name" maxlength="200" dir="auto" />
                    </div>
                </div>
                <fieldset class="account__colours">
                    <legend class="field__label">"Colour of your initials and cursor"</legend>
                    {colours}
                </fieldset>
                <button class="button button--primary" type="submit">
                    "Save"
                </button>
            </form>
        </section>
    }
}

fn theme(account: &Account<'_>) -> impl IntoView + use<> {
    let chosen = account.theme.map_or("system", Theme::as_str);
    let choices = [("system", "System"), ("light", "Light"), ("dark", "Dark")]
        .map(|(value, label)| {
            view! {
                <button
                    class="button"
                    type="submit"
                    name="theme"
                    value=value
                    aria-pressed=if value == chosen { "true" } else { "false" }
                >
                    {label}
                </button>
            }
        })
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="theme">
            <h2 id="theme">"Theme"</h2>
            {notice(account.refusal("/api/set_theme"))}
            <form class="account__themes" method="post" action="/api/set_theme" aria-labelledby="theme">
                {choices}
            </form>
            <p class="field__hint">"Applies to this browser only."</p>
        </section>
    }
}

fn password(account: &Account<'_>) -> impl IntoView + use<> {
    let content = if account.has_password {
        let email = account.me.email.as_ref().map(ToString::to_string);
        // Refusals are in the notice above the form.
        let no_error = Signal::stored(None::<String>);
        view! {
            <form class="stack" method="post" action="/api/change_password">
                // Tells password managers whose password this is; it is not sent.
                <input type="text" autocomplete="username" value=email hidden readonly />
                <TextField
                    name="current"
                    label="Current password"
                    kind="password"
                    autocomplete="current-password"
                    error=no_error
                />
                <TextField
                    name="new"
                    label="New password"
                    kind="password"
                    autocomplete="new-password"
                    hint="At least 10 characters. A few unusual words are easy to remember."
                    error=no_error
                />
                <TextField
                    name="repeat"
                    label="New password again"
                    kind="password"
                    autocomplete="new-password"
                    error=no_error
                />
                <p class="field__hint">"Changing it signs you out in every other browser."</p>
                <button class="button" type="submit">
                    "Change password"
                </button>
            </form>
        }
        .into_any()
    } else {
        view! { <p class="quiet">"You have no password. This site's operator decides how you sign in."</p> }
            .into_any()
    };
    view! {
        <section class="panel" aria-labelledby="password">
            <h2 id="password">"Password"</h2>
            {notice(account.refusal("/api/change_password"))}
            {content}
        </section>
    }
}

fn feeds(account: &Account<'_>) -> impl IntoView + use<> {
    let rows = account.feeds.iter().map(feed).collect_view();
    let none = account.feeds.is_empty().then(|| {
        view! { <p class="quiet">"No calendar links yet. Create one from Export on a timeline."</p> }
    });
    view! {
        <section class="panel" aria-labelledby="calendar-links">
            <h2 id="calendar-links">"Calendar links"</h2>
            {notice(account.refusal("/api/revoke_feed"))}
            {none}
            <ul>{rows}</ul>
        </section>
    }
}

fn feed(feed: &Feed) -> impl IntoView + use<> {
    let name = match (&feed.product, &feed.view) {
        (Some(product), Some(view)) => format!("{} · {view}", product.name),
        (Some(product), None) => product.name.to_string(),
        (None, _) => "A product that you cannot see now".to_owned(),
    };
    let used = match feed.used {
        Some(used) => view! { "last read " {time(used)} }.into_any(),
        None => "never read".into_any(),
    };
    let which = view! { {name.clone()} ", made " {time(feed.created)} };
    let revoke =
        explained_post("/api/revoke_feed", &[("id", feed.id.to_string())], "Revoke", "button--quiet", which);
    view! {
        <li class="account__session">
            <div class="account__browser">
                <p dir="auto">{name}</p>
                <p class="field__hint">"Made " {time(feed.created)} " · " {used}</p>
            </div>
            {revoke}
        </li>
    }
}

fn browsers(account: &Account<'_>) -> impl IntoView + use<> {
    let refused = account.refusal("/api/end_session").or_else(|| account.refusal("/api/end_other_sessions"));
    let others = account.sessions.iter().any(|session| !session.is_current);
    let rows = account.sessions.iter().map(row).collect_view();
    let end_others = || post("/api/end_other_sessions", &[], "Sign out everywhere else", "button--danger");
    view! {
        <section class="panel" aria-labelledby="browsers">
            <h2 id="browsers">"Where you are signed in"</h2>
            {notice(refused)}
            <ul>{rows}</ul>
            {others.then(end_others)}
        </section>
    }
}

fn row(session: &OpenSession) -> impl IntoView + use<> {
    let browser = session.browser.clone().unwrap_or_else(|| "Unknown browser".to_owned());
    let end = if session.is_current {
        post("/api/sign_out", &[], "Sign out", "button--quiet")
    } else {
        let which = view! { {browser.clone()} ", last used " {time(session.used)} };
        explained_post("/api/end_session", &[("id", session.id.clone())], "Sign out", "button--quiet", which)
    };
    view! {
        <li class="account__session">
            <div class="account__browser">
                <p>
                    {browser}
                    {session.is_current.then(|| view! { " " <span class="badge">"This browser"</span> })}
                </p>
                <p class="field__hint">
                    "Signed in " {time(session.since)} " · last used " {time(session.used)}
                </p>
            </div>
            {end}
        </li>
    }
}
