//! A picture of a timeline that needs nothing else: SVG with its colours and fonts inside, and no script.
//!
//! It is light whatever the page is, since it goes into documents and onto slides. Colours are those of `style/tokens.css`,
//! written as every program understands them.

use std::{collections::BTreeMap, fmt::Write as _};

use domain::{Date, Investment, Quarter, Span, Status};

use super::{
    bar::{Drawn, extent},
    links::way,
    rows::effort,
    state::{BAR, Grid, ROW},
    words,
};
use crate::board::badges::month_name;

/// The space around, the lines above, and what the titles take.
const MARGIN: f64 = 24.0;
const ABOVE: f64 = 56.0;
const TITLES: f64 = 260.0;
const QUARTERS: f64 = 24.0;
const HEAD: f64 = 44.0;
const BELOW: f64 = 28.0;
/// How wide a picture is at least: what its fills mean has room below it.
const LEAST: f64 = 860.0;
/// The most letters of a title beside its row.
const LETTERS: usize = 38;
/// From which width on a quarter has its months, and a month its name.
const FULL: f64 = 112.0;
const NAMED: f64 = 26.0;

const FONT: &str = "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
const TEXT: &str = "#25211b";
const QUIET: &str = "#5c5751";
const LINE: &str = "#dedcd8";
const SUNKEN: &str = "#f0eeeb";
const ACCENT: &str = "#006871";
const WARNING: &str = "#81520a";
const GHOST: &str = "#a09c96";

/// What a picture shows.
pub(super) struct Picture {
    pub(super) title: String,
    pub(super) about: String,
    pub(super) grid: Grid,
    pub(super) today: Option<Date>,
    pub(super) rows: Vec<Line>,
    pub(super) links: Vec<Curve>,
}

/// A dependency between the items of two rows.
pub(super) struct Curve {
    pub(super) from: usize,
    pub(super) to: usize,
    /// Whether the second starts before the first ends.
    pub(super) is_early: bool,
}

/// A row of a picture.
pub(super) enum Line {
    Group {
        name: String,
        count: usize,
        efforts: BTreeMap<Quarter, u32>,
    },
    /// An item, with its days at the baseline that is shown.
    Item {
        drawn: Drawn,
        then: Option<Span>,
    },
}

impl Picture {
    pub(super) fn width(&self) -> f64 {
        (2.0 * MARGIN + TITLES + self.grid.width()).max(LEAST)
    }

    pub(super) fn height(&self) -> f64 {
        2.0 * MARGIN + ABOVE + HEAD + (self.rows.len() * ROW) as f64 + BELOW
    }

    /// The picture as a file.
    pub(super) fn svg(&self) -> String {
        let (width, height) = (self.width(), self.height());
        let mut svg = Svg(String::new());
        svg.open(
            "svg",
            &[
                ("xmlns", "http://www.w3.org/2000/svg".to_owned()),
                ("width", number(width)),
                ("height", number(height)),
                ("viewBox", format!("0 0 {} {}", number(width), number(height))),
                ("font-family", FONT.to_owned()),
                ("font-size", "13".to_owned()),
                ("fill", TEXT.to_owned()),
            ],
        );
        svg.element("title", &[], &self.title);
        svg.0.push_str(DEFINITIONS);
        svg.rect(0.0, 0.0, width, height, &[("fill", "#ffffff")]);
        svg.text(MARGIN, MARGIN + 16.0, &[("font-size", "18"), ("font-weight", "600")], &self.title);
        svg.text(MARGIN, MARGIN + 36.0, &[("fill", QUIET)], &self.about);
        let (left, top) = (MARGIN + TITLES, MARGIN + ABOVE);
        self.calendar(&mut svg, left, top);
        for (at, row) in self.rows.iter().enumerate() {
            let y = top + HEAD + (at * ROW) as f64;
            match row {
                Line::Group { name, count, efforts } => self.group(&mut svg, y, name, *count, efforts),
                Line::Item { drawn, then } => self.item(&mut svg, y, drawn, *then),
            }
        }
        for curve in &self.links {
            self.curve(&mut svg, left, top, curve);
        }
        self.now(&mut svg, left, top);
        legend(&mut svg, MARGIN, height - MARGIN - 8.0);
        svg.close("svg");
        svg.0
    }

