//! Origins: scheme, host and port, exactly as browsers write them.

use axum::http::{HeaderValue, Uri};

/// A site's origin, such as `https://roadmaps.example.org`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin(String);

impl Origin {
    /// Reads the address people type. Neither path nor query is allowed; a slash at the end is.
    pub(crate) fn parse(url: &str) -> Result<Self, ()> {
        let uri: Uri = url.trim().parse().map_err(|_| ())?;
        let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https")).ok_or(())?;
        let authority = uri.authority().ok_or(())?;
        let plain = uri.path().trim_end_matches('/').is_empty() && uri.query().is_none();
        if !plain || authority.as_str().contains('@') {
            return Err(());
        }
        // Browsers leave out the port a scheme implies.
        let implied = if scheme == "https" { 443 } else { 80 };
        let host = authority.host().to_ascii_lowercase();
        Ok(Self(match authority.port_u16() {
            Some(port) if port != implied => format!("{scheme}://{host}:{port}"),
            _ => format!("{scheme}://{host}"),
        }))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a request comes from a page of this site: of the configured origin, or, when there is none, of the very
/// host it asks.
pub(crate) fn is_ours(
    site: Option<&Origin>,
    origin: Option<&HeaderValue>,
    host: Option<&HeaderValue>,
) -> bool {
    let Some(origin) = origin.and_then(|value| value.to_str().ok()) else { return false };
    match (site, host.and_then(|value| value.to_str().ok())) {
        (Some(site), _) => origin == site.as_str(),
        (None, Some(host)) => {
            origin.strip_prefix("http://").or(origin.strip_prefix("https://")) == Some(host)
        }
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_becomes_an_origin() {
        for (url, origin) in [
            ("https://Roadmaps.example.org/", "https://roadmaps.example.org"),
            ("https://roadmaps.example.org:443", "https://roadmaps.example.org"),
            ("http://localhost:3000", "http://localhost:3000"),
        ] {
            assert_eq!(Origin::parse(url).unwrap().as_str(), origin);
        }
        for wrong in
            ["", "roadmaps.example.org", "ftp://a.example", "https://a.example/b", "https://u@a.example"]
        {
            assert!(Origin::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_pages_of_the_same_origin_are_ours() {
        let site = Origin::parse("https://roadmaps.example").unwrap();
        let value = HeaderValue::from_static;
        assert!(is_ours(Some(&site), Some(&value("https://roadmaps.example")), None));
        for foreign in [
            "http://roadmaps.example",
            "https://roadmaps.example:8443",
            "https://evil-roadmaps.example",
            "https://roadmaps.example.evil.example",
            "https://evil.example",
            "null",
            "",
        ] {
            let host = value("roadmaps.example");
            assert!(!is_ours(Some(&site), Some(&value(foreign)), Some(&host)), "{foreign}");
        }
        assert!(!is_ours(Some(&site), None, None));

        let host = value("localhost:3000");
        assert!(is_ours(None, Some(&value("http://localhost:3000")), Some(&host)));
        for foreign in ["http://localhost:3001", "http://localhost", "http://evil.example", "null"] {
            assert!(!is_ours(None, Some(&value(foreign)), Some(&host)), "{foreign}");
        }
        assert!(!is_ours(None, Some(&value("http://localhost:3000")), None));
    }
}
