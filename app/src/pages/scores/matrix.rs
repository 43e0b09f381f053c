//! Items on a plane of two criteria, with a third as their size. The list below has the same numbers.

use backend::scores::ScoredItem;
use domain::{
    counted,
    score::{Criterion, Number, Source},
};
use leptos::prelude::*;

use super::{data::Asked, plain::Page};

/// The most items that are drawn.
const DRAWN: usize = 500;

/// How many of them can have their keys beside them.
const NAMED: usize = 60;

/// The plane within the picture, in its units.
const LEFT: u32 = 48;
const TOP: u32 = 32;
const WIDTH: u32 = 720;
const HEIGHT: u32 = 400;

/// The direction of an axis.
#[derive(Clone, Copy)]
enum Along {
    Across,
    Up,
}

impl Along {
    /// Where a number is, in units of the picture.
    fn place(self, number: Number, (low, high): (Number, Number)) -> u32 {
        match self {
            Along::Across => LEFT + number.permille(low, high) * WIDTH / 1_000,
            Along::Up => TOP + HEIGHT - number.permille(low, high) * HEIGHT / 1_000,
        }
    }
}

/// Which criteria are drawn, by their places.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axes {
    x: usize,
    y: usize,
    size: Option<usize>,
}

impl Axes {
    /// Those that an address names; `None` where it names none.
    pub(super) fn of(asked: &Asked, criteria: &[Criterion]) -> Option<Self> {
        let place = |name: &Option<String>| {
            let name = name.as_deref()?.to_lowercase();
            criteria.iter().position(|criterion| criterion.name.to_lowercase() == name)
        };
        Some(Self { x: place(&asked.x)?, y: place(&asked.y)?, size: place(&asked.size) })
    }
}

impl Page {
    /// The way to the matrix, where there are two criteria to draw.
    pub(super) fn to_matrix(&self) -> Option<AnyView> {
        let [x, y, ..] = &*self.board.model.model.criteria else { return None };
        let encode = |name: &str| name.replace(' ', "+");
        let href = format!("/p/{}/scores?x={}&y={}", self.key(), encode(&x.name), encode(&y.name));
        let words = if self.axes.is_some() { "Close matrix" } else { "Matrix" };
        let href = if self.axes.is_some() { super::plain::address(self.key()) } else { href };
        Some(view! { <a class="button" href=href>{words}</a> }.into_any())
    }

