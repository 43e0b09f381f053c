//! The control in which a cell is edited. It floats above the cell, so that what others change does not move what is typed.

use domain::{FieldDef, FieldKind, ItemId, Property};
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement, KeyboardEvent};

use super::{
    layout::Line,
    read,
    state::{Editing, Grid, Spot},
};
use crate::platform;

/// The id of the editor.
const EDITOR: &str = "grid-editor";

/// What kind of control a cell is edited with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Control {
    Line,
    Lines,
    Date,
    Select,
}

/// Where the selection goes once the value is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    Stay,
    Down,
    Up,
    Right,
    Left,
    /// The focus is elsewhere already.
    Elsewhere,
}

pub(super) fn editor(grid: Grid) -> AnyView {
    // The cell is where its line is, whatever others add above it.
    Effect::new(move |_| {
        grid.layout.track();
        grid.widths.track();
        grid.near.track();
        if grid.editing.read().is_some() {
            platform::after_effects(move || place(grid));
        }
    });
    (move || grid.editing.get().and_then(|editing| open(grid, editing))).into_any()
}

/// Puts the editor over its cell.
pub(super) fn place(grid: Grid) {
    let Some(Some(editing)) = grid.editing.try_get_untracked() else { return };
    let columns = grid.columns.read_untracked();
    let column = columns.iter().position(|column| column.property == editing.property);
    let (Some(column), Some(element)) = (column, grid.element()) else { return };
    let cell = grid.cell(Spot { line: editing.line, column });
    let editor = platform::element(EDITOR).and_then(|editor| editor.dyn_into::<HtmlElement>().ok());
    let (Some(cell), Some(editor)) = (cell, editor) else { return };
    let (cell, outer) = (cell.get_bounding_client_rect(), element.get_bounding_client_rect());
    let style = editor.style();
    let _ = style.set_property("left", &format!("{}px", cell.left() - outer.left()));
    let _ = style.set_property("top", &format!("{}px", cell.top() - outer.top()));
    let _ = style.set_property("width", &format!("{}px", cell.width()));
    let _ = style.set_property("--room", &format!("{}px", (outer.right() - cell.left()).max(cell.width())));
}

