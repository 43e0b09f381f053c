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
}
