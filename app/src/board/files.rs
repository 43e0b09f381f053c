//! Files that people attach: sent to the server, or kept on this device until they can be.

use domain::{FileAddress, FileHash, MAX_FILE, UserId, file_markdown, file_name, picture_type};
use gloo_timers::future::TimeoutFuture;
use js_sys::{ArrayBuffer, Object, Reflect, Uint8Array};
use leptos::{prelude::*, task::spawn_local};
use serde::Deserialize;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File, FileReader, ImageBitmap, RequestInit, Response};

use crate::{
    api::ApiError,
    live::{
        Connection, Room,
        device::files::{WaitingFile, keep_file, waiting_files},
    },
    platform,
};

/// After so many milliseconds files that could not be sent are tried again.
const RETRY: u32 = 30_000;

/// A file that the server has.
#[derive(Debug, Deserialize)]
struct Sent {
    address: String,
    is_picture: bool,
}

/// Why the server does not have it.
enum Failure {
    /// There is no way to it now.
    Unreachable,
    /// It may take the file later.
    Later(String),
    Refused(String),
}

/// Attaches a file to a product, and returns the Markdown that refers to it. Without a network, this device keeps it.
///
/// # Errors
/// A sentence.
pub(super) async fn attach(room: Room, to: &Home, file: File) -> Result<String, String> {
    let name = file.name();
    if file.size() > MAX_FILE as f64 {
        return Err(format!("{name} has more than 10 MiB. Choose a smaller file."));
    }
    let unreadable = || format!("{name} can’t be read. A folder can’t be attached; choose a file.");
    let bytes = JsFuture::from(file.array_buffer()).await.map_err(|_| unreadable())?;
    let bytes: ArrayBuffer = bytes.dyn_into().map_err(|_| unreadable())?;
    let size = size_of(&file).await;
    let Home { user, key } = to;
    if room.connection.try_get_untracked() == Some(Connection::Live) {
        match send(key, &name, &bytes).await {
            Ok(sent) => {
                let address = FileAddress::parse(&sent.address).ok_or_else(unreadable)?;
                let size = size.filter(|_| sent.is_picture);
                return Ok(file_markdown(&name, FileAddress { size, ..address }, sent.is_picture));
            }
            Err(Failure::Refused(why) | Failure::Later(why)) => return Err(format!("{name}: {why}")),
            Err(Failure::Unreachable) => {}
        }
    }
    let Some(hash) = hash_of(&bytes).await else {
        return Err(format!(
            "{name} can’t be attached while you’re offline. Attach it when you’re back online."
        ));
    };
    keep_file(*user, key, &hash.to_string(), &name, &bytes).await?;
    room.toasts.info(format!("{name} is kept on this device and sent when you’re back online."));
    // Where the connection only failed for a moment, no reconnection sends it.
    if room.connection.try_get_untracked() == Some(Connection::Live) {
        spawn_local(async move {
            TimeoutFuture::new(RETRY).await;
            send_all(room).await;
        });
    }
    let head = Uint8Array::new(&bytes).subarray(0, 16).to_vec();
    let is_picture = picture_type(&head).is_some();
    let address = FileAddress { hash, name: &file_name(&name), size: size.filter(|_| is_picture) };
    Ok(file_markdown(&name, address, is_picture))
}

/// Sends what waits on this device, whenever there is a connection.
pub(super) fn send_waiting(room: Room) {
    let is_sending = StoredValue::new(false);
    Effect::new(move |_| {
        if room.connection.get() == Connection::Live && !is_sending.get_value() {
            is_sending.set_value(true);
            spawn_local(async move {
                send_all(room).await;
                let _ = is_sending.try_set_value(false);
            });
        }
    });
}

async fn send_all(room: Room) {
    let Some(Home { user, key }) = home(room) else { return };
    loop {
        let mut left = false;
        for file in waiting_files(user, &key).await {
            match send(&key, &file.name, &file.bytes).await {
                Ok(_) => file.forget().await,
                Err(Failure::Refused(why)) => {
                    file.forget().await;
                    room.toasts.error(format!("{} could not be sent. {why}", file.name));
                }
                Err(Failure::Unreachable | Failure::Later(_)) => left = true,
            }
        }
        if !left {
            return;
        }
        TimeoutFuture::new(RETRY).await;
        if room.connection.try_get_untracked() != Some(Connection::Live) {
            return;
        }
    }
}