fn open(grid: Grid, editing: Editing) -> Option<AnyView> {
    let Editing { line, property, typed, by_pointer } = editing;
    let board = grid.board;
    let def: FieldDef = board.room.with(|roadmap| property.def(roadmap))?.into_owned();
    let item = line.item();
    let control = match &def.kind {
        FieldKind::Choice(_) | FieldKind::Person => Control::Select,
        FieldKind::Date if typed.is_none() => Control::Date,
        FieldKind::Text | FieldKind::Links => Control::Lines,
        _ => Control::Line,
    };
    let value = item.and_then(|id| grid.value(id, &property));
    let written = match (&value, control) {
        (Some(value), Control::Select | Control::Date) => value.to_string(),
        (Some(value), _) => {
            let members = board.room.members.read_untracked();
            read::written(&property, &def, value, "", &members)
        }
        (None, _) => String::new(),
    };
    let start = if control == Control::Select { written } else { typed.clone().unwrap_or(written) };
    // What the value looked like when it was opened, unless somebody began by typing another.
    let opened = StoredValue::new((typed.is_none() && item.is_some()).then(|| start.clone()));
    let error = RwSignal::new(String::new());
    let ended = StoredValue::new(false);
    let label = if item.is_some() { def.label.to_string() } else { "Title of the new item".to_owned() };
    let placeholder = if item.is_some() { def.placeholder() } else { "What should be done?" };
    let options = choices(grid, &property, &def, &start);
    let kept = StoredValue::new((property, def));
    let end = move |then: Then| {
        ended.set_value(true);
        grid.editing.set(None);
        if then != Then::Elsewhere {
            grid.focus();
        }
        match then {
            Then::Down => grid.step(1, 0, false),
            Then::Up => grid.step(-1, 0, false),
            Then::Right => grid.step(0, 1, false),
            Then::Left => grid.step(0, -1, false),
            Then::Stay | Then::Elsewhere => {}
        }
    };
    let commit = move |text: String, then: Then, all: bool| {
        // A control also loses the focus when it is taken away, and is gone by then.
        if ended.try_get_value().unwrap_or(true) {
            return;
        }
        // Nothing was typed or chosen: what others made of it meanwhile stays.
        if !all && opened.with_value(|opened| opened.as_ref() == Some(&text)) {
            end(then);
            return;
        }
        let done = kept.with_value(|(property, def)| keep(grid, line, property, def, &text, all));
        match done {
            Ok(Some(added)) if line == Line::Draft => {
                board.inserting.set(None);
                end(Then::Stay);
                let column = grid.active.get_untracked().map_or(0, |spot| spot.column);
                platform::after_effects(move || grid.go(Spot { line: Line::Item(added), column }, false));
            }
            // The next one can be typed at once.
            Ok(Some(_)) if line == Line::New && then == Then::Down => {
                end(Then::Stay);
                platform::after_effects(move || grid.edit_title_of(Line::New));
            }
            Ok(_) => {
                let then = if line.item().is_none() && then == Then::Down { Then::Stay } else { then };
                if line == Line::Draft {
                    board.inserting.set(None);
                }
                end(then);
            }
            Err(reason) => error.set(reason),
        }
    };
    let cancel = move || {
        if line == Line::Draft {
            board.inserting.set(None);
        }
        end(Then::Stay);
    };
    let by_key = StoredValue::new(false);
    let keys = move |event: KeyboardEvent| {
        event.stop_propagation();
        if event.is_composing() || event.key_code() == 229 {
            return;
        }
        let breaks = control == Control::Lines && (event.alt_key() || event.shift_key());
        let then = match event.key().as_str() {
            "Enter" if breaks => {
                return;
            }
            "Enter" if event.shift_key() => Then::Up,
            "Enter" => Then::Down,
            "Tab" if event.shift_key() => Then::Left,
            "Tab" => Then::Right,
            "Escape" => {
                event.prevent_default();
                cancel();
                return;
            }
            _ => {
                by_key.set_value(true);
                return;
            }
        };
        event.prevent_default();
        let all = event.ctrl_key() || event.meta_key();
        match text_of(event.target()) {
            Ok(text) => commit(text, if all { Then::Stay } else { then }, all),
            Err(reason) => error.set(reason),
        }
    };
    let leave = move |event: web_sys::FocusEvent| match text_of(event.target()) {
        _ if ended.try_get_value().unwrap_or(true) => {}
        // Another window has the focus: one comes back and types on.
        _ if !platform::document().has_focus().unwrap_or(true) => {}
        Ok(text) => commit(text, Then::Elsewhere, false),
        Err(reason) => error.set(reason),
    };
    // Who chooses with the pointer is done; who goes through the choices by key is not.
    let choose = move |event: web_sys::Event| {
        if !by_key.get_value()
            && let Ok(text) = text_of(event.target())
        {
            commit(text, Then::Stay, false);
        }
    };
    let is_typed = typed.is_some();
    Effect::new(move |_| {
        platform::after_effects(move || {
            place(grid);
            begin(is_typed, by_pointer);
        });
    });
    let typed_into = move |_: web_sys::Event| {
        if !error.read_untracked().is_empty() {
            error.set(String::new());
        }
    };
    let input = match control {
        Control::Select => view! {
            <select aria-label=label autocomplete="off" on:keydown=keys on:change=choose on:blur=leave on:pointerdown=move |_| by_key.set_value(false)>
                {options}
            </select>
        }
        .into_any(),
        Control::Lines => view! {
            <textarea aria-label=label rows="5" dir="auto" on:keydown=keys on:input=typed_into on:blur=leave prop:value=start.clone()></textarea>
        }
        .into_any(),
        Control::Date | Control::Line => view! {
            <input
                type=if control == Control::Date { "date" } else { "text" }
                aria-label=label
                autocomplete="off"
                dir="auto"
                maxlength="5000"
                placeholder=placeholder
                prop:value=start.clone()
                on:keydown=keys
                on:input=typed_into
                on:blur=leave
            />
        }
        .into_any(),
    };
    let view = view! {
        <div class="grid__editor" id=EDITOR>
            {input}
            <p class="grid__error" role="alert" hidden=move || error.read().is_empty()>
                {error}
            </p>
        </div>
    };
    Some(view.into_any())
}

