//! Attaching files to a text that is being written: pasted, dropped or chosen.

use domain::{Delta, ItemId, Op, TextOf};
use leptos::{
    html::{Input, Textarea},
    prelude::*,
    task::spawn_local,
};
use web_sys::{
    ClipboardEvent, DataTransfer, DragEvent, Event, EventInit, File, FileList, HtmlTextAreaElement,
};

use super::Board;
use crate::{board::files, ui::Icon};

/// The most files that are taken at once.
const MOST: u32 = 20;

/// What is attached to a text.
#[derive(Clone, Copy)]
pub(super) struct Attach {
    board: Board,
    area: NodeRef<Textarea>,
    /// The item whose description gets what comes when the field has gone already.
    item: Option<ItemId>,
    /// The names of the files that are being sent.
    sending: RwSignal<Vec<String>>,
    error: RwSignal<String>,
    is_over: RwSignal<bool>,
}

impl Attach {
    /// Into a field, or at the end of an item's description where there is none.
    pub(super) fn new(board: Board, area: NodeRef<Textarea>, item: Option<ItemId>) -> Self {
        let (sending, error, is_over) = (RwSignal::default(), RwSignal::default(), RwSignal::new(false));
        Self { board, area, item, sending, error, is_over }
    }

    /// Takes files from the clipboard. What was copied as text is pasted as text, whatever pictures of it came along.
    pub(super) fn paste(self, event: &ClipboardEvent) {
        let Some(data) = event.clipboard_data() else { return };
        let has_text = data.get_data("text/plain").is_ok_and(|text| !text.is_empty());
        if let Some(list) = data.files().filter(|list| list.length() > 0 && !has_text) {
            event.prevent_default();
            self.take(&list);
        }
    }

    pub(super) fn over(self, event: &DragEvent) {
        if event.data_transfer().is_some_and(|data| has_files(&data)) {
            // Otherwise the browser would open the file in place of the page.
            event.prevent_default();
            event.stop_propagation();
            self.is_over.set(true);
        }
    }

    pub(super) fn leave(self) {
        self.is_over.set(false);
    }

    pub(super) fn is_over(self) -> bool {
        self.is_over.get()
    }

    pub(super) fn drop(self, event: &DragEvent) {
        self.is_over.set(false);
        let Some(data) = event.data_transfer().filter(has_files) else { return };
        event.prevent_default();
        event.stop_propagation();
        if let Some(list) = data.files() {
            self.take(&list);
        }
    }

    fn take(self, list: &FileList) {
        self.error.set(String::new());
        let chosen: Vec<File> = (0..list.length().min(MOST)).filter_map(|at| list.get(at)).collect();
        self.sending.update(|sending| sending.extend(chosen.iter().map(File::name)));
        let Some(home) = files::home(self.board.room) else { return };
        spawn_local(async move {
            for file in chosen {
                let name = file.name();
                let attached = files::attach(self.board.room, &home, file).await;
                let _ = self.sending.try_update(|sending| {
                    if let Some(at) = sending.iter().position(|other| *other == name) {
                        sending.remove(at);
                    }
                });
                match attached {
                    Ok(markdown) => self.write(&markdown, &name),
                    Err(why) => self.refuse(why),
                }
            }
        });
    }

    fn refuse(self, why: String) {
        if self.item.is_some() || self.error.try_set(why.clone()).is_some() {
            self.board.room.toasts.error(why);
        }
    }

    fn write(self, markdown: &str, name: &str) {
        let is_written = match (self.area.try_get_untracked().flatten(), self.item) {
            (Some(area), _) => {
                insert(&area, markdown);
                true
            }
            (None, Some(item)) => append(self.board, item, markdown, name),
            (None, None) => false,
        };
        let toasts = self.board.room.toasts;
        if is_written {
            toasts.announce(format!("{name} attached."));
        } else {
            toasts.error(format!("{name} was not attached: its text was closed before."));
        }
    }

    /// The button that lets somebody choose files.
    pub(super) fn button(self) -> AnyView {
        let input = NodeRef::<Input>::new();
        let choose = move |_| {
            if let Some(input) = input.get_untracked() {
                input.click();
            }
        };
        let chosen = move |_| {
            let Some(input) = input.get_untracked() else { return };
            if let Some(list) = input.files() {
                self.take(&list);
            }
            // The same file can be chosen again.
            input.set_value("");
        };
        view! {
            <button type="button" class="button button--quiet attach" on:click=choose>
                <Icon name="attach" />
                "Attach file"
            </button>
            <input type="file" multiple hidden tabindex="-1" aria-label="Files to attach" node_ref=input on:change=chosen />
        }
        .into_any()
    }

    /// What is being sent, and what could not be.
    pub(super) fn status(self) -> AnyView {
        let uploading = move || {
            let sending = self.sending.read();
            match &**sending {
                [] => String::new(),
                [name] => format!("Uploading {name}…"),
                all => format!("Uploading {} files…", all.len()),
            }
        };
        view! {
            <p class="attach__status" role="status" hidden=move || self.sending.read().is_empty()>
                {uploading}
            </p>
            <Show when=move || !self.error.read().is_empty()>
                <p class="field__error" role="alert">
                    {move || self.error.get()}
                </p>
            </Show>
        }
        .into_any()
    }
}

fn has_files(data: &DataTransfer) -> bool {
    data.types().includes(&"Files".into(), 0)
}

/// Writes into a field where somebody writes, as if it had been typed.
fn insert(area: &HtmlTextAreaElement, markdown: &str) {
    let value: Vec<u16> = area.value().encode_utf16().collect();
    let place = |at: Option<u32>| at.map_or(value.len(), |at| (at as usize).min(value.len()));
    let start = place(area.selection_start().ok().flatten());
    let end = place(area.selection_end().ok().flatten()).max(start);
    let (before, after) =
        (String::from_utf16_lossy(&value[..start]), String::from_utf16_lossy(&value[end..]));
    // A picture stands on a line of its own.
    let is_picture = markdown.starts_with('!');
    let begin = match before.chars().next_back() {
        None | Some('\n') => "",
        Some(_) if is_picture => "\n",
        Some(c) if c.is_whitespace() => "",
        Some(_) => " ",
    };
    let end = match after.chars().next() {
        Some('\n') => "",
        _ if is_picture => "\n",
        Some(c) if c.is_whitespace() => "",
        _ => " ",
    };
    let written = format!("{before}{begin}{markdown}{end}");
    area.set_value(&format!("{written}{after}"));
    let caret = u32::try_from(written.encode_utf16().count()).unwrap_or(u32::MAX);
    let _ = area.set_selection_range(caret, caret);
    let init = EventInit::new();
    init.set_bubbles(true);
    if let Ok(event) = Event::new_with_event_init_dict("input", &init) {
        let _ = area.dispatch_event(&event);
    }
}

/// Writes at the end of a description that nobody has open here. False where that cannot be done.
fn append(board: Board, item: ItemId, markdown: &str, name: &str) -> bool {
    if board.room.revision.try_get_untracked().is_none() {
        return false;
    }
    let text = TextOf::Description(item);
    let delta = board.room.with(|roadmap| {
        let now = roadmap.text(text).unwrap_or_default();
        let space = if now.is_empty() { "" } else { "\n\n" };
        Delta::between(now, &format!("{}{space}{markdown}", now.trim_end()))
    });
    board.room.edit_undoable(Op::EditText { text, base: 0, delta }, format!("Attached {name}."))
}
