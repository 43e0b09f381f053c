//! What a page does from its first byte on: `early.js`, a script within every page.
//!
//! It gives a page that the browser kept the theme chosen since; keeps what people type before the application is alive, and
//! drafts after; leaves the keys of an input method to it; and writes moments in the reader's time zone before they are drawn.
//! Elements take part by what they are: `class="keeps-draft"` with `data-draft` on a field or a form, and `<time datetime>`,
//! with `data-show` for a day or the time of day alone. The rail says whose the drafts of forms are.

use std::sync::LazyLock;

use leptos::{nonce::use_nonce, prelude::*};

/// Without its comments and indentation.
static SCRIPT: LazyLock<String> = LazyLock::new(|| {
    let lines = include_str!("early.js").lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with("//")).collect::<Vec<_>>().join("\n")
});

/// The script, with the nonce of the page's policy.
pub(super) fn script() -> impl IntoView {
    view! { <script nonce=use_nonce() inner_html=SCRIPT.as_str()></script> }
}

#[cfg(test)]
mod tests {
    use super::SCRIPT;

    #[test]
    fn the_script_can_stand_within_a_page() {
        assert!(SCRIPT.starts_with("(() => {") && SCRIPT.ends_with("})();"));
        assert!(!SCRIPT.contains("</") && !SCRIPT.contains("<!--"), "it would end before its end");
        // Two and a half kilobytes as they are sent; more belongs into a file that browsers keep.
        assert!(SCRIPT.len() < 7_500, "{} bytes in every page", SCRIPT.len());
    }
}
