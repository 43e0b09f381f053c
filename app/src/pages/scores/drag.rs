//! Rating on the matrix: a bubble that is carried to another place says what its reader thinks of both criteria. Alt and an
//! arrow do the same, one step of a scale at a time.

use domain::{ItemId, ProductKey};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, Event, HtmlElement, KeyboardEvent, PointerEvent};

use crate::{
    board::press::{self, Draggable},
    platform,
};

/// What somebody says about an item by its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rated {
    pub item: ItemId,
    pub number: u32,
    pub model: String,
    /// Criteria with what they are rated.
    pub ratings: Vec<(String, String)>,
}

impl Rated {
    /// What was said about an item of this product.
    pub(super) fn sentence(&self, key: &ProductKey) -> String {
        format!("Rated {key}-{}: {}.", self.number, self.words())
    }

    fn words(&self) -> String {
        let words: Vec<String> =
            self.ratings.iter().map(|(name, choice)| format!("{name} {choice}")).collect();
        words.join(", ")
    }

    /// Moves the focus to its bubble, where that is drawn.
    pub(super) fn focus(&self) {
        let bubble = platform::document().query_selector(&format!("[data-bubble='{}']", self.item));
        // Elements of pictures have the same method as those of pages, and no type in common.
        if let Ok(Some(bubble)) = bubble {
            platform::focus(bubble.unchecked_ref());
        }
    }
}

/// A criterion that can be rated by a place along it.
#[derive(Clone, Debug)]
struct Axis {
    name: String,
    /// What can be chosen, with its place within the picture, in its units.
    steps: Vec<(String, f64)>,
}

impl Axis {
    /// As the picture has it: `Need|1=48 2=228`.
    fn read(picture: &Element, attribute: &str) -> Option<Self> {
        let text = picture.get_attribute(attribute)?;
        let (name, steps) = text.rsplit_once('|')?;
        let steps = steps.split(' ').filter_map(|step| {
            let (choice, place) = step.split_once('=')?;
            Some((choice.to_owned(), place.parse().ok()?))
        });
        Some(Self { name: name.to_owned(), steps: steps.collect() })
    }

    /// The step that is nearest to a place.
    fn nearest(&self, place: f64) -> Option<usize> {
        let distance = |(_, at): &(String, f64)| (at - place).abs();
        let steps = self.steps.iter().enumerate();
        steps.min_by(|a, b| distance(a.1).total_cmp(&distance(b.1))).map(|(step, _)| step)
    }
}

/// Where the reader put a bubble, across and up.
const OWN: [&str; 2] = ["data-own-x", "data-own-y"];

struct Bubble {
    bubble: Element,
    picture: Element,
    item: ItemId,
    number: u32,
    model: String,
    /// Across and up; `None` where that criterion is not rated.
    axes: [Option<Axis>; 2],
    /// How wide the picture is, in its units.
    width: f64,
    /// Where all ratings together put it, in units of the picture.
    at: [f64; 2],
    /// Where its reader put it.
    own: [Option<f64>; 2],
    /// The steps it is over; `None` where that is where it was.
    over: [Option<usize>; 2],
    label: Option<HtmlElement>,
    rate: Callback<Rated>,
}

/// Watches for presses and keys on bubbles while the page is open.
pub(super) fn listen(rate: Callback<Rated>) {
    let press = window_event_listener(ev::pointerdown, move |event| press(&event, rate));
    let keys = window_event_listener(ev::keydown, move |event| key(&event, rate));
    // Links are not carried to elsewhere.
    let native = window_event_listener(ev::dragstart, |event| {
        if bubble_at(&event).is_some() {
            event.prevent_default();
        }
    });
    on_cleanup(move || {
        press.remove();
        keys.remove();
        native.remove();
    });
}

fn bubble_at(event: &Event) -> Option<Element> {
    platform::within(event, "[data-bubble]")
}

impl Bubble {
    fn read(bubble: Element, rate: Callback<Rated>) -> Option<Self> {
        let picture = bubble.closest("svg").ok()??;
        let number = |name: &str| bubble.get_attribute(name)?.parse::<f64>().ok();
        let axes = ["data-across", "data-up"].map(|name| Axis::read(&picture, name));
        if axes.iter().all(Option::is_none) {
            return None;
        }
        Some(Self {
            item: bubble.get_attribute("data-bubble")?.parse().ok()?,
            number: bubble.get_attribute("data-number")?.parse().ok()?,
            model: picture.get_attribute("data-model")?,
            width: picture.get_attribute("viewBox")?.split(' ').nth(2)?.parse().ok()?,
            at: [number("data-x")?, number("data-y")?],
            own: OWN.map(number),
            over: [None, None],
            label: None,
            axes,
            picture,
            bubble,
            rate,
        })
    }

