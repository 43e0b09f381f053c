//! The browser's entry point: brings the server-rendered page to life.

/// Called by the page's script once the module is loaded.
#[wasm_bindgen::prelude::wasm_bindgen]
pub async fn hydrate() {
    let path = leptos::prelude::window().location().pathname().unwrap_or_default();
    if app::ready(&path).await {
        leptos::mount::hydrate_body(app::App);
    }
}
