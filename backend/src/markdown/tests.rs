use std::time::Duration;

use domain::MAX_TEXT;

use super::*;

#[test]
fn markdown_becomes_html() {
    let link = "<p><a href=\"https://example.org\" rel=\"noopener noreferrer nofollow\">x</a></p>\n";
    for (markdown, html) in [
        ("", ""),
        ("a **b** *c* ~~d~~ `e`", "<p>a <strong>b</strong> <em>c</em> <del>d</del> <code>e</code></p>\n"),
        ("[x](https://example.org)", link),
        ("# a\n\nb\\\nc", "<h1>a</h1>\n<p>b<br>\nc</p>\n"),
        ("- a\n- b\n  1. c\n", "<ul>\n<li>a</li>\n<li>b\n<ol>\n<li>c</li>\n</ol>\n</li>\n</ul>\n"),
        ("3. a", "<ol start=\"3\">\n<li>a</li>\n</ol>\n"),
        ("> a\n\n---", "<blockquote>\n<p>a</p>\n</blockquote>\n<hr>\n"),
        ("```rust\na < b\n```", "<pre><code>a &lt; b\n</code></pre>\n"),
        (
            "|a|b|\n|-|:-:|\n|c|\n",
            "<table>\n<thead><tr><th>a</th><th>b</th></tr></thead><tbody>\n\
             <tr><td>c</td><td></td></tr>\n</tbody></table>\n",
        ),
        (
            "<me@example.org>",
            "<p><a href=\"mailto:me@example.org\" rel=\"noopener noreferrer nofollow\">me@example.org</a></p>\n",
        ),
        ("- - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - -", "<hr>\n"),
    ] {
        assert_eq!(to_html(markdown), html, "{markdown}");
    }
}

#[test]
fn addresses_are_links_whether_or_not_they_stand_in_brackets() {
    let link = |address: &str, words: &str| {
        format!("<a href=\"{address}\" rel=\"noopener noreferrer nofollow\">{words}</a>")
    };
    let web = |words: &str| link(&format!("https://{words}"), words);
    for (markdown, html) in [
        (
            "see https://example.org/a_b_c?d=1&e.",
            format!(
                "<p>see {}.</p>\n",
                link("https://example.org/a_b_c?d=1&amp;e", "https://example.org/a_b_c?d=1&amp;e")
            ),
        ),
        (
            "www.example.org, **www.b.org**",
            format!("<p>{}, <strong>{}</strong></p>\n", web("www.example.org"), web("www.b.org")),
        ),
        ("[wiki](www.example.org)", format!("<p>{}</p>\n", link("https://www.example.org", "wiki"))),
        ("[the www.a.org](/p/ERP)", format!("<p>{}</p>\n", link("/p/ERP", "the www.a.org"))),
        ("`www.a.org`", "<p><code>www.a.org</code></p>\n".to_owned()),
        ("```\nwww.a.org\n```", "<pre><code>www.a.org\n</code></pre>\n".to_owned()),
        (
            "![A *plan*](https://example.org/a.png)",
            format!("<p>{}</p>\n", link("https://example.org/a.png", "A <em>plan</em>")),
        ),
        ("![](www.a.org/b.png)", format!("<p>{}</p>\n", link("https://www.a.org/b.png", "www.a.org/b.png"))),
        ("[![a](https://b.org/c.png)](https://d.org)", format!("<p>{}</p>\n", link("https://d.org", "a"))),
    ] {
        assert_eq!(to_html(markdown), html, "{markdown}");
    }
}

