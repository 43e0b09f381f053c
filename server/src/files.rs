//! Files that people attach: `POST /p/ERP/files?name=plan.png` takes one, `/files/<hash>/<name>` gives it back.
//!
//! What the bytes are decides how they are given, never what a browser said of them: pictures of a few kinds are shown, everything
//! else is a download. Nothing that is given can run: it has no type that does, and a policy of its own.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use app::api::{ApiError, session_secret};
use axum::{
    body::{Body, Bytes},
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use backend::{ReadFile, Viewer};
use domain::{FileHash, ProductKey, UserId};
use serde_json::json;
use tokio::time::Instant;

use crate::{
    buckets::Buckets,
    export::refuse,
    refusal::{Refuse, later},
    shared::Shared,
};

/// What cannot be shown is a download of no particular kind.
pub(crate) const DOWNLOAD: &str = "application/octet-stream";

/// A file may load and run nothing, should a browser ever take it for a page.
const POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'");

/// Bytes that one person may send in the long run, in a second.
const PER_SECOND: u32 = 1024 * 1024;

/// So many seconds' worth may come at once.
const BURST: Duration = Duration::from_secs(100);

/// How many bytes of files people sent lately. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct FilePace {
    buckets: Arc<Mutex<Buckets<UserId>>>,
}

impl FilePace {
    /// # Errors
    /// After how long so many bytes may come.
    fn take(&self, user: UserId, bytes: usize, now: Instant) -> Result<(), Duration> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let at = buckets.full_at(user, now);
        let next = *at + Duration::from_secs(1) * u32::try_from(bytes).unwrap_or(u32::MAX) / PER_SECOND;
        if next > now + BURST {
            return Err(next - now - BURST);
        }
        *at = next;
        Ok(())
    }
}

#[derive(Debug, serde::Deserialize)]
pub(crate) struct Named {
    #[serde(default)]
    name: String,
}

/// Attaches a file to a product.
pub(crate) async fn attach(
    State(shared): State<Shared>,
    Path(key): Path<String>,
    Query(Named { name }): Query<Named>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let attached = async {
        let viewer = viewer(&shared, &headers).await?;
        let key: ProductKey =
            key.parse().map_err(|_| ApiError::new(404, format!("There is no product {key}.")))?;
        if let Err(wait) = shared.file_pace.take(viewer.member().id, bytes.len(), Instant::now()) {
            let seconds = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
            let sentence = "You have attached many files in a short time. Wait a moment and try again.";
            return Err(later(429, sentence, seconds));
        }
        Ok(viewer.attach_file(&key, &name, bytes).await?)
    };
    match attached.await {
        Ok(file) => {
            axum::Json(json!({ "address": file.address, "is_picture": file.is_picture })).into_response()
        }
        Err(error) => Refuse::who_accepts(&headers).with(error),
    }
}

/// Gives a file to those who see a product it is attached to. To others, and to those who guess, there is nothing.
pub(crate) async fn read(
    State(shared): State<Shared>,
    Path((hash, _)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    match find(&shared, &hash, &headers).await {
        Ok(file) => answer(&hash, file, &headers),
        Err(error) => refuse(&error),
    }
}

async fn find(shared: &Shared, hash: &str, headers: &HeaderMap) -> Result<ReadFile, ApiError> {
    let viewer = viewer(shared, headers).await?;
    let nothing = || ApiError::new(404, "There is nothing at this address.");
    let hash: FileHash = hash.parse().map_err(|()| nothing())?;
    viewer.read_file(hash).await.map_err(|error| match error {
        backend::Error::NotFound(_) => nothing(),
        error => error.into(),
    })
}

async fn viewer(shared: &Shared, headers: &HeaderMap) -> Result<Viewer, ApiError> {
    let viewer = match session_secret(headers, &shared.address) {
        Some(secret) => shared.backend.people().authenticate(&secret).await?,
        None => None,
    };
    viewer.ok_or_else(|| ApiError::new(401, "You are not signed in. Sign in and try again."))
}

fn answer(hash: &str, file: ReadFile, asked: &HeaderMap) -> Response {
    let tag = HeaderValue::from_str(&format!("\"{hash}\"")).expect("a hash is hexadecimal digits");
    let fixed = [
        (header::ETAG, tag.clone()),
        // Cached, but validated each time: lost access takes effect at once.
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff")),
    ];
    if asked.get(header::IF_NONE_MATCH) == Some(&tag) {
        return (StatusCode::NOT_MODIFIED, fixed).into_response();
    }
    let kind = if file.picture.is_some() { "inline" } else { "attachment" };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(file.picture.unwrap_or(DOWNLOAD))),
        (header::CONTENT_DISPOSITION, disposition(kind, &file.name)),
        (header::CONTENT_LENGTH, HeaderValue::from(file.size)),
    ];
    (fixed, headers, Body::from_stream(file.body)).into_response()
}

/// A file's name as RFC 6266 has it: in letters that everybody reads, and as it is.
fn disposition(kind: &str, name: &str) -> HeaderValue {
    let plain: String = name.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
    let mut value = format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''");
    for byte in name.bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' => value.push(char::from(byte)),
            byte => value.push_str(&format!("%{byte:02X}")),
        }
    }
    HeaderValue::from_str(&value).unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_given_in_two_forms() {
        assert_eq!(
            disposition("attachment", "Größe.txt"),
            "attachment; filename=\"Gr__e.txt\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.txt"
        );
    }

    #[test]
    fn somebody_sends_a_burst_and_then_at_a_pace() {
        let (pace, now) = (FilePace::default(), Instant::now());
        let [one, other] = [1, 2].map(|n| UserId::new(n, [1; 10]));
        let mib = 1024 * 1024;
        assert_eq!((0..20).filter(|_| pace.take(one, 10 * mib, now).is_ok()).count(), 10);
        assert_eq!(pace.take(one, 10 * mib, now), Err(Duration::from_secs(10)));
        assert!(pace.take(other, 10 * mib, now).is_ok());
        assert!(pace.take(one, 10 * mib, now + Duration::from_secs(10)).is_ok());
    }
}