    pub(super) fn matrix(&self) -> Option<AnyView> {
        let axes = self.axes?;
        let criteria = &self.board.model.model.criteria;
        let (x, y) = (criteria.get(axes.x)?, criteria.get(axes.y)?);
        let (over_x, over_y) = (self.bounds(axes.x)?, self.bounds(axes.y)?);
        let over_size = axes.size.and_then(|size| self.bounds(size));
        let value =
            |item: &ScoredItem, place: usize| item.scored.inputs.get(place).and_then(|input| input.value);
        let placed: Vec<(&ScoredItem, Number, Number)> = self
            .board
            .items
            .iter()
            .filter_map(|item| Some((item, value(item, axes.x)?, value(item, axes.y)?)))
            .collect();
        let is_named = placed.len() <= NAMED;
        let steps = [(x, over_x, Along::Across), (y, over_y, Along::Up)];
        let [across, up] = steps.map(|(criterion, over, along)| self.steps(criterion, over, along));
        let carried = across.is_some() || up.is_some();
        let how = carried.then(|| {
            view! {
                <p class="quiet needs-life">
                    "Drag a bubble to rate its item, or press Alt and an arrow on it. A bubble stands where all ratings together put it."
                </p>
            }
        });
        let bubbles = placed.iter().take(DRAWN).map(|(item, at_x, at_y)| {
            let left = Along::Across.place(*at_x, over_x);
            let top = Along::Up.place(*at_y, over_y);
            let size = axes
                .size
                .zip(over_size)
                .and_then(|(size, over)| Some(value(item, size)?.permille(over.0, over.1)));
            // The area grows with the number.
            let radius = 5 + (size.unwrap_or(60) * 289 / 1_000).isqrt();
            let name = format!("{}-{}", self.key(), item.number);
            let own = |criterion: usize, over, along: Along| {
                let own = item.own.get(criterion).copied().flatten().filter(|_| carried)?;
                Some(along.place(Number::hundredths(own), over).to_string())
            };
            let words = format!("{name} {}: {} {at_x}, {} {at_y}", item.title, x.name, y.name);
            let label_words = words.clone();
            let (beside, anchor) = match left > LEFT + WIDTH * 4 / 5 {
                true => (left - radius - 3, "end"),
                false => (left + radius + 3, "start"),
            };
            let label = is_named.then(|| {
                view! {
                    <text x=beside.to_string() y=(top + 4).to_string() text-anchor=anchor>
                        {name.clone()}
                    </text>
                }
            });
            view! {
                <a
                    href=super::plain::item_address(self.key(), item.number)
                    aria-label=label_words
                    data-bubble=carried.then(|| item.scored.item.to_string())
                    data-number=carried.then(|| item.number.to_string())
                    data-x=carried.then(|| left.to_string())
                    data-y=carried.then(|| top.to_string())
                    data-own-x=own(axes.x, over_x, Along::Across)
                    data-own-y=own(axes.y, over_y, Along::Up)
                >
                    <title>{words}</title>
                    <circle cx=left.to_string() cy=top.to_string() r=radius.to_string()></circle>
                    {label}
                </a>
            }
        });
        let left_out = self.board.items.len() - placed.len().min(DRAWN);
        let missing = (left_out > 0).then(|| {
            let words = counted(left_out, "item isn’t", "items aren’t");
            view! { <p class="quiet">{words} " drawn: a value is missing, or there are too many."</p> }
        });
        let (middle, bottom) = (LEFT + WIDTH / 2, TOP + HEIGHT);
        let rule = |x1: u32, y1: u32, x2: u32, y2: u32| {
            let text = |number: u32| number.to_string();
            view! { <line x1=text(x1) y1=text(y1) x2=text(x2) y2=text(y2)></line> }
        };
        let mark = |x: u32, y: u32, words: String, anchor: &'static str| {
            view! { <text class="scores__mark" x=x.to_string() y=y.to_string() text-anchor=anchor>{words}</text> }
        };
        Some(
            view! {
                <section class="scores__matrix" aria-labelledby="scores-matrix">
                    <h2 id="scores-matrix">"Matrix"</h2>
                    {self.axes_form(axes)}
                    {how}
                    <svg
                        viewBox="0 0 816 468"
                        role="group"
                        aria-label=format!("{} by {}", y.name, x.name)
                        data-model=carried.then(|| self.board.model.key.clone())
                        data-across=across
                        data-up=up
                    >
                        {rule(LEFT, TOP, LEFT, bottom)} {rule(LEFT, bottom, LEFT + WIDTH, bottom)}
                        {rule(middle, TOP, middle, bottom)}
                        {rule(LEFT, TOP + HEIGHT / 2, LEFT + WIDTH, TOP + HEIGHT / 2)}
                        {mark(LEFT - 8, TOP + 8, over_y.1.to_string(), "end")}
                        {mark(LEFT - 8, bottom, over_y.0.to_string(), "end")}
                        {mark(LEFT + 8, TOP + 8, format!("↑ {}", y.name), "start")}
                        {mark(LEFT, bottom + 20, over_x.0.to_string(), "start")}
                        {mark(middle, bottom + 20, format!("{} →", x.name), "middle")}
                        {mark(LEFT + WIDTH, bottom + 20, over_x.1.to_string(), "end")}
                        {bubbles.collect_view()}
                    </svg>
                    {missing}
                </section>
            }
            .into_any(),
        )
    }

    /// What the reader can rate by a place along an axis, for the browser; `None` where that is nothing.
    fn steps(&self, criterion: &Criterion, over: (Number, Number), along: Along) -> Option<String> {
        let choices = criterion.scale().filter(|_| self.rates)?.choices()?;
        let step = |choice: Number| {
            format!("{}={}", choice.to_string().replace('−', "-"), along.place(choice, over))
        };
        let steps: Vec<String> = choices.into_iter().map(step).collect();
        Some(format!("{}|{}", criterion.name, steps.join(" ")))
    }

    /// The smallest and largest number on an axis.
    fn bounds(&self, place: usize) -> Option<(Number, Number)> {
        let source = &self.board.model.model.criteria.get(place)?.source;
        let is_near = match source {
            Source::Rating(scale) => scale.choices().is_some(),
            Source::Field(_) | Source::Upvotes | Source::VotingResult => true,
        };
        if let Some(bounds) = source.bounds().filter(|_| is_near) {
            return Some(bounds);
        }
        let values = || self.scored.iter().filter_map(|item| item.inputs.get(place)?.value);
        let (least, most) = (values().min().unwrap_or(Number::ZERO), values().max().unwrap_or(Number::ONE));
        Some((least.min(Number::ZERO), most.max(Number::ONE)))
    }

    fn axes_form(&self, axes: Axes) -> AnyView {
        let select = |name: &'static str, label: &'static str, chosen: Option<usize>, is_optional: bool| {
            let options = self.board.model.model.criteria.iter().enumerate().map(|(place, criterion)| {
                view! {
                    <option value=criterion.name.clone() selected=chosen == Some(place)>
                        {criterion.name.clone()}
                    </option>
                }
            });
            let id = format!("axis-{name}");
            let none = is_optional.then(|| view! { <option value="">"All the same"</option> });
            view! {
                <div class="field scores__axis">
                    <label for=id.clone()>{label}</label>
                    <select id=id name=name>{none} {options.collect_view()}</select>
                </div>
            }
        };
        view! {
            <form method="get" class="scores__rate">
                {select("x", "Across", Some(axes.x), false)} {select("y", "Up", Some(axes.y), false)}
                {select("size", "Size", axes.size, true)} <button class="button" type="submit">"Draw"</button>
            </form>
        }
        .into_any()
    }
}