#[test]
fn a_file_of_this_site_is_a_picture_or_a_download() {
    let file = format!("/files/{}/a_b.png", "0a".repeat(32));
    let picture = |alt: &str, size: &str| {
        let link = "class=\"picture\" target=\"_blank\" rel=\"noopener noreferrer nofollow\"";
        format!(
            "<p><a href=\"{file}\" {link}><img src=\"{file}\" alt=\"{alt}\"{size} loading=\"lazy\" decoding=\"async\"></a></p>\n"
        )
    };
    let link = "class=\"attached-file\" download=\"\" rel=\"noopener noreferrer nofollow\"";
    for (markdown, html) in [
        (format!("![A *plan* <b> \"x\"]({file})"), picture("A plan &lt;b&gt; &quot;x&quot;", "")),
        (format!("![]({file}#640x480)"), picture("a_b.png", " width=\"640\" height=\"480\"")),
        (format!("[notes]({file})"), format!("<p><a href=\"{file}\" {link}>notes</a></p>\n")),
        // Within a link a picture would be a link of its own.
        (
            format!("[![a]({file})](/p/ERP)"),
            "<p><a href=\"/p/ERP\" rel=\"noopener noreferrer nofollow\">a</a></p>\n".to_owned(),
        ),
    ] {
        assert_eq!(to_html(&markdown), html, "{markdown}");
    }
    for other in ["/files/12/a.png", "/pkg/cairn.css", &format!("https://a.org{file}"), &format!("/{file}")] {
        assert!(!to_html(&format!("![a]({other})")).contains("<img"), "{other}");
    }
}

#[test]
fn lines_stay_as_they_were_typed() {
    for (markdown, html) in [
        ("a\nb\n\nc", "<p>a<br>\nb</p>\n<p>c</p>\n"),
        ("a\n\n\n\nb", "<p>a</p>\n<p><br></p>\n<p><br></p>\n<p>b</p>\n"),
        ("\n\n\na\n\n\n", "<p>a</p>\n"),
        ("- a\n  b\n\n\n# c", "<ul>\n<li>a<br>\nb</li>\n</ul>\n<p><br></p>\n<h1>c</h1>\n"),
        ("```\na\n\n\n\nb\n```", "<pre><code>a\n\n\n\nb\n</code></pre>\n"),
    ] {
        assert_eq!(to_html(markdown), html, "{markdown}");
    }
    let rows = to_html(&format!("a{}b", "\n".repeat(5_000)));
    assert!(rows.matches("<br>").count() < 30, "blank lines end");
}

#[test]
fn a_task_is_a_check_box_that_knows_its_brackets() {
    let task = |checked: &str, at: usize, name: &str| {
        format!("<input type=\"checkbox\"{checked} data-at=\"{at}\" aria-label=\"{name}\"> ")
    };
    let markdown = "Ünder:\n\n- [x] a **b**\n- [ ] \"c\"\n  - [X] d";
    let html = format!(
        "<p>Ünder:</p>\n<ul>\n<li>{}a <strong>b</strong></li>\n<li>{}&quot;c&quot;\n<ul>\n<li>{}d</li>\n</ul>\n</li>\n</ul>\n",
        task(" checked=\"\"", 11, "a **b**"),
        task("", 25, "&quot;c&quot;"),
        task(" checked=\"\"", 37, "d"),
    );
    assert_eq!(to_html(markdown), html);
    for at in [11, 25, 37] {
        assert!(["[x]", "[ ]", "[X]"].contains(&&markdown[at..at + 3]), "{at}");
    }
    // Where the parser reads something else than was typed, no place is right.
    let html = to_html(&format!("- [ ] a\n\n{}b", "> ".repeat(40)));
    assert!(html.contains("<input type=\"checkbox\" disabled=\"\" aria-label=\"a\"> a"), "{html}");
}

#[test]
fn tags_that_were_typed_are_shown_as_text() {
    for (markdown, html) in [
        ("a <b>b</b>", "<p>a &lt;b&gt;b&lt;/b&gt;</p>\n"),
        ("<div>\n*a*\n</div>\n\n*b*", "<p>&lt;div&gt;<br>\n*a*<br>\n&lt;/div&gt;</p>\n<p><em>b</em></p>\n"),
        ("<!-- a -->", "<p>&lt;!-- a --&gt;</p>\n"),
        ("- <p>x", "<ul>\n<li>\n<p>&lt;p&gt;x</p>\n</li>\n</ul>\n"),
        ("`<b>`", "<p><code>&lt;b&gt;</code></p>\n"),
    ] {
        assert_eq!(to_html(markdown), html, "{markdown}");
    }
}

