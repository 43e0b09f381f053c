//! Where a request came from, when a proxy stands in front.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName},
    middleware::Next,
    response::Response,
};

use crate::shared::Shared;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Takes the address the proxy saw for that of the request, for whatever asks later: limits and the throttles of guesses.
/// Only where the program was told that every request comes by a proxy; otherwise anybody could claim any address.
pub(crate) async fn guard(State(shared): State<Shared>, mut request: Request, next: Next) -> Response {
    if shared.behind_proxy
        && let Some(address) = forwarded_for(request.headers())
        && let Some(ConnectInfo(peer)) = request.extensions_mut().get_mut::<ConnectInfo<SocketAddr>>()
    {
        peer.set_ip(address);
    }
    next.run(request).await
}

/// The last address of the last such header: the one the nearest proxy added. What stands before came with the request, and
/// says whatever its sender likes.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all(FORWARDED_FOR).iter().next_back()?.to_str().ok()?;
    let entry = last.rsplit(',').next()?.trim();
    let bare = entry.strip_prefix('[').and_then(|entry| entry.strip_suffix(']'));
    let with_port = || entry.parse::<SocketAddr>().map(|address| address.ip());
    bare.unwrap_or(entry).parse().or_else(|_| with_port()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_nearest_proxy_added_counts() {
        for (values, address) in [
            (&["192.0.2.7"][..], Some("192.0.2.7")),
            (&["203.0.113.1, 198.51.100.2,192.0.2.7"], Some("192.0.2.7")),
            (&["203.0.113.1", "192.0.2.7"], Some("192.0.2.7")),
            (&["192.0.2.7:4711"], Some("192.0.2.7")),
            (&["2001:db8::7"], Some("2001:db8::7")),
            (&["[2001:db8::7]"], Some("2001:db8::7")),
            (&["[2001:db8::7]:4711"], Some("2001:db8::7")),
            (&["192.0.2.7, unknown"], None),
            (&["192.0.2.7,"], None),
            (&[""], None),
            (&[], None),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(FORWARDED_FOR, value.parse().unwrap());
            }
            assert_eq!(forwarded_for(&headers), address.map(|text| text.parse().unwrap()), "{values:?}");
        }
    }
}