    fn calendar(&self, svg: &mut Svg, left: f64, top: f64) {
        let (grid, below) = (self.grid, HEAD + (self.rows.len() * ROW) as f64);
        for (at, quarter, first, last) in grid.quarters(0..grid.calendar.len()) {
            let (x, width) = (left + grid.x(first), grid.end(last) - grid.x(first));
            if at % 2 != 0 {
                svg.rect(x, top, width, below, &[("fill", SUNKEN)]);
            }
            svg.line(x, top, x, top + below, "#b6b3ad");
            let label = grid.calendar.year.label(quarter);
            let words = if width >= FULL { words::quarter(&label, first, last) } else { label };
            svg.text(x + 8.0, top + 16.0, &[("font-weight", "600")], &words);
            for months in 0..3 {
                let Some(day) = first.plus_months(months) else { continue };
                let x = left + grid.x(day);
                let width = left + grid.end(day.last_of_month()) - x;
                if months > 0 {
                    svg.line(x, top + QUARTERS, x, top + below, LINE);
                }
                let name = month_name(day);
                let name = if width >= NAMED { name } else { &name[..1] };
                svg.text(x + 4.0, top + QUARTERS + 13.0, &[("fill", QUIET), ("font-size", "11")], name);
            }
        }
        svg.line(MARGIN, top + HEAD, left + grid.width(), top + HEAD, LINE);
    }

    fn group(&self, svg: &mut Svg, y: f64, name: &str, count: usize, efforts: &BTreeMap<Quarter, u32>) {
        let left = MARGIN + TITLES;
        svg.rect(MARGIN, y, TITLES + self.grid.width(), ROW as f64, &[("fill", SUNKEN)]);
        let name = format!("{} · {count}", shortened(name));
        svg.text(MARGIN + 8.0, y + 22.0, &[("font-weight", "600")], &name);
        for (_, quarter, first, last) in self.grid.quarters(0..self.grid.calendar.len()) {
            if let Some(tenths) = efforts.get(&quarter).filter(|tenths| **tenths > 0) {
                let middle = left + f64::midpoint(self.grid.x(first), self.grid.end(last));
                svg.text(middle, y + 22.0, &[("fill", QUIET), ("text-anchor", "middle")], &effort(*tenths));
            }
        }
    }

    fn item(&self, svg: &mut Svg, y: f64, drawn: &Drawn, then: Option<Span>) {
        let left = MARGIN + TITLES;
        let (top, high) = (y + ((ROW - BAR) / 2) as f64, BAR as f64);
        svg.text(MARGIN, y + 22.0, &[], &shortened(&drawn.title));
        svg.line(MARGIN, y + ROW as f64, left + self.grid.width(), y + ROW as f64, LINE);
        if let Some((from, to)) = then.and_then(|then| extent(self.grid, then)) {
            svg.rect(left + from, top + high + 1.0, to - from, 4.0, &[("rx", "2"), ("fill", GHOST)]);
        }
        let Some((from, to)) = extent(self.grid, drawn.span) else { return };
        let (from, to) = (left + from, left + to);
        if drawn.span.is_milestone() {
            let (x, y) = (f64::midpoint(from, to) - 9.0, top + high / 2.0);
            let path = format!("M{} {}l9 -9l9 9l-9 9z", number(x), number(y));
            let stroke = drawn.investment.map_or(stroke(drawn.status), colour);
            svg.empty(
                "path",
                &[
                    ("d", path),
                    ("fill", fill(drawn.status).to_owned()),
                    ("stroke", stroke.to_owned()),
                    ("stroke-width", "2".to_owned()),
                ],
            );
        } else {
            bar(svg, (from, top), (to - from, high), drawn.status, drawn.span.end.is_none());
            if let Some(investment) = drawn.investment {
                svg.rect(from, top, 4.0, high, &[("rx", "2"), ("fill", colour(investment))]);
            }
        }
        if let Some(promised) = &drawn.promised {
            svg.text(to + 8.0, y + 22.0, &[("fill", WARNING), ("font-size", "11")], promised);
        }
    }

