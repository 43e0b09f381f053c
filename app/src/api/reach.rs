//! Who can open an address of this server.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why others may be unable to open a link that is to be passed on, and what an owner can do about it. `None` if others can
/// probably open it, and for an address inside a network that the operator has `configured`.
pub(crate) fn warning(link: &str, configured: bool, is_owner: bool) -> Option<&'static str> {
    match (reach(link), is_owner) {
        (Reach::Computer, true) => Some("Works on this computer only. Set --public-url."),
        (Reach::Computer, false) => Some("Works on this computer only. Ask an owner."),
        (Reach::Network, true) if !configured => Some("Works in this network only. Set --public-url."),
        (Reach::Network, false) if !configured => Some("Works in this network only. Ask an owner."),
        (Reach::Network | Reach::World, _) => None,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Computer,
    Network,
    World,
}

/// Names that are resolved inside a network only (RFC 6762, RFC 8375, and what ICANN reserved for it).
const LOCAL_NAMES: [&str; 5] = [".local", ".home.arpa", ".internal", ".lan", ".intranet"];

fn reach(link: &str) -> Reach {
    let host = link.parse::<http::Uri>().ok().and_then(|uri| uri.host().map(str::to_ascii_lowercase));
    let Some(host) = host else { return Reach::World };
    let host = host.trim_end_matches('.');
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => of_v4(address),
        Ok(IpAddr::V6(address)) => of_v6(address),
        Err(_) if host == "localhost" || host.ends_with(".localhost") => Reach::Computer,
        Err(_) if !host.contains('.') || LOCAL_NAMES.iter().any(|name| host.ends_with(name)) => {
            Reach::Network
        }
        Err(_) => Reach::World,
    }
}

fn of_v4(address: Ipv4Addr) -> Reach {
    let [first, second, ..] = address.octets();
    // 100.64.0.0/10 is shared behind the translation of a carrier or of a private network over others.
    let is_shared = first == 100 && (64..128).contains(&second);
    if address.is_loopback() || address.is_unspecified() {
        Reach::Computer
    } else if address.is_private() || address.is_link_local() || is_shared {
        Reach::Network
    } else {
        Reach::World
    }
}

fn of_v6(address: Ipv6Addr) -> Reach {
    match address.to_ipv4_mapped() {
        Some(address) => of_v4(address),
        None if address.is_loopback() || address.is_unspecified() => Reach::Computer,
        None if address.is_unique_local() || address.is_unicast_link_local() => Reach::Network,
        None => Reach::World,
    }
}

#[cfg(test)]
mod tests {
    use super::{Reach, reach, warning};

    #[test]
    fn addresses_that_others_cannot_open_are_known() {
        for host in [
            "localhost",
            "LOCALHOST",
            "localhost.",
            "app.localhost",
            "127.0.0.1",
            "127.1.2.3",
            "0.0.0.0",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
        ] {
            assert_eq!(reach(&format!("http://{host}:3000/join/ABCD")), Reach::Computer, "{host}");
        }
        for host in [
            "10.0.0.7",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.20",
            "169.254.3.4",
            "100.64.0.1",
            "[fd12::1]",
            "[fe80::1]",
            "roadmaps",
            "printer.local",
            "nas.lan",
            "cairn.internal",
            "pi.home.arpa",
        ] {
            assert_eq!(reach(&format!("http://{host}/join/ABCD")), Reach::Network, "{host}");
        }
        for host in [
            "roadmaps.example.org",
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "[2001:db8::1]",
            "local.example",
            "localhost.example.org",
            "127.0.0.1.example.org",
        ] {
            assert_eq!(reach(&format!("https://{host}/join/ABCD")), Reach::World, "{host}");
        }
    }

    #[test]
    fn the_warning_says_what_to_set() {
        for configured in [false, true] {
            let told = warning("http://localhost:3000/voting/1", configured, true);
            assert!(told.is_some_and(|told| told.contains("--public-url")));
            let told = warning("http://localhost:3000/voting/1", configured, false);
            assert!(told.is_some_and(|told| told.contains("Ask an owner") && !told.contains("--public-url")));
            assert_eq!(warning("https://roadmaps.example.org/voting/1", configured, true), None);
        }
        for is_owner in [false, true] {
            let told = warning("http://10.1.2.3/voting/1", false, is_owner);
            assert!(told.is_some_and(|told| told.contains("this network")));
            assert_eq!(
                warning("http://roadmaps/voting/1", true, is_owner),
                None,
                "an operator who set it means it"
            );
            assert_eq!(warning("/voting/1", false, is_owner), None);
        }
    }
}