#[test]
fn what_could_do_harm_is_left_out() {
    for markdown in [
        "<script>alert(1)</script>",
        "<b onclick=alert(1)>x</b>",
        "[x](javascript:alert(1))",
        "[x](JAVASCRIPT&colon;alert(1))",
        "<javascript:alert(1)>",
        "[x](data:text/html,hello)",
        "![x](javascript:alert(1))",
        "![x](data:image/svg+xml,hello)",
        "<p style=\"position:fixed\">x</p>",
        "<iframe src=https://example.org></iframe>",
        "<svg><a xlink:href=\"javascript:alert(1)\">x</a></svg>",
    ] {
        assert!(tags(&to_html(markdown)).iter().all(|(name, _)| name == "p"), "{markdown}");
    }
}

/// What reads as Markdown and costs, or did, more than its length: parts, each repeated to its share of a text.
fn costly() -> Vec<Vec<&'static str>> {
    let lines = include_str!("../../tests/corpus/markdown-repeated/costly.lines").lines();
    lines.map(|line| line.split('§').collect()).collect()
}

/// A text of so many characters: parts, each repeated to its share. Of `\n` in them a line is made.
fn repeated(parts: &[impl AsRef<str>], length: usize) -> String {
    let share = length / parts.len().max(1);
    let part = |part: &str| {
        let part = part.replace("\\n", "\n").replace("\\t", "\t");
        part.repeat(share / part.chars().count().max(1))
    };
    parts.iter().map(|text| part(text.as_ref())).collect()
}

/// Texts that take the product of two of their counts where either is not bounded.
fn costly_texts(length: usize) -> Vec<String> {
    let numbered = |part: fn(usize) -> String, length: usize| {
        let mut text = String::new();
        for n in 0.. {
            text.push_str(&part(n));
            if text.len() >= length {
                break;
            }
        }
        text
    };
    let mut texts: Vec<String> = costly().iter().map(|parts| repeated(parts, length)).collect();
    texts.push(numbered(|n| format!("<b {n}>"), length / 2) + &"<p>x".repeat(length / 8));
    texts.push(numbered(|n| "> ".repeat(n + 1) + "a\n", length));
    texts.push(numbered(|n| " ".repeat(2 * n) + "- a\n", length / 2) + &"\n".repeat(length / 2));
    texts.push(numbered(|n| "`".repeat(n + 1) + "a", length));
    texts.push(
        numbered(|n| format!("[a{n}]: b\n"), length / 2) + &numbered(|n| format!("[a{n}]"), length / 2),
    );
    texts.push(format!("[a]: /{}\n\n{}", "u".repeat(length / 2), "[a]".repeat(length / 6)));
    texts.push(format!("[a]: / \"{}\"\n\n{}", "\"".repeat(length / 2), "[a]".repeat(length / 6)));
    let wide = |text: &str| text.repeat(length / 12);
    texts.push(format!("{}\n{}\n{}", wide("|a"), wide("|-"), "a\n".repeat(length / 3)));
    texts
}

#[test]
fn html_is_at_most_so_many_times_its_text_and_lies_so_deep() {
    for text in costly_texts(MAX_TEXT).iter().chain(&costly_texts(500)) {
        let html = to_html(text);
        let most = 20 * text.len() + 1_024;
        assert!(
            html.len() <= most,
            "{} bytes of {}: {:?}",
            html.len(),
            text.len(),
            &text[..40.min(text.len())]
        );
        let (mut depth, mut deepest) = (0_usize, 0);
        for tag in html
            .split('<')
            .skip(1)
            .filter(|tag| !["br>", "hr>", "input "].iter().any(|void| tag.starts_with(void)))
        {
            depth = if tag.starts_with('/') { depth - 1 } else { depth + 1 };
            deepest = deepest.max(depth);
        }
        assert_eq!(depth, 0, "all that begins ends: {:?}", &text[..40.min(text.len())]);
        assert!(deepest <= bounds::MAX_DEPTH + 3, "{deepest} deep");
    }
}

