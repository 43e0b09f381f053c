//! HTML of what the parser found.
//!
//! It is harmless by construction: an element is written by name here or not at all, what people wrote stands in it as
//! escaped text, and of attributes there are a link's address, if it is one of a known scheme, its title, a list's first
//! number, the state, place and name of a check box, and the address, size and description of a picture of this site. Tests read all of it with a sanitiser, which has nothing to take away.

use std::ops::Range;

use domain::FileAddress;
use pulldown_cmark::{Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, TextMergeWithOffset};

use super::{
    bounds::{MAX_DEPTH, max_html},
    links,
};

/// What a link may lead to, beside pages of this site.
const SCHEMES: [&str; 3] = ["http", "https", "mailto"];

/// Blank lines in a row that are shown as such.
const MAX_BLANK: usize = 20;

/// Letters of a task that name its check box.
const MAX_NAME: usize = 40;

/// Markdown as HTML, if it becomes no longer than it may. With `places`, each check box says where its brackets stand in the
/// text, so that a click can change them.
pub(super) fn html(markdown: &str, places: bool) -> Option<String> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let html = String::with_capacity(markdown.len() * 3 / 2);
    let mut writer = Writer { markdown, places, html, ..Writer::default() };
    let most = max_html(markdown);
    // Otherwise an address would come in pieces: the parser stops at every letter that could mean something.
    for (event, range) in TextMergeWithOffset::new(Parser::new_ext(markdown, options).into_offset_iter()) {
        writer.event(event, range);
        if writer.html.len() > most {
            return None;
        }
    }
    Some(writer.html)
}

/// A text as it was typed.
pub(super) fn plain(text: &str) -> String {
    let mut html = String::with_capacity(text.len() * 5 / 4);
    html.push_str("<p>");
    push_lines(&mut html, text.trim_end());
    html.push_str("</p>\n");
    html
}

#[derive(Default)]
struct Writer<'a> {
    markdown: &'a str,
    places: bool,
    html: String,
    /// How each open element ends. Of a link that was not written, with nothing.
    open: Vec<&'static str>,
    /// How many elements are open that were not written because they, or one around them, lie too deep.
    flat: usize,
    /// Where in the HTML the words of each open image begin, and its address.
    images: Vec<(usize, String)>,
    /// The picture that is being described: where in the HTML its words begin, and its address.
    picture: Option<(usize, String)>,
    in_head: bool,
    in_html: bool,
    in_code: bool,
}