    fn curve(&self, svg: &mut Svg, left: f64, top: f64, curve: &Curve) {
        let bar = |row: usize| match self.rows.get(row)? {
            Line::Item { drawn, .. } => extent(self.grid, drawn.span),
            Line::Group { .. } => None,
        };
        let (Some((_, end)), Some((start, _))) = (bar(curve.from), bar(curve.to)) else { return };
        let middle = |row: usize| top + HEAD + (row * ROW) as f64 + ROW as f64 / 2.0;
        let (x, y) = (left + start - 1.0, middle(curve.to));
        let stroke = if curve.is_early { WARNING } else { QUIET };
        let line = way((left + end, middle(curve.from)), (x, y));
        let looks = [("fill", "none"), ("stroke", stroke), ("stroke-width", "1.5")];
        let looks = looks.map(|(name, value)| (name, value.to_owned()));
        svg.empty("path", &[&[("d", line)], &looks[..]].concat());
        let arrow = format!("M{} {}l5 3.5l-5 3.5z", number(x - 5.0), number(y - 3.5));
        svg.empty("path", &[("d", arrow), ("fill", stroke.to_owned())]);
    }

    fn now(&self, svg: &mut Svg, left: f64, top: f64) {
        let days = 0..self.grid.calendar.days();
        let Some(today) = self.today.filter(|today| days.contains(&self.grid.calendar.offset(*today))) else {
            return;
        };
        let x = left + self.grid.middle(today);
        svg.line(x, top + QUARTERS, x, top + HEAD + (self.rows.len() * ROW) as f64, ACCENT);
        let words = words::today(today);
        let width = 6.2 * words.chars().count() as f64 + 12.0;
        svg.rect(x - width / 2.0, top + QUARTERS + 1.0, width, 18.0, &[("rx", "9"), ("fill", ACCENT)]);
        let label = [("fill", "#f8fdfd"), ("font-size", "11"), ("text-anchor", "middle")];
        svg.text(x, top + QUARTERS + 14.0, &label, &words);
    }
}

/// Hatching, and fading out.
const DEFINITIONS: &str = concat!(
    "<defs><pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">",
    "<rect width=\"6\" height=\"6\" fill=\"#ffffff\"/><rect width=\"2\" height=\"6\" fill=\"#e1ddd8\"/></pattern>",
    "<linearGradient id=\"fading\"><stop offset=\"0.25\" stop-color=\"#ffffff\"/><stop offset=\"1\" stop-color=\"#000000\"/>",
    "</linearGradient><mask id=\"fade\" maskContentUnits=\"objectBoundingBox\">",
    "<rect width=\"1\" height=\"1\" fill=\"url(#fading)\"/></mask></defs>",
);

fn bar(svg: &mut Svg, (x, y): (f64, f64), (width, high): (f64, f64), status: Status, is_open: bool) {
    let mut look = vec![("rx", "4"), ("fill", fill(status)), ("stroke", stroke(status))];
    look.extend((status == Status::Dropped).then_some(("stroke-dasharray", "4 3")));
    look.extend(is_open.then_some(("mask", "url(#fade)")));
    svg.rect(x, y, width, high, &look);
}

/// What fills and edges mean.
fn legend(svg: &mut Svg, mut x: f64, y: f64) {
    let name = |svg: &mut Svg, x: &mut f64, name: &str| {
        svg.text(*x + 22.0, y + 4.0, &[("fill", QUIET), ("font-size", "11")], name);
        *x += 34.0 + 6.4 * name.chars().count() as f64;
    };
    for status in Status::ALL {
        bar(svg, (x, y - 5.0), (16.0, 10.0), *status, false);
        name(svg, &mut x, status.label());
    }
    for investment in Investment::ALL {
        svg.rect(x + 12.0, y - 5.0, 4.0, 10.0, &[("rx", "2"), ("fill", colour(*investment))]);
        name(svg, &mut x, investment.label());
    }
}

fn fill(status: Status) -> &'static str {
    match status {
        Status::Planned => "#c0e6eb",
        Status::InProgress => ACCENT,
        Status::Done => "url(#hatch)",
        Status::Dropped => "none",
        Status::Proposed => "#ffffff",
    }
}

fn stroke(status: Status) -> &'static str {
    match status {
        Status::Planned => "#77b0b6",
        Status::InProgress => ACCENT,
        _ => "#8f8c85",
    }
}

fn colour(investment: Investment) -> &'static str {
    match investment {
        Investment::Innovation => "#1666aa",
        Investment::Retention => "#036f4f",
        Investment::Run => "#875814",
        Investment::Retire => "#914373",
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= LETTERS {
        return text.to_owned();
    }
    text.chars().take(LETTERS - 1).chain(['…']).collect()
}

/// A length, to a tenth.
fn number(length: f64) -> String {
    super::state::px(length)
}

