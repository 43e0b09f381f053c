//! People who are mentioned in texts, shown by the names that they have now.

use domain::{UserId, mentions};

use super::write::push_text;
use crate::inbox::Names;

/// The most signs, those of nobody too, that are looked at for one request.
const MOST_SIGNS: usize = 2_000;

/// Elements in which a name is what was typed, or part of something else.
const LEFT_ALONE: [&str; 3] = ["code", "pre", "a"];

/// How mentions are shown to one person.
pub(super) struct Shown {
    /// As they stand in HTML.
    names: Vec<String>,
    /// What is shown instead of each.
    shown: Vec<String>,
    signs: usize,
}

impl Shown {
    pub(super) fn new(names: &Names, reader: UserId) -> Self {
        let mut shown = Self { names: Vec::new(), shown: Vec::new(), signs: MOST_SIGNS };
        for (name, person) in names.all() {
            let mut span = String::from("<span class=\"mention");
            if person.is_some_and(|(user, _)| user == reader) {
                span.push_str(" mention--me");
            }
            span.push_str("\">@");
            push_text(&mut span, person.map_or(name, |(_, current)| current));
            span.push_str("</span>");
            let mut escaped = String::new();
            push_text(&mut escaped, name);
            shown.names.push(escaped);
            shown.shown.push(span);
        }
        shown
    }

    /// HTML of this crate, with the mentions in its texts marked.
    pub(super) fn mark(&mut self, html: &str) -> String {
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let mut marked = String::with_capacity(html.len() + html.len() / 4);
        let (mut rest, mut within) = (html, 0_usize);
        while !rest.is_empty() {
            let (text, tags) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
            let mut written = 0;
            let signs = if within == 0 { text.matches('@').count() } else { 0 };
            if signs > 0 && self.signs > 0 {
                self.signs = self.signs.saturating_sub(signs);
                for (range, index) in mentions(text, &names) {
                    marked.push_str(&text[written..range.start]);
                    marked.push_str(&self.shown[index]);
                    written = range.end;
                }
            }
            marked.push_str(&text[written..]);
            let end = tags.find('>').map_or(tags.len(), |end| end + 1);
            let (tag, after) = tags.split_at(end);
            let inner = tag.trim_start_matches('<').trim_end_matches('>');
            let name = inner.trim_start_matches('/').split(' ').next().unwrap_or_default();
            if LEFT_ALONE.contains(&name) {
                within = if inner.starts_with('/') { within.saturating_sub(1) } else { within + 1 };
            }
            marked.push_str(tag);
            rest = after;
        }
        marked
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::to_html;

    fn marked(markdown: &str) -> String {
        let [me, ann, other_ann] = [1, 2, 3].map(|n| UserId::new(1, [n; 10]));
        let names = Names::of(&[("Bo <i>& Co", me), ("Ann", ann), ("Ann", other_ann)]);
        Shown::new(&names, me).mark(&to_html(markdown))
    }

    #[test]
    fn what_people_are_called_is_text() {
        let me = "<span class=\"mention mention--me\">@Bo &lt;i&gt;&amp; Co</span>";
        assert_eq!(marked("Hi @Bo <i>& Co!"), format!("<p>Hi {me}!</p>\n"));
        // Two people have the name.
        assert_eq!(marked("(@Ann)"), "<p>(<span class=\"mention\">@Ann</span>)</p>\n");
    }

    #[test]
    fn code_and_addresses_stay_as_they_were_typed() {
        for text in
            ["`@Ann`", "```\n@Ann\n```", "https://example.org/@Ann", "[@Ann](https://example.org)", "me@Ann"]
        {
            assert_eq!(marked(text), to_html(text));
        }
        let html = marked(&"@Ann ".repeat(MOST_SIGNS + 100));
        assert!(html.matches("mention").count() <= MOST_SIGNS);
    }
}