impl Writer<'_> {
    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        if self.open.is_empty() && self.flat == 0 && matches!(event, Event::Start(_) | Event::Rule) {
            self.blank_lines(range.start);
        }
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.end(tag),
            Event::Html(text) if self.in_html => push_lines(&mut self.html, &text),
            Event::Code(text) if self.flat == 0 => {
                self.html.push_str("<code>");
                push_text(&mut self.html, &text);
                self.html.push_str("</code>");
            }
            // A line break that was typed is meant as one.
            Event::SoftBreak | Event::HardBreak if self.flat == 0 => self.html.push_str("<br>\n"),
            Event::Rule if self.flat == 0 => {
                self.begin_line();
                self.html.push_str("<hr>\n");
            }
            Event::SoftBreak | Event::HardBreak | Event::Rule => self.html.push('\n'),
            Event::TaskListMarker(done) if self.flat == 0 => self.check_box(done, range),
            Event::TaskListMarker(done) => self.html.push_str(if done { "☑ " } else { "☐ " }),
            Event::Text(text) if self.may_link() => self.linked(&text),
            Event::Text(text)
            | Event::Code(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::FootnoteReference(text) => push_text(&mut self.html, &text),
        }
    }

    fn begin_line(&mut self) {
        if !self.html.is_empty() && !self.html.ends_with('\n') {
            self.html.push('\n');
        }
    }

    /// Shows blank lines before a place as such: between two paragraphs there is one already.
    fn blank_lines(&mut self, at: usize) {
        let before = self.markdown[..at].bytes().rev().take_while(u8::is_ascii_whitespace);
        let lines = before.filter(|byte| *byte == b'\n').count();
        if !self.html.is_empty() {
            (2..lines.min(MAX_BLANK)).for_each(|_| self.html.push_str("<p><br></p>\n"));
        }
    }

    /// The check box of a task, named by its words.
    fn check_box(&mut self, done: bool, range: Range<usize>) {
        let line = self.markdown[range.end..].lines().next().unwrap_or_default().trim();
        let name: String = line.chars().take(MAX_NAME).collect();
        self.html.push_str("<input type=\"checkbox\"");
        self.html.push_str(if done { " checked=\"\"" } else { "" });
        if self.places {
            self.html.push_str(" data-at=\"");
            self.html.push_str(&range.start.to_string());
        } else {
            self.html.push_str(" disabled=\"");
        }
        self.html.push_str("\" aria-label=\"");
        push_text(&mut self.html, if name.is_empty() { "Task" } else { &name });
        self.html.push_str("\"> ");
    }

    /// Whether an address that stands in the text becomes a link here.
    fn may_link(&self) -> bool {
        self.flat == 0 && !self.in_code && self.open.len() < MAX_DEPTH && !self.open.contains(&END_OF_LINK)
    }

    /// A text whose addresses are links.
    fn linked(&mut self, text: &str) {
        let mut written = 0;
        for range in links::bare(text) {
            push_text(&mut self.html, &text[written..range.start]);
            let address = &text[range.clone()];
            let begun = self.link(LinkType::Autolink, address, "");
            push_text(&mut self.html, address);
            self.html.push_str(if begun { END_OF_LINK } else { "" });
            written = range.end;
        }
        push_text(&mut self.html, &text[written..]);
    }

    fn start(&mut self, tag: &Tag<'_>) {
        // A list is written with its items, a table with its cells, or neither is.
        let room = match tag {
            Tag::Table(_) => 3,
            Tag::List(_) => 2,
            _ => 1,
        };
        if self.flat > 0 || self.open.len() + room > MAX_DEPTH {
            self.flat += 1;
            return;
        }
        if let Tag::Image { dest_url, .. } = tag
            && FileAddress::parse(dest_url).is_some()
            && !self.open.contains(&END_OF_LINK)
        {
            // What describes it becomes text alone.
            self.picture = Some((self.html.len(), dest_url.to_string()));
            self.flat = 1;
            return;
        }
        let (begin, end) = match tag {
            Tag::Link { link_type, dest_url, title, .. } => {
                let written = self.link(*link_type, dest_url, title);
                ("", if written { END_OF_LINK } else { "" })
            }
            // One of another site would, shown at once, tell others who reads. Its link is there for those who want to see it.
            Tag::Image { link_type, dest_url, title, .. } => {
                let written = self.link(*link_type, dest_url, title);
                self.images.push((self.html.len(), dest_url.to_string()));
                ("", if written { END_OF_LINK } else { "" })
            }
            Tag::TableCell if self.in_head => ("<th>", "</th>"),
            tag => names(tag),
        };
        self.in_html |= matches!(tag, Tag::HtmlBlock);
        self.in_code |= matches!(tag, Tag::CodeBlock(_));
        self.in_head |= matches!(tag, Tag::TableHead);
        if end.ends_with('\n') {
            self.begin_line();
        }
        self.html.push_str(begin);
        if let Tag::List(Some(first)) = tag
            && *first != 1
        {
            self.html.truncate(self.html.len() - ">\n".len());
            self.html.push_str(" start=\"");
            self.html.push_str(&first.to_string());
            self.html.push_str("\">\n");
        }
        self.open.push(end);
    }

    fn end(&mut self, tag: TagEnd) {
        if self.flat > 0 {
            self.flat -= 1;
            if self.flat == 0
                && let Some((words, address)) = self.picture.take()
            {
                self.show(words, &address);
                return;
            }
            if !matches!(
                tag,
                TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image
            ) {
                self.begin_line();
            }
            return;
        }
        if tag == TagEnd::Image
            && let Some((words, address)) = self.images.pop()
            && self.html.len() == words
        {
            push_text(&mut self.html, &address);
        }
        if tag == TagEnd::HtmlBlock {
            self.in_html = false;
            let text = self.html.strip_suffix("<br>\n").map_or(self.html.len(), str::len);
            self.html.truncate(text);
        }
        self.in_head &= tag != TagEnd::TableHead;
        self.in_code &= tag != TagEnd::CodeBlock;
        self.html.push_str(self.open.pop().unwrap_or_default());
    }

    /// Shows a file of this site, described by the words that stand in the HTML from a place on.
    fn show(&mut self, words: usize, address: &str) {
        let words = self.html.split_off(words);
        let Some(file) = FileAddress::parse(address) else { return };
        let Some(source) = escaped_address("", &FileAddress { size: None, ..file }.to_string()) else {
            return;
        };
        self.html.push_str("<a href=\"");
        self.html.push_str(&source);
        self.html.push_str(PICTURE);
        self.html.push_str(&source);
        self.html.push_str("\" alt=\"");
        if words.trim().is_empty() {
            push_text(&mut self.html, file.name);
        } else {
            self.html.push_str(words.trim());
        }
        if let Some((width, height)) = file.size {
            self.html.push_str(&format!("\" width=\"{width}\" height=\"{height}"));
        }
        self.html.push_str("\" loading=\"lazy\" decoding=\"async\"></a>");
    }

    /// Begins a link, if it leads where one may, and says whether it did.
    fn link(&mut self, kind: LinkType, address: &str, title: &str) -> bool {
        let prefix = match kind {
            LinkType::Email => "mailto:",
            _ if links::lacks_scheme(address) => "https://",
            _ => "",
        };
        // Links within a link would end it.
        let Some(escaped) = escaped_address(prefix, address).filter(|_| !self.open.contains(&END_OF_LINK))
        else {
            return false;
        };
        self.html.push_str("<a href=\"");
        self.html.push_str(&escaped);
        if FileAddress::parse(address).is_some() {
            self.html.push_str("\" class=\"attached-file\" download=\"");
        }
        if !title.is_empty() {
            self.html.push_str("\" title=\"");
            push_text(&mut self.html, title);
        }
        self.html.push_str("\" rel=\"noopener noreferrer nofollow\">");
        true
    }
}