/// What is written so far.
struct Svg(String);

impl Svg {
    fn begin(&mut self, name: &str, attributes: &[(&str, String)]) {
        let _ = write!(self.0, "<{name}");
        for (name, value) in attributes {
            let _ = write!(self.0, " {name}=\"");
            self.escaped(value);
            self.0.push('"');
        }
    }

    fn open(&mut self, name: &str, attributes: &[(&str, String)]) {
        self.begin(name, attributes);
        self.0.push('>');
    }

    fn close(&mut self, name: &str) {
        let _ = write!(self.0, "</{name}>");
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, String)]) {
        self.begin(name, attributes);
        self.0.push_str("/>");
    }

    fn element(&mut self, name: &str, attributes: &[(&str, String)], text: &str) {
        self.open(name, attributes);
        self.escaped(text);
        self.close(name);
    }

    fn rect(&mut self, x: f64, y: f64, width: f64, height: f64, look: &[(&str, &str)]) {
        let place = [("x", x), ("y", y), ("width", width), ("height", height)];
        self.empty("rect", &attributes(&place, look));
    }

    fn line(&mut self, x1: f64, y1: f64, x2: f64, y2: f64, stroke: &str) {
        let place = [("x1", x1), ("y1", y1), ("x2", x2), ("y2", y2)];
        self.empty("line", &attributes(&place, &[("stroke", stroke)]));
    }

    fn text(&mut self, x: f64, y: f64, look: &[(&str, &str)], text: &str) {
        self.element("text", &attributes(&[("x", x), ("y", y)], look), text);
    }

    /// Text as XML has it. What XML cannot have is left out.
    fn escaped(&mut self, text: &str) {
        for char in text.chars() {
            match char {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                char if char.is_control() || matches!(char, '\u{fffe}' | '\u{ffff}') => {}
                char => self.0.push(char),
            }
        }
    }
}

fn attributes<'a>(place: &[(&'a str, f64)], look: &[(&'a str, &str)]) -> Vec<(&'a str, String)> {
    let place = place.iter().map(|(name, length)| (*name, number(*length)));
    place.chain(look.iter().map(|(name, value)| (*name, (*value).to_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use domain::{Calendar, FiscalYear};

    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn picture(title: &str) -> Picture {
        let year = FiscalYear::beginning_in(4).unwrap();
        let days = [day("2027-01-01"), day("2027-06-30")];
        let grid = Grid { calendar: Calendar::covering(days, None, year).unwrap(), day: 2.7 };
        let span = Span { start: Some(days[0]), end: Some(day("2027-03-31")) };
        let drawn = Drawn::sample(title, span);
        let efforts = BTreeMap::from([(year.quarter(days[0]), 125)]);
        Picture {
            title: "ERP & more".to_owned(),
            about: "29 Nov 2026".to_owned(),
            grid,
            today: Some(day("2027-02-01")),
            rows: vec![
                Line::Group { name: "Payments".to_owned(), count: 1, efforts },
                Line::Item { drawn, then: Some(span) },
                Line::Item { drawn: Drawn::sample("Later", span), then: None },
            ],
            links: vec![Curve { from: 1, to: 2, is_early: true }],
        }
    }

    #[test]
    fn a_picture_has_bars_quarters_groups_and_today_and_needs_nothing_else() {
        let svg = picture("Sign in").svg();
        for part in
            ["ERP &amp; more", "29 Nov 2026", "Q4 FY27", "Payments · 1", "12.5 d", "Sign in", "Today, 1 Feb"]
        {
            assert!(svg.contains(part), "{part}\n{svg}");
        }
        assert_eq!(svg.matches(&format!("stroke=\"{WARNING}\"")).count(), 1, "a dependency that is early");
        for elsewhere in ["<script", "href", "class=", "style=", "oklch", "var("] {
            assert!(!svg.contains(elsewhere), "{elsewhere}");
        }
        assert_eq!(svg.matches("http").count(), 1, "the namespace");
    }

    #[test]
    fn a_title_is_text_whatever_it_says() {
        let svg = picture("</text><script>\u{1}alert('\"')&\u{ffff}").svg();
        assert!(svg.contains("&lt;/text&gt;&lt;script&gt;alert('&quot;')&amp;<"), "{svg}");
        let depth = svg.matches("<text").count();
        assert_eq!(depth, svg.matches("</text>").count());
    }
}