    /// What it says at the steps it is over.
    fn rated(&self) -> Option<Rated> {
        let ratings: Vec<(String, String)> = self
            .axes
            .iter()
            .zip(self.over)
            .filter_map(|(axis, over)| {
                let axis = axis.as_ref()?;
                Some((axis.name.clone(), axis.steps.get(over?)?.0.clone()))
            })
            .collect();
        let Self { item, number, ref model, .. } = *self;
        (!ratings.is_empty()).then(|| Rated { item, number, model: model.clone(), ratings })
    }

    /// Shows it at the steps it is over.
    fn show(&self) {
        let moved = |axis: usize| {
            let place = self.axes.get(axis)?.as_ref()?.steps.get((*self.over.get(axis)?)?)?.1;
            Some(place - self.at.get(axis)?)
        };
        let (x, y) = (moved(0).unwrap_or(0.0), moved(1).unwrap_or(0.0));
        let _ = self.bubble.set_attribute("transform", &format!("translate({x} {y})"));
        if let Some(label) = &self.label {
            label.set_text_content(self.rated().map(|rated| rated.words()).as_deref());
        }
    }
}

fn press(event: &PointerEvent, rate: Callback<Rated>) {
    if event.button() != 0 {
        return;
    }
    if let Some(bubble) = bubble_at(event).and_then(|bubble| Bubble::read(bubble, rate)) {
        press::press(event, bubble);
    }
}

fn key(event: &KeyboardEvent, rate: Callback<Rated>) {
    let (axis, step) = match (event.alt_key(), &*event.key()) {
        (true, "ArrowLeft") => (0, -1),
        (true, "ArrowRight") => (0, 1),
        (true, "ArrowDown") => (1, -1),
        (true, "ArrowUp") => (1, 1),
        _ => return,
    };
    let Some(mut bubble) = bubble_at(event).and_then(|bubble| Bubble::read(bubble, rate)) else { return };
    event.prevent_default();
    // From the own rating on, where there is one: what all say together may stay where it is.
    let own = bubble.own.get(axis).copied().flatten();
    let Some(scale) = bubble.axes.get(axis).and_then(Option::as_ref) else { return };
    let Some(now) = own.or_else(|| bubble.at.get(axis).copied()).and_then(|at| scale.nearest(at)) else {
        return;
    };
    let next = now.checked_add_signed(step);
    let Some((next, (_, place))) = next.and_then(|next| Some((next, scale.steps.get(next)?))) else { return };
    if let (Some(name), Some(over)) = (OWN.get(axis), bubble.over.get_mut(axis)) {
        *over = Some(next);
        // For a key that comes before the page does.
        let _ = bubble.bubble.set_attribute(name, &place.to_string());
        if let Some(rated) = bubble.rated() {
            bubble.rate.try_run(rated);
        }
    }
}

impl Draggable for Bubble {
    fn element(&self) -> &Element {
        &self.bubble
    }

    fn begin(&mut self) -> Option<HtmlElement> {
        let label: HtmlElement = platform::document().create_element("div").ok()?.dyn_into().ok()?;
        label.set_class_name("scores__carried");
        platform::document().body()?.append_child(&label).ok()?;
        let _ = self.bubble.class_list().add_1("scores__bubble--carried");
        self.label = Some(label.clone());
        Some(label)
    }

    fn aim(&mut self, (x, y): (f64, f64), _: f64) {
        // The page was drawn again meanwhile: there is no place to aim at.
        if !self.picture.is_connected() {
            self.over = [None, None];
            return;
        }
        let rect = self.picture.get_bounding_client_rect();
        let scale = self.width / rect.width().max(1.0);
        let at = [(x - rect.left()) * scale, (y - rect.top()) * scale];
        let over = [0, 1].map(|axis: usize| {
            let scale = self.axes.get(axis)?.as_ref()?;
            let now = scale.nearest(*self.at.get(axis)?);
            scale.nearest(*at.get(axis)?).filter(|step| Some(*step) != now)
        });
        if over != self.over {
            self.over = over;
            self.show();
        }
    }

    fn end(&mut self) {
        let _ = self.bubble.class_list().remove_1("scores__bubble--carried");
        let _ = self.bubble.remove_attribute("transform");
    }

    fn land(&mut self) {
        if let Some(rated) = self.rated() {
            self.rate.try_run(rated);
        }
    }
}
