//! Markdown as people write it, made into HTML that can do no harm.

use pulldown_cmark::{Options, Parser, html};

/// Renders Markdown and sanitises the result: no scripts, handlers, styles or foreign schemes survive, links open
/// without telling where they were followed from, and images are left out because they would tell others who reads.
pub fn to_html(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut unsafe_html = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut unsafe_html, Parser::new_ext(markdown, options));
    ammonia::Builder::default()
        .rm_tags(["img"])
        .add_generic_attributes([] as [&str; 0])
        .link_rel(Some("noopener noreferrer nofollow"))
        .url_schemes(["http", "https", "mailto"].into())
        .clean(&unsafe_html)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::to_html;

    #[test]
    fn markdown_becomes_html() {
        assert_eq!(to_html("a **b**"), "<p>a <strong>b</strong></p>\n");
        assert_eq!(
            to_html("[x](https://example.org)"),
            "<p><a href=\"https://example.org\" rel=\"noopener noreferrer nofollow\">x</a></p>\n"
        );
    }

    #[test]
    fn what_could_do_harm_is_left_out() {
        for (markdown, forbidden) in [
            ("<script>alert(1)</script>", "script"),
            ("<b onclick=alert(1)>x</b>", "onclick"),
            ("[x](javascript:alert(1))", "javascript"),
            ("[x](data:text/html,hello)", "data:"),
            ("![x](https://example.org/pixel.png)", "img"),
            ("<p style=\"position:fixed\">x</p>", "style"),
            ("<iframe src=https://example.org></iframe>", "iframe"),
            ("<svg><a xlink:href=\"javascript:alert(1)\">x</a></svg>", "javascript"),
        ] {
            let html = to_html(markdown);
            assert!(!html.contains(forbidden), "{markdown} became {html}");
        }
    }

    /// What a tag may be called, and which attributes may stand in it.
    const TAGS: [&str; 66] = [
        "a",
        "abbr",
        "acronym",
        "area",
        "article",
        "aside",
        "b",
        "bdi",
        "bdo",
        "blockquote",
        "br",
        "caption",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
        "data",
        "dd",
        "del",
        "details",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "i",
        "ins",
        "kbd",
        "li",
        "map",
        "mark",
        "nav",
        "ol",
        "p",
        "pre",
        "q",
        "rp",
        "rt",
        "rtc",
        "ruby",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "th",
    ];
    const MORE_TAGS: [&str; 9] = ["thead", "time", "tr", "tt", "u", "ul", "var", "wbr", "tfoot"];

    /// Each tag as its name and its attributes, each with its value.
    fn tags(html: &str) -> Vec<(String, Vec<(String, String)>)> {
        let mut tags = Vec::new();
        let mut rest = html;
        while let Some(at) = rest.find('<') {
            rest = rest[at + 1..].trim_start_matches('/');
            let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
            rest = &rest[name.len()..];
            let mut attributes = Vec::new();
            while let Some(inner) = rest.strip_prefix(' ') {
                let (attribute, value) =
                    inner.split_once("=\"").expect("attributes are written with a value");
                let (value, after) = value.split_once('"').expect("a value ends");
                attributes.push((attribute.to_owned(), value.to_owned()));
                rest = after;
            }
            rest =
                rest.strip_prefix('>').unwrap_or_else(|| panic!("a tag {name} that does not end: {rest:?}"));
            tags.push((name, attributes));
        }
        tags
    }

    fn harmless(html: &str) {
        for (name, attributes) in tags(html) {
            assert!(TAGS.contains(&&*name) || MORE_TAGS.contains(&&*name), "{name:?} in {html}");
            for (attribute, value) in attributes {
                assert!(
                    !attribute.starts_with("on") && attribute != "style" && attribute != "id",
                    "{attribute} in {html}"
                );
                if ["href", "src", "cite", "action", "xlink:href"].contains(&&*attribute) {
                    let bare: String =
                        value.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
                    // What holds other characters is no scheme, and the address a relative one.
                    let scheme = bare.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
                    let shaped = |scheme: &String| {
                        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                            && scheme
                                .bytes()
                                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
                    };
                    let scheme = scheme.filter(shaped);
                    let known = scheme.is_none_or(|scheme| ["http", "https", "mailto"].contains(&&*scheme));
                    assert!(known, "{value} in {html}");
                }
            }
        }
    }

    #[test]
    fn mangled_markdown_becomes_html_that_does_no_harm() {
        const WORDS: [&str; 28] = [
            "<script>",
            "</script>",
            "<img src=x onerror=alert(1)>",
            "<svg/onload=alert(1)>",
            "<math>",
            "<style>",
            "<iframe srcdoc=",
            "javascript:",
            "JaVa\tScRiPt:",
            "&#106;avascript:",
            "data:text/html,",
            "vbscript:",
            "](",
            "![",
            "[x]: ",
            "<a href=",
            "```",
            "<!--",
            "-->",
            "<![CDATA[",
            "]]>",
            "<template>",
            "<noscript>",
            "<textarea>",
            "<base href=",
            "<form action=",
            "|-|",
            "[ ]",
        ];
        let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus");
        // A description may be longer; this leaves time for more of them.
        let target = fuzz::Target { name: "markdown", corpus, words: &WORDS, longest: 4_096 };
        fuzz::feed(target, |bytes| {
            let html = to_html(&String::from_utf8_lossy(bytes));
            harmless(&html);
            let mut names: Vec<String> = tags(&html).into_iter().map(|(name, _)| name).collect();
            names.dedup();
            names.truncate(6);
            names.join(" ")
        });
    }
}
