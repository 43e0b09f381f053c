//! What leaves a timeline: pictures, files and links for calendars.

use domain::{Calendar, Zoom, counted, dependency::Dependency};
use leptos::{
    prelude::*,
    task::spawn_local,
    wasm_split::{SplitLoaderError, wasm_split},
};
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, CanvasRenderingContext2d, HtmlAnchorElement, HtmlCanvasElement, HtmlImageElement};

use super::{
    bar::Drawn,
    feed::Wanted,
    picture::{Curve, Line, Picture},
    rows::Row,
    state::{Grid, Timeline},
    words,
};
use crate::{
    board::{MenuLine, MenuPart},
    platform,
    ui::{Icon, click},
};

/// The most rows of a picture, and how wide its calendar is at most.
const MOST_ROWS: usize = 1_000;
const WIDEST: f64 = 8_000.0;
/// The longest side of a drawing, and the most of its pixels, that every browser makes.
const LONGEST: f64 = 16_000.0;
const MOST_PIXELS: f64 = 100_000_000.0;
/// How many pixels are drawn for one of the page, where there is room.
const SHARPNESS: f64 = 2.0;

/// The button with the menu of all of it.
pub(super) fn button(timeline: Timeline) -> AnyView {
    let board = timeline.board;
    let open = move |event: web_sys::MouseEvent| {
        let button = event.current_target().and_then(|button| button.dyn_into().ok());
        if let Some(button) = button {
            board.open_face_menu(menu(timeline), &button);
        }
    };
    view! {
        <button type="button" class="button button--quiet" aria-haspopup="menu" on:click=click(open)>
            "Export"
            <Icon name="next" />
        </button>
    }
    .into_any()
}

fn menu(timeline: Timeline) -> Vec<MenuPart> {
    let board = timeline.board;
    let file = |label: &'static str, name: &'static str| {
        MenuLine::new(label, "", move || {
            let path = format!("{}/{name}", board.board_path());
            let _ = platform::window().location().assign(&path);
        })
    };
    let link = move |view| move || timeline.feed.set(Some(Wanted { view: Option::clone(&view) }));
    let mut links = vec![MenuLine::new("Link to all dates…", "", link(None))];
    if let Some((id, name)) = untrack(|| board.shown_view()) {
        links.push(MenuLine::new(format!("Link to “{name}”…"), "", link(Some((id, name)))));
    }
    let mut parts = vec![
        MenuPart {
            heading: "Picture",
            lines: vec![
                MenuLine::new("PNG", "", move || save_as(timeline, Format::Png)),
                MenuLine::new("SVG", "", move || save_as(timeline, Format::Svg)),
            ],
        },
        MenuPart {
            heading: "All items",
            lines: vec![file("Excel", "export.xlsx"), file("CSV", "export.csv")],
        },
        MenuPart { heading: "Calendar", lines: links },
    ];
    // Files and links are of one product.
    if board.portfolio.is_some() {
        parts.truncate(1);
    }
    parts
}

#[derive(Clone, Copy, Debug)]
enum Format {
    Png,
    Svg,
}

fn save_as(timeline: Timeline, format: Format) {
    spawn_local(async move {
        if picture_part(timeline, format).await.is_err() {
            timeline.board.room.toasts.error("Pictures can be saved once you are online.");
        }
    });
}

/// A part of the program of its own: most who plan on a timeline never take a picture of it.
#[wasm_split(picture, wasm_split_path = leptos::wasm_split, fallible)]
fn picture_part(timeline: Timeline, format: Format) -> Result<(), SplitLoaderError> {
    match format {
        Format::Png => save_png(timeline),
        Format::Svg => save_svg(timeline),
    }
    Ok(())
}

