//! What a page does from its first byte on: `early.js`, a script within every page.
//!
//! It gives a page that the browser kept the theme chosen since; keeps what people type before the application is alive, and
//! drafts after; leaves the keys of an input method to it; and writes moments in the reader's time zone before they are drawn.
//! Elements take part by what they are: `class="keeps-draft"` with `data-draft` on a field or a form, and `<time datetime>`.
//! The rail says whose the drafts of forms are.

use std::sync::LazyLock;

use leptos::{nonce::use_nonce, prelude::*};

/// Without its comments and most of its spaces.
static SCRIPT: LazyLock<String> = LazyLock::new(|| {
    let lines = include_str!("early.js").lines().map(str::trim);
    let code = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
    code.map(tight).collect::<Vec<_>>().join("\n")
});

/// A line without the spaces that it does not need. Lines with templates or regular expressions stay as they are.
fn tight(line: &str) -> String {
    if line.contains(['`', '/', '"']) {
        return line.to_owned();
    }
    let is_word = |c: char| c.is_alphanumeric() || "_$".contains(c);
    let tight = |code: &str| {
        let mut out = String::new();
        let mut rest = code.chars().peekable();
        while let Some(c) = rest.next() {
            let (before, after) = (out.chars().last().unwrap_or(';'), *rest.peek().unwrap_or(&';'));
            let parts = (is_word(before) && is_word(after)) || (before == after && "+-".contains(before));
            if c != ' ' || parts {
                out.push(c);
            }
        }
        out
    };
    // Between quotes, which come in pairs, every space counts.
    let pieces = line.split('\'').enumerate();
    pieces
        .map(|(at, piece)| if at % 2 == 0 { tight(piece) } else { piece.to_owned() })
        .collect::<Vec<_>>()
        .join("'")
}

/// The script, with the nonce of the page's policy.
pub(super) fn script() -> impl IntoView {
    view! { <script nonce=use_nonce() inner_html=SCRIPT.as_str()></script> }
}

#[cfg(test)]
mod tests {
    use super::{SCRIPT, tight};

    #[test]
    fn the_script_can_stand_within_a_page() {
        assert!(SCRIPT.starts_with("(()=>{") && SCRIPT.ends_with("})();"));
        assert!(!SCRIPT.contains("</") && !SCRIPT.contains("<!--"), "it would end before its end");
        // Two kilobytes as they are sent; more belongs into a file that browsers keep.
        assert!(SCRIPT.len() < 6_500, "{} bytes in every page", SCRIPT.len());
    }

    #[test]
    fn spaces_that_mean_something_stay() {
        assert_eq!(tight("const two = (a, b) => a + b;"), "const two=(a,b)=>a+b;");
        assert_eq!(tight("if ('a b' in c) return a - -b;"), "if('a b'in c)return a- -b;");
        assert_eq!(tight("return `a  ${b}`;"), "return `a  ${b}`;");
        assert_eq!(tight("test(/a b/, c);"), "test(/a b/, c);");
    }
}
