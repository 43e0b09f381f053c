//! The browser's entry point: brings the server-rendered page to life.

use js_sys::Promise;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's script as soon as the program is there: fetches the parts that the page needs to come alive. `read` is
/// resolved when the whole page is there. False when they did not come.
#[wasm_bindgen]
pub async fn prepare(read: Promise) -> bool {
    let path = leptos::prelude::window().location().pathname().unwrap_or_default();
    app::ready(&path, read).await
}

/// Called by the page's script when the whole page is there, too.
#[wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_body(app::App);
    app::say_alive();
}