/// What the timeline shows as a picture, or why there is none.
fn picture(timeline: Timeline) -> Result<Picture, String> {
    let board = timeline.board;
    let rows = timeline.rows.get_untracked();
    if rows.is_empty() {
        return Err("Nothing is on the timeline. Show some items first.".to_owned());
    }
    if rows.len() > MOST_ROWS {
        let count = rows.len();
        return Err(format!(
            "A picture has at most {MOST_ROWS} rows, not {count}. Filter the timeline first."
        ));
    }
    let groups = timeline.groups.get_untracked();
    let lines: Vec<Line> = board.room.with(|roadmap| {
        let line = |row: &Row| match row {
            Row::Group(key) => {
                let group = groups.iter().find(|group| group.key == *key)?;
                let (name, count) = (group.name.clone().unwrap_or_default(), group.items.len());
                Some(Line::Group { name, count, efforts: group.efforts.clone() })
            }
            Row::Item(id) => {
                let then = untrack(|| timeline.ghosts.of(*id));
                Some(Line::Item { drawn: Drawn::of(roadmap.item(*id)?), then })
            }
        };
        rows.iter().filter_map(line).collect()
    });
    let place = |id| rows.iter().position(|row| row.item() == Some(id));
    let early: Vec<_> = untrack(|| timeline.conflicts.read().iter().map(|early| early.dependency).collect());
    let links = board.links.with_untracked(|all| {
        let curve = |link: &Dependency| {
            let (blocker, dependant) = link.order()?;
            let is_early = early.contains(&link.id);
            Some(Curve { from: place(blocker.item)?, to: place(dependant.item)?, is_early })
        };
        all.links.iter().filter_map(curve).collect()
    });
    let days = lines.iter().filter_map(|line| match line {
        Line::Item { drawn, then } => Some([Some(drawn.span), *then]),
        Line::Group { .. } => None,
    });
    let days =
        days.flatten().flatten().filter_map(|span| span.shown()).flat_map(|(first, last)| [first, last]);
    let calendar = Calendar::covering(days, None, board.year).ok_or("No item has dates yet.")?;
    let day = match timeline.zoom.get_untracked() {
        Zoom::Year => 1.35,
        Zoom::Quarter => 2.7,
        Zoom::Month => 10.8,
    };
    let grid = Grid { calendar, day: f64::min(day, WIDEST / f64::from(calendar.days())) };
    let product = board.room.product.read_untracked().name.to_string();
    let view = untrack(|| board.shown_view()).map_or_else(|| "Timeline".to_owned(), |(_, name)| name);
    let today = timeline.today.get_untracked();
    let count = counted(rows.iter().filter(|row| row.item().is_some()).count(), "item", "items");
    let mut about = today.map_or_else(String::new, |today| format!("{} · ", words::day(today)));
    about.push_str(&count);
    if !board.filter.read_untracked().is_empty() {
        about.push_str(" · filtered");
    }
    if let Some(name) = untrack(|| timeline.ghosts.name(&board.look.read().baseline)) {
        about.push_str(&format!(" · thin bars: {name}"));
    }
    Ok(Picture { title: format!("{product} · {view}"), about, grid, today, rows: lines, links })
}

/// The name of a file: `ERP-timeline-2026-11-29.svg`, or `portfolio-timeline-2026-11-29.svg`.
fn file_name(timeline: Timeline, ending: &str) -> String {
    let board = timeline.board;
    let product = || board.room.product.read_untracked().key.to_string();
    let whose = if board.portfolio.is_some() { "portfolio".to_owned() } else { product() };
    let day = timeline.today.get_untracked().map_or_else(String::new, |today| format!("-{today}"));
    format!("{whose}-timeline{day}.{ending}")
}

fn save_svg(timeline: Timeline) {
    let toasts = timeline.board.room.toasts;
    match picture(timeline) {
        Ok(picture) => match platform::file_address(&picture.svg()) {
            Some(address) => save(&file_name(timeline, "svg"), &address),
            None => toasts.error("The browser can't save the picture."),
        },
        Err(sentence) => toasts.error(sentence),
    }
}

fn save_png(timeline: Timeline) {
    let toasts = timeline.board.room.toasts;
    let picture = match picture(timeline) {
        Ok(picture) => picture,
        Err(sentence) => return toasts.error(sentence),
    };
    let (width, height) = (picture.width(), picture.height());
    let most = (LONGEST / width).min(LONGEST / height).min((MOST_PIXELS / (width * height)).sqrt());
    if most < 1.0 {
        return toasts.error("This is too large for a PNG. Choose SVG, or filter the timeline.");
    }
    let (name, svg, scale) = (file_name(timeline, "png"), picture.svg(), most.min(SHARPNESS));
    spawn_local(async move {
        if draw(&name, &svg, (width, height), scale).await.is_err() {
            toasts.error("The browser can't draw the picture. Choose SVG instead.");
        }
    });
}

/// Has the browser draw the picture, and saves what comes of it.
async fn draw(name: &str, svg: &str, (width, height): (f64, f64), scale: f64) -> Result<(), JsValue> {
    let image = HtmlImageElement::new()?;
    let text: String = js_sys::encode_uri_component(svg).into();
    image.set_src(&format!("data:image/svg+xml;charset=utf-8,{text}"));
    JsFuture::from(image.decode()).await?;
    let canvas: HtmlCanvasElement = platform::document().create_element("canvas")?.unchecked_into();
    canvas.set_width((width * scale) as u32);
    canvas.set_height((height * scale) as u32);
    let context: CanvasRenderingContext2d = canvas.get_context("2d")?.ok_or(JsValue::NULL)?.unchecked_into();
    context.scale(scale, scale)?;
    context.draw_image_with_html_image_element_and_dw_and_dh(&image, 0.0, 0.0, width, height)?;
    let name = name.to_owned();
    let save_it = Closure::once_into_js(move |blob: Option<Blob>| {
        if let Some(address) = blob.and_then(|blob| platform::blob_address(&blob)) {
            save(&name, &address);
        }
    });
    canvas.to_blob(save_it.unchecked_ref())
}

/// Has the browser save what is at an address.
fn save(name: &str, address: &str) {
    if let Ok(link) = platform::document().create_element("a") {
        let link: HtmlAnchorElement = link.unchecked_into();
        link.set_href(address);
        link.set_download(name);
        link.click();
    }
}
