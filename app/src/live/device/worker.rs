//! The service worker, with which a board that was opened before opens again without a network.

use domain::UserId;
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::ServiceWorkerRegistration;

use crate::platform;

/// Has the page and its files kept for the next time. Where that cannot be, as on a page that did not come over HTTPS, nothing
/// is lost but that.
pub(super) async fn keep_shell(owner: UserId) {
    let _ = try_keep_shell(owner).await;
}

async fn try_keep_shell(owner: UserId) -> Result<(), JsValue> {
    let window = platform::window();
    if !Reflect::get(&window.navigator(), &"serviceWorker".into())?.is_object() {
        return Ok(());
    }
    let workers = window.navigator().service_worker();
    JsFuture::from(workers.register("/sw.js")).await?;
    let registration: ServiceWorkerRegistration = JsFuture::from(workers.ready()?).await?.dyn_into()?;
    let Some(worker) = registration.active() else { return Ok(()) };
    let files = Array::new();
    if let Some(performance) = window.performance() {
        for entry in performance.get_entries_by_type("resource").iter() {
            let name = Reflect::get(&entry, &"name".into())?;
            let is_file = name.as_string().is_some_and(|name| name.contains("/pkg/"));
            if is_file {
                files.push(&name);
            }
        }
    }
    let message = Object::new();
    Reflect::set(&message, &"owner".into(), &owner.to_string().into())?;
    Reflect::set(&message, &"page".into(), &window.location().pathname()?.into())?;
    Reflect::set(&message, &"files".into(), &files)?;
    worker.post_message(&message)
}