const END_OF_LINK: &str = "</a>";

/// What stands between the two addresses of a picture, which leads to itself.
pub(super) const PICTURE: &str =
    "\" class=\"picture\" target=\"_blank\" rel=\"noopener noreferrer nofollow\"><img src=\"";

/// How an element without attributes begins and ends. What is written on lines of its own ends with one.
fn names(tag: &Tag<'_>) -> (&'static str, &'static str) {
    match tag {
        Tag::Paragraph | Tag::HtmlBlock => ("<p>", "</p>\n"),
        Tag::Heading { level: HeadingLevel::H1, .. } => ("<h1>", "</h1>\n"),
        Tag::Heading { level: HeadingLevel::H2, .. } => ("<h2>", "</h2>\n"),
        Tag::Heading { level: HeadingLevel::H3, .. } => ("<h3>", "</h3>\n"),
        Tag::Heading { level: HeadingLevel::H4, .. } => ("<h4>", "</h4>\n"),
        Tag::Heading { level: HeadingLevel::H5, .. } => ("<h5>", "</h5>\n"),
        Tag::Heading { level: HeadingLevel::H6, .. } => ("<h6>", "</h6>\n"),
        Tag::BlockQuote(_) => ("<blockquote>\n", "</blockquote>\n"),
        Tag::CodeBlock(_) => ("<pre><code>", "</code></pre>\n"),
        Tag::List(Some(_)) => ("<ol>\n", "</ol>\n"),
        Tag::List(None) => ("<ul>\n", "</ul>\n"),
        Tag::Item => ("<li>", "</li>\n"),
        Tag::Table(_) => ("<table>", "</tbody></table>\n"),
        Tag::TableHead => ("<thead><tr>", "</tr></thead><tbody>\n"),
        Tag::TableRow => ("<tr>", "</tr>\n"),
        Tag::TableCell => ("<td>", "</td>"),
        Tag::Emphasis => ("<em>", "</em>"),
        Tag::Strong => ("<strong>", "</strong>"),
        Tag::Strikethrough => ("<del>", "</del>"),
        // Kinds that are not asked for, and what is written elsewhere.
        _ => ("", ""),
    }
}

/// An address as an attribute's value, if it leads to this site or has a known scheme.
fn escaped_address(prefix: &str, address: &str) -> Option<String> {
    let mut escaped = String::with_capacity(prefix.len() + address.len());
    escaped.push_str(prefix);
    for byte in address.bytes() {
        match byte {
            b'&' => escaped.push_str("&amp;"),
            b'\'' => escaped.push_str("&#39;"),
            byte if byte.is_ascii_alphanumeric() || b"!#$%()*+,-./:;=?@_~".contains(&byte) => {
                escaped.push(char::from(byte));
            }
            byte => {
                // White space and controls among them, which browsers leave out when they look for the scheme.
                escaped.push('%');
                escaped.push(char::from(HEX[usize::from(byte >> 4)]));
                escaped.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
    }
    let begin = escaped.split(['/', '?', '#']).next().unwrap_or_default();
    let known = begin
        .split_once(':')
        .is_none_or(|(scheme, _)| SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known)));
    known.then_some(escaped)
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// A text, with an end of the line after each of its own.
fn push_lines(html: &mut String, text: &str) {
    for line in text.split_inclusive('\n') {
        push_text(html, line.strip_suffix('\n').unwrap_or(line));
        if line.ends_with('\n') {
            html.push_str("<br>\n");
        }
    }
}

/// A text, in an element or in the value of an attribute.
pub(super) fn push_text(html: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\r', '\0']) {
        html.push_str(&rest[..at]);
        html.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\r' => "\n",
            _ => "\u{fffd}",
        });
        rest = &rest[at + 1..];
    }
    html.push_str(rest);
}
