//! Headers that keep browsers from doing what no page of ours asks for.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// The policy of every answer that is no page.
const NOTHING: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
);

/// The content security policy of a page: scripts of this site or with the page's nonce, no inline styles.
pub(crate) fn page_policy(nonce: &str, secure: bool) -> Option<HeaderValue> {
    let upgrade = if secure { "; upgrade-insecure-requests" } else { "" };
    HeaderValue::from_str(&format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'; object-src 'none'{upgrade}"
    ))
    .ok()
}

/// The policy of the service worker, which loads pages and files of this site.
pub(crate) const WORKER: HeaderValue =
    HeaderValue::from_static("default-src 'none'; connect-src 'self'; frame-ancestors 'none'");

/// Adds what every answer carries. What is there already stays.
pub(crate) fn add(headers: &mut HeaderMap, secure: bool) {
    let mut set = |name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    set(header::CONTENT_SECURITY_POLICY, NOTHING);
    set(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    set(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    set(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    set(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
    set(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));
    set(
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    );
    // Pages and answers are for the person who asked, and old as soon as they are sent.
    set(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if secure {
        set(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
}