/// What is chosen from, and what is chosen though it is not offered any more.
fn choices(grid: Grid, property: &Property, def: &FieldDef, chosen: &str) -> AnyView {
    let mut all: Vec<(String, String)> = Vec::new();
    match &def.kind {
        FieldKind::Person => {
            all.push((String::new(), "Nobody".to_owned()));
            let people = untrack(|| grid.board.room.active_people());
            all.extend(people.into_iter().map(|(id, name)| (id.to_string(), name)));
            if !all.iter().any(|(key, _)| key == chosen)
                && let Ok(left) = chosen.parse()
            {
                let name = untrack(|| grid.board.room.person(left));
                all.push((chosen.to_owned(), format!("{name} (left)")));
            }
        }
        kind => {
            if !property.is_required() {
                all.push((String::new(), "None".to_owned()));
            }
            let offered = kind.choices().iter().filter(|choice| !choice.retired || choice.key == chosen);
            all.extend(offered.map(|choice| (choice.key.to_string(), choice.label.to_string())));
        }
    }
    let option = |(key, name): (String, String)| {
        let is_chosen = key == chosen;
        view! { <option value=key selected=is_chosen prop:selected=is_chosen>{name}</option> }
    };
    all.into_iter().map(option).collect_view().into_any()
}

/// Gives the control the focus, and puts the text cursor where one goes on typing.
fn begin(is_typed: bool, by_pointer: bool) {
    let Some(editor) = platform::element(EDITOR) else { return };
    let Ok(Some(control)) = editor.query_selector("input, select, textarea") else { return };
    let Ok(control) = control.dyn_into::<HtmlElement>() else { return };
    platform::focus(&control);
    if let Some(input) = control.dyn_ref::<HtmlInputElement>().filter(|input| input.type_() == "text") {
        if is_typed {
            let end = u32::try_from(input.value().encode_utf16().count()).unwrap_or_default();
            let _ = input.set_selection_range(end, end);
        } else {
            input.select();
        }
    } else if let Some(area) = control.dyn_ref::<HtmlTextAreaElement>() {
        let end = u32::try_from(area.value().encode_utf16().count()).unwrap_or_default();
        let _ = area.set_selection_range(end, end);
    } else if by_pointer
        && let Ok(picker) = js_sys::Reflect::get(&control, &"showPicker".into())
        && let Ok(picker) = picker.dyn_into::<js_sys::Function>()
    {
        // A browser that opens no choices by itself leaves that to the next click.
        let _ = picker.call0(&control);
    }
}

/// What stands in a control.
fn text_of(target: Option<web_sys::EventTarget>) -> Result<String, String> {
    let Some(target) = target else { return Ok(String::new()) };
    if let Some(input) = target.dyn_ref::<HtmlInputElement>() {
        if input.validity().bad_input() {
            return Err("Complete the date, or clear it.".to_owned());
        }
        return Ok(input.value());
    }
    if let Some(select) = target.dyn_ref::<HtmlSelectElement>() {
        return Ok(select.value());
    }
    Ok(target.dyn_ref::<HtmlTextAreaElement>().map_or_else(String::new, HtmlTextAreaElement::value))
}

/// Keeps what was typed: in its cell, or in all selected cells of the column. The item that was added, if one was.
fn keep(
    grid: Grid,
    line: Line,
    property: &Property,
    def: &FieldDef,
    text: &str,
    all: bool,
) -> Result<Option<ItemId>, String> {
    let Some(id) = line.item() else { return grid.add_item(line, text) };
    let members = grid.board.room.members.get_untracked();
    let wanted = read::read(property, def, text, &members, None)?;
    let items = if all { grid.selected().map(|(items, _)| items) } else { None };
    let items = items.filter(|items| items.contains(&id)).unwrap_or_else(|| vec![id]);
    if items.len() == 1 && grid.value(id, property) == wanted {
        return Ok(None);
    }
    let column = grid.columns.read_untracked().iter().find(|column| column.property == *property).cloned();
    let column = column.ok_or("This column is not shown any more.")?;
    grid.set_cells(&items, &column, Ok(wanted)).map(|()| None)
}