#[test]
fn a_text_twice_as_long_takes_at_most_about_twice_as_long() {
    let takes = |text: &str| {
        let one = || {
            let begun = fuzz::worked();
            std::hint::black_box(to_html(text));
            fuzz::worked() - begun
        };
        (0..4).map(|_| one()).min().unwrap()
    };
    for (short, long) in costly_texts(MAX_TEXT / 4).iter().zip(&costly_texts(MAX_TEXT)) {
        // Four times the text; a product of two counts would be sixteen.
        let (short_time, long_time) = (takes(short), takes(long));
        assert!(
            long_time < 9 * short_time.max(Duration::from_millis(1)),
            "{short_time:?} became {long_time:?}: {:?}",
            &short[..60.min(short.len())]
        );
    }
}

#[test]
fn what_lies_too_deep_is_written_flat_and_complete() {
    let html = to_html(&(">".repeat(20) + &"- ".repeat(12) + "**a** `b`\n"));
    assert!(html.contains("a b") && !html.contains("strong"), "{html}");
    let html = to_html(&(">".repeat(1_000) + "a"));
    assert_eq!(html.matches("<blockquote>").count(), bounds::MAX_DEPTH);
    assert!(html.contains(&("&gt;".repeat(1_000 - 32) + "a")), "{html}");
}

#[tokio::test]
async fn a_person_has_one_request_worked_on_and_all_are_remembered() {
    let renderer = Renderer::default();
    let person = UserId::new(1, [1; 10]);
    let texts =
        |n: u32| (0..20).map(|text| format!("*{n} {text}* {}", "a\n".repeat(2_000))).collect::<Vec<_>>();
    let own = renderer.of_person(person);
    let turn = own.acquire().await.unwrap();
    let waits = tokio::spawn({
        let (renderer, texts) = (renderer.clone(), texts(1));
        async move { renderer.render(Some(person), texts).await }
    });
    let other = renderer.render(Some(UserId::new(1, [2; 10])), texts(2)).await.unwrap();
    assert!(other[19].starts_with("<p><em>2 19</em>"), "{}", other[19]);
    assert!(!waits.is_finished(), "the first still has a request worked on");
    // What is known takes no turn.
    assert_eq!(renderer.render(Some(person), texts(2)).await.unwrap(), other);
    drop(turn);
    assert!(waits.await.unwrap().unwrap()[0].starts_with("<p><em>1 0</em>"));
}

#[tokio::test]
async fn of_more_than_a_request_may_ask_the_rest_is_shown_as_typed() {
    let renderer = Renderer::default();
    let text = |n: usize| format!("*{n}* {}", "a ".repeat(MAX_TEXT / 2 - 5));
    let texts: Vec<String> = (0..100).map(text).collect();
    let rendered = renderer.render(None, texts.clone()).await.unwrap();
    let fits = MAX_FRESH / texts[99].len();
    assert!(rendered[..fits].iter().all(|html| html.starts_with("<p><em>")));
    assert!(rendered[fits + 1].starts_with(&format!("<p>*{}* a a", fits + 1)));
    assert_eq!(rendered.len(), 100);

    // Few bytes, and of each as many as may be.
    let quotes = |n: usize| format!("[a]: /{n}?{}\n\n{}", "'".repeat(500), "[a]".repeat(90));
    let texts: Vec<String> = (0..700).map(quotes).collect();
    let rendered = renderer.render(None, texts).await.unwrap();
    let all: usize = rendered.iter().map(String::len).sum();
    assert!(all < 2 * MAX_HTML, "{all} bytes");
}

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
            let (attribute, value) = inner.split_once("=\"").expect("attributes are written with a value");
            let (value, after) = value.split_once('"').expect("a value ends");
            attributes.push((attribute.to_owned(), value.to_owned()));
            rest = after;
        }
        rest = rest.strip_prefix('>').unwrap_or_else(|| panic!("a tag {name} that does not end: {rest:?}"));
        tags.push((name, attributes));
    }
    tags
}

/// What a tag may be called.
const TAGS: [&str; 26] = [
    "a",
    "blockquote",
    "br",
    "code",
    "del",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "input",
    "li",
    "ol",
    "p",
    "pre",
    "strong",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];

