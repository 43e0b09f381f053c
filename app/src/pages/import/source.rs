//! The first step: a file, or text pasted from somewhere.

use leptos::{ev, prelude::*, task::spawn_local};
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;

use super::{Import, step};

/// What is shown instead of a file's name.
const PASTED: &str = "the pasted text";

#[component]
pub(super) fn Source() -> impl IntoView {
    let import = expect_context::<Import>();
    let over = RwSignal::new(false);
    let chosen = move |event: ev::Event| {
        let input: web_sys::HtmlInputElement = event_target(&event);
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            read(import, file);
        }
        // So that choosing the same file again, once it was put right, is noticed.
        input.set_value("");
    };
    let dropped = move |event: ev::DragEvent| {
        event.prevent_default();
        over.set(false);
        if let Some(file) = event.data_transfer().and_then(|data| data.files()).and_then(|files| files.get(0))
        {
            read(import, file);
        }
    };
    let dragged = move |event: ev::DragEvent| {
        event.prevent_default();
        over.set(true);
    };
    let pasted = NodeRef::<leptos::html::Textarea>::new();
    let take_pasted = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if let Some(area) = pasted.get() {
            import.take(PASTED, area.value(), false);
        }
    };
    view! {
        <section class="panel stack" aria-labelledby="step-file">
            {step("step-file", "1", "Choose a file")}
            <div
                class="import__drop"
                class:import__drop--over=move || over.get()
                on:dragover=dragged
                on:dragleave=move |_| over.set(false)
                on:drop=dropped
            >
                <label
                    class="button import__choose"
                    class:button--primary=move || import.file.read().is_none()
                    for="import-file"
                >
                    "Choose a file"
                </label>
                <input
                    class="visually-hidden"
                    id="import-file"
                    type="file"
                    accept=".csv,.tsv,.txt,.xlsx,.json,text/csv,text/tab-separated-values,application/json,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
                    aria-describedby="import-hint"
                    on:change=chosen
                />
                <p class="quiet" id="import-hint">
                    "or drop it here: CSV or Excel (.xlsx) from Jira, Azure Boards, Planner and others, Trello (JSON) and GitHub (gh --json). "
                    <span class="import__most">"Up to 10 MB."</span>
                </p>
                {move || {
                    import.file.get().map(|file| view! { <p class="import__file">"Chosen: " <strong dir="auto">{file.name}</strong></p> })
                }}
            </div>
            <details class="import__paste">
                <summary>"Paste text instead"</summary>
                <form
                    class="stack keeps-draft"
                    data-draft=format!("import-{}", import.key.get_value())
                    on:submit=take_pasted
                >
                    <div class="field">
                        <label for="import-text">"Comma-separated text, or cells copied from a spreadsheet"</label>
                        <textarea id="import-text" name="text" dir="auto" rows="8" node_ref=pasted></textarea>
                    </div>
                    <button class="button" type="submit">
                        "Use this text"
                    </button>
                </form>
            </details>
            <div role="alert">
                {move || import.error.get().map(|error| view! { <p class="notice notice--error">{error}</p> })}
            </div>
            <noscript>
                <p class="notice">"Importing needs JavaScript. “cairn import” on the server does it without."</p>
            </noscript>
        </section>
    }
}

/// Reads the file in the browser. What is not UTF-8 text is sent in base 64.
fn read(import: Import, file: web_sys::File) {
    // Sizes are whole numbers far below where floats lose them.
    if let Err(sentence) = domain::exchange::check_size(file.size() as usize) {
        import.refuse(sentence);
        return;
    }
    spawn_local(async move {
        let name = file.name();
        match JsFuture::from(file.array_buffer()).await {
            Ok(buffer) => {
                let bytes = js_sys::Uint8Array::new(buffer.unchecked_ref()).to_vec();
                match String::from_utf8(bytes) {
                    Ok(text) => import.take(name, text, false),
                    Err(error) => import.take(name, base64(error.as_bytes()), true),
                }
            }
            Err(_) => import.refuse("The browser could not read this file. Choose it again.".to_owned()),
        }
    });
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = (0..3).fold(0, |group, at| group << 8 | u32::from(*chunk.get(at).unwrap_or(&0)));
        for at in 0..4 {
            let sign = SIGNS[(group >> (18 - 6 * at)) as usize & 63];
            text.push(if at <= chunk.len() { char::from(sign) } else { '=' });
        }
    }
    text
}
