//! Which addresses are this machine's own.
//!
//! `make dev` accepts `dev-key`, which everybody knows. Pages in a browser on the same machine reach it too: by
//! its address, or by a name of their own that they let point here (DNS rebinding). Their requests name a host or an
//! origin that is not this machine, so in development such requests are refused.

use url::{Host, Url};

/// Whether the host of `url` is this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(host)) => host == "localhost" || host.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Whether a request may come from this machine's own programs and pages, by its headers `Host` and `Origin`.
pub fn is_local_request(host: Option<&str>, origin: Option<&str>) -> bool {
    let is_local = |url: &str| Url::parse(url).is_ok_and(|url| is_loopback(&url));
    host.is_none_or(|host| is_local(&format!("http://{host}/"))) && origin.is_none_or(is_local)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_told_from_others() {
        for here in ["http://localhost:1", "http://a.localhost", "http://[::1]/", "http://127.8.9.1"] {
            assert!(is_loopback(&Url::parse(here).unwrap()), "{here}");
        }
        for elsewhere in ["https://example.com", "http://10.0.0.1", "http://localhost.example.com", "http://[::2]"] {
            assert!(!is_loopback(&Url::parse(elsewhere).unwrap()), "{elsewhere}");
        }
    }

    #[test]
    fn a_request_of_another_host_or_origin_is_not_local() {
        for (host, origin) in [
            (None, None),
            (Some("127.0.0.1:8787"), None),
            (Some("localhost:8787"), Some("http://localhost:3000")),
            (Some("[::1]:8787"), Some("http://[::1]:8787")),
        ] {
            assert!(is_local_request(host, origin), "{host:?} {origin:?}");
        }
        for (host, origin) in [
            (Some("evil.example:8787"), None),
            (Some(""), None),
            (Some("127.0.0.1@evil.example"), None),
            (Some("127.0.0.1:8787"), Some("https://evil.example")),
            (Some("127.0.0.1:8787"), Some("null")),
        ] {
            assert!(!is_local_request(host, origin), "{host:?} {origin:?}");
        }
    }
}