fn harmless(html: &str) {
    for (name, attributes) in tags(html) {
        assert!(TAGS.contains(&&*name), "{name:?} in {html}");
        for (attribute, value) in attributes {
            let known = match &*name {
                "input" => ["type", "checked", "data-at", "disabled", "aria-label"].contains(&&*attribute),
                "img" => ["src", "alt", "width", "height", "loading", "decoding"].contains(&&*attribute),
                _ => ["href", "title", "rel", "start", "class", "download", "target"].contains(&&*attribute),
            };
            assert!(known, "{attribute} in {html}");
            assert!(attribute != "type" || value == "checkbox", "{value} in {html}");
            assert!(attribute != "src" || value.starts_with("/files/"), "{value} in {html}");
            if attribute == "href" {
                let bare: String = value.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
                // What holds other characters is no scheme, and the address a relative one.
                let scheme = bare.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
                let shaped = |scheme: &String| {
                    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
                };
                let scheme = scheme.filter(shaped);
                let known = scheme.is_none_or(|scheme| ["http", "https", "mailto"].contains(&&*scheme));
                assert!(known, "{value} in {html}");
            }
        }
    }
    // A sanitiser reads it as a browser does, and writes what it read: all that was meant, and nothing else.
    let read = ammonia::Builder::default()
        .link_rel(Some("noopener noreferrer nofollow"))
        .url_schemes(["http", "https", "mailto"].into())
        .add_tags(["input"])
        .add_tag_attributes("a", ["class", "download", "target"])
        .add_tag_attributes("img", ["loading", "decoding"])
        .add_tag_attributes("input", ["type", "checked", "data-at", "disabled", "aria-label"])
        .clean(html)
        .to_string();
    // Addresses that lead nowhere it leaves out; they were looked at above.
    let alike = |html: &str| {
        let mut links = html.split("<a href=\"");
        let mut alike = links.next().unwrap_or_default().to_owned();
        for link in links {
            alike.extend(["<a", link.split_once('"').expect("a value ends").1]);
        }
        alike.replace("&nbsp;", "\u{a0}").replace("&quot;", "\"").replace("&#39;", "'")
    };
    assert_eq!(alike(&read), alike(html), "read otherwise than it was written");
}

#[test]
fn mangled_markdown_becomes_html_that_does_no_harm() {
    const WORDS: [&str; 29] = [
        "](/files/0000000000000000000000000000000000000000000000000000000000000000/a.b#1x2",
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

/// An input's parts are repeated until the text is as long as one may be, so that whatever takes a product of counts is
/// found by the time it takes.
#[test]
fn mangled_markdown_repeated_takes_no_more_than_its_length() {
    const WORDS: [&str; 40] = [
        "§",
        "\\n",
        "\\t",
        ">",
        "> ",
        "- ",
        "* ",
        "1. ",
        "  ",
        "[",
        "]",
        "](",
        "](b '",
        "](b \"",
        "]: ",
        "![",
        "(",
        ")",
        "*",
        "**",
        "_",
        "~~",
        "`",
        "``",
        "```",
        "~~~",
        "<",
        "<b ",
        "<div>",
        "<!--",
        "<?",
        "<![CDATA[",
        "<a@b.c>",
        "<http:",
        "&",
        "|",
        "|-",
        "#",
        "=",
        "a",
    ];
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus");
    let target = fuzz::Target { name: "markdown-repeated", corpus, words: &WORDS, longest: 48 };
    fuzz::feed(target, |bytes| {
        let input = String::from_utf8_lossy(bytes);
        let parts: Vec<&str> = input.split('§').collect();
        let text = repeated(&parts, MAX_TEXT);
        let html = to_html(&text);
        assert!(html.len() <= 20 * text.len() + 1_024, "{} bytes of {}", html.len(), text.len());
        let mut names: Vec<String> = tags(&html).into_iter().take(50).map(|(name, _)| name).collect();
        names.dedup();
        names.truncate(6);
        names.join(" ")
    });
}
