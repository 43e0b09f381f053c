//! Icons of our own, drawn once per page and used by name.

use leptos::prelude::*;

/// Every icon's name and its drawing on a 16 by 16 grid, as strokes.
#[cfg(feature = "ssr")]
const ICONS: &[(&str, &str)] = &[
    ("up", "M8 13V3.5M3.5 7.5 8 3l4.5 4.5"),
    ("previous", "M3.5 10.5 8 6l4.5 4.5"),
    ("next", "M3.5 5.5 8 10l4.5-4.5"),
    ("comment", "M2.5 3h11v8H7l-3 2.5V11H2.5z"),
    ("calendar", "M2.5 3.5h11v10h-11zM2.5 6.5h11M5.5 2v3M10.5 2v3"),
    ("effort", "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM8 5v3.2l2 1.3"),
    ("more", "M3.5 8h.01M8 8h.01M12.5 8h.01"),
    ("plus", "M8 3v10M3 8h10"),
    ("close", "M4 4l8 8M12 4l-8 8"),
    ("filter", "M2.5 4h11M4.5 8h7M6.5 12h3"),
    ("search", "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.5 10.5 14 14"),
    ("innovation", "M8 2l1.6 4.4L14 8l-4.4 1.6L8 14l-1.6-4.4L2 8l4.4-1.6z"),
    ("retention", "M8 13.5 3 8.4a3.1 3.1 0 0 1 4.4-4.4l.6.6.6-.6A3.1 3.1 0 0 1 13 8.4z"),
    ("run", "M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3"),
    ("retire", "M8 2.5V8M4.6 4.6a5 5 0 1 0 6.8 0"),
    ("board", "M2.5 3h3v10h-3zM6.8 3h3v7h-3zM11 3h2.5v5H11z"),
    ("timeline", "M2.5 3.5h6M5 8h6.5M8 12.5h5.5"),
    ("table", "M2.5 3h11v10h-11zM2.5 6.5h11M2.5 9.8h11M6.5 6.5V13"),
    ("view", "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 6a2 2 0 1 1 0 4 2 2 0 0 1 0-4z"),
    ("history", "M3 8a5 5 0 1 0 1.5-3.6L3 6M3 3v3h3M8 5.5V8l2 1.5"),
    ("past", "M9.5 3 4.5 8l5 5M13 3 8 8l5 5"),
    ("edit", "M11 3l2 2-7.3 7.3-2.7.7.7-2.7zM9.4 4.6l2 2"),
    ("bin", "M3 4.5h10M6 4.5V3h4v1.5M4.5 4.5l.6 9h5.8l.6-9"),
    ("import", "M8 2.5v7M5 7l3 3 3-3M3 12.5h10"),
    ("settings", "M2.5 5h7M12.5 5h1M2.5 11h1M6.5 11h7M11 3.5v3M5 9.5v3"),
    (
        "people",
        "M6 3a2.3 2.3 0 1 1 0 4.6A2.3 2.3 0 0 1 6 3zM2 13c0-2.4 1.7-4 4-4s4 1.6 4 4M10.5 3.3a2.2 2.2 0 0 1 0 4.2M11.5 9.3c1.5.4 2.5 1.8 2.5 3.7",
    ),
    ("products", "M2.5 2.5h4.7v4.7H2.5zM8.8 2.5h4.7v4.7H8.8zM2.5 8.8h4.7v4.7H2.5zM8.8 8.8h4.7v4.7H8.8z"),
    ("inbox", "M2.5 9.5 5 3h6l2.5 6.5v4h-11zM2.5 9.5h3l1 1.5h3l1-1.5h3"),
    ("figures", "M2.5 2.5v11h11M5 10.5 8 7l2 2 3.5-4.5"),
    ("money", "M2 4.5h12v7H2zM8 6.3a1.7 1.7 0 1 1 0 3.4 1.7 1.7 0 0 1 0-3.4zM4 8h.01M12 8h.01"),
    ("direction", "M4 14V2.5M4 3h8.5l-2.2 3 2.2 3H4"),
    ("voting", "M2.5 8h11v5.5h-11zM5 8l1.5-5 5 1.5L10.5 8M6.5 10.5h3"),
    (
        "attach",
        "M12.5 7.5 7.8 12.2a2.7 2.7 0 0 1-3.8-3.8l5.2-5.2a1.8 1.8 0 0 1 2.6 2.6l-5.2 5.2a.9.9 0 0 1-1.3-1.3l4.7-4.7",
    ),
    ("link", "M6.5 9.5l3-3M7 4.5l1-1a3 3 0 0 1 4.3 4.3l-1 1M9 11.5l-1 1a3 3 0 0 1-4.3-4.3l1-1"),
    ("warning", "M8 2.5 14 13.5H2zM8 6.5v3.2M8 11.7h.01"),
    ("check", "M3 8.5l3.2 3.2L13 4.8"),
    ("drag", "M6 4h.01M10 4h.01M6 8h.01M10 8h.01M6 12h.01M10 12h.01"),
    ("menu", "M2.5 4.5h11M2.5 8h11M2.5 11.5h11"),
    ("back", "M10 3 5 8l5 5"),
    ("sort", "M4.5 3v10M2 10.5 4.5 13 7 10.5M9 4h5M9 8h3.5M9 12h2"),
    ("kind", "M8 2l5.5 3v6L8 14l-5.5-3V5zM2.5 5 8 8l5.5-3M8 8v6"),
    ("lock", "M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5"),
    ("star", "M8 2l1.8 3.9 4.2.5-3.1 2.9.8 4.2L8 11.4l-3.7 2.1.8-4.2L2 6.4l4.2-.5z"),
    ("home", "M2.5 7.5 8 3l5.5 4.5v6h-4v-4h-3v4h-4z"),
    ("tag", "M2.5 2.5H8L13.5 8 8 13.5 2.5 8zM5.5 5.5h.01"),
];

/// The drawings as HTML.
#[cfg(feature = "ssr")]
fn drawings() -> String {
    let symbol = |(name, path): &(&str, &str)| {
        format!("<symbol id=\"icon-{name}\" viewBox=\"0 0 16 16\"><path d=\"{path}\"></path></symbol>")
    };
    ICONS.iter().map(symbol).collect()
}

/// A page always has them from the server: the program does not carry them.
#[cfg(not(feature = "ssr"))]
fn drawings() -> String {
    String::new()
}

/// The drawings. Once in every page's body.
#[component]
pub(crate) fn Sprite() -> impl IntoView {
    view! { <svg class="sprite" aria-hidden="true" width="0" height="0" inner_html=drawings()></svg> }
}

/// An icon. It says nothing to screen readers: the text beside it does.
#[component]
pub(crate) fn Icon(name: &'static str) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true">
            <use href=format!("#icon-{name}")></use>
        </svg>
    }
}