/// Whose files they are, and of which product.
pub(super) struct Home {
    user: UserId,
    key: String,
}

/// Where files of an open page belong; `None` once the page has gone.
pub(super) fn home(room: Room) -> Option<Home> {
    let key = room.product.try_with_untracked(|product| product.key.to_string())?;
    Some(Home { user: room.user(), key })
}

async fn send(key: &str, name: &str, bytes: &ArrayBuffer) -> Result<Sent, Failure> {
    let response = post(key, name, bytes).await.map_err(|_| Failure::Unreachable)?;
    let text = response.text().map_err(|_| Failure::Unreachable)?;
    let text = JsFuture::from(text).await.ok().and_then(|text| text.as_string()).unwrap_or_default();
    if response.ok() {
        return serde_json::from_str(&text).map_err(|_| Failure::Unreachable);
    }
    let why = match serde_json::from_str::<ApiError>(&text) {
        Ok(error) => error.sentence,
        Err(_) => "The server did not take it. Try again.".to_owned(),
    };
    let is_passing = matches!(response.status(), 401 | 408 | 409 | 429 | 500..=599);
    Err(if is_passing { Failure::Later(why) } else { Failure::Refused(why) })
}

async fn post(key: &str, name: &str, bytes: &ArrayBuffer) -> Result<Response, JsValue> {
    let headers = Object::new();
    Reflect::set(&headers, &"content-type".into(), &"application/octet-stream".into())?;
    Reflect::set(&headers, &"accept".into(), &"application/json".into())?;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body(bytes);
    let name = String::from(js_sys::encode_uri_component(name));
    let address = format!("/p/{key}/files?name={name}");
    JsFuture::from(platform::window().fetch_with_str_and_init(&address, &init)).await?.dyn_into()
}

/// The hash of the bytes; nothing on a page that did not come over HTTPS, where browsers compute none.
async fn hash_of(bytes: &ArrayBuffer) -> Option<FileHash> {
    let window = platform::window();
    if !window.is_secure_context() {
        return None;
    }
    let digest = window.crypto().ok()?.subtle().digest_with_str_and_buffer_source("SHA-256", bytes).ok()?;
    let digest = JsFuture::from(digest).await.ok()?;
    Some(FileHash::new(Uint8Array::new(&digest).to_vec().try_into().ok()?))
}

/// Width and height of a picture; nothing for anything else.
async fn size_of(file: &File) -> Option<(u32, u32)> {
    if !file.type_().starts_with("image/") {
        return None;
    }
    let bitmap = platform::window().create_image_bitmap_with_blob(file).ok()?;
    let bitmap: ImageBitmap = JsFuture::from(bitmap).await.ok()?.dyn_into().ok()?;
    let size = (bitmap.width(), bitmap.height());
    bitmap.close();
    Some(size)
}

/// Pictures on this device that a text names: the words that describe each, and an address at which a page can show it.
pub(super) async fn pictures_here(room: Room, text: String) -> Vec<(String, String)> {
    let Some(Home { user, key }) = home(room) else { return Vec::new() };
    let mut pictures = Vec::new();
    for file in waiting_files(user, &key).await {
        if text.contains(file.hash())
            && let Some(address) = shown(&file).await
        {
            pictures.push((file.name, address));
        }
    }
    pictures
}

/// A picture as an address that holds all of it: the page's policy lets no other address of this device be shown.
async fn shown(file: &WaitingFile) -> Option<String> {
    let head = Uint8Array::new(&file.bytes).subarray(0, 16).to_vec();
    let media_type = picture_type(&head)?;
    let blob = Blob::new_with_buffer_source_sequence(&js_sys::Array::of1(&file.bytes)).ok()?;
    let blob = blob.slice_with_f64_and_f64_and_content_type(0.0, blob.size(), media_type).ok()?;
    let reader = FileReader::new().ok()?;
    let read = js_sys::Promise::new(&mut |resolve, reject| {
        reader.set_onload(Some(&resolve));
        reader.set_onerror(Some(&reject));
    });
    reader.read_as_data_url(&blob).ok()?;
    JsFuture::from(read).await.ok()?;
    reader.result().ok()?.as_string()
}
