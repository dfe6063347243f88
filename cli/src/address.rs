//! Where the server is.

use std::fmt;
use std::str::FromStr;

use domain::loopback::is_loopback;
use url::Url;

/// The server's base URL, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address(Url);

impl Address {
    /// Where `make dev` serves.
    pub(crate) const DEVELOPMENT: &str = "http://127.0.0.1:8787";

    /// The URL of `path`, which begins with a slash, with `query`.
    pub(crate) fn join(&self, path: &str, query: &[(&str, String)]) -> String {
        let mut url = format!("{self}{path}");
        if !query.is_empty() {
            let pairs = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
            url = format!("{url}?{pairs}");
        }
        url
    }

    /// Whether the server runs on this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// Whether what is sent there can be read on the way.
    pub(crate) fn is_plain(&self) -> bool {
        self.0.scheme() == "http" && !self.is_loopback()
    }

    /// Whether this is where `make dev` serves unless told otherwise.
    pub(crate) fn is_default(&self) -> bool {
        self.to_string() == Self::DEVELOPMENT
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

/// Text that is not the address of a server.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnreadableAddress {
    /// Not a URL.
    #[error("not a URL such as {example}: {cause}", example = Address::DEVELOPMENT)]
    Url {
        /// What is wrong with it.
        #[from]
        cause: url::ParseError,
    },
    /// A URL of something else.
    #[error("a server's address begins with http:// or https:// and has no query, fragment or credentials")]
    Sort,
}

impl FromStr for Address {
    type Err = UnreadableAddress;

    fn from_str(text: &str) -> Result<Self, UnreadableAddress> {
        let url = Url::parse(text)?;
        let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        let fits = matches!(url.scheme(), "http" | "https") && plain && url.password().is_none();
        if fits { Ok(Self(url)) } else { Err(UnreadableAddress::Sort) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        text.parse().unwrap()
    }

    #[test]
    fn a_path_is_joined_whatever_the_address_ends_with() {
        for text in ["https://tasks.example.com/base", "https://tasks.example.com/base/"] {
            assert_eq!(address(text).join("/v1/health", &[]), "https://tasks.example.com/base/v1/health");
        }
    }

    #[test]
    fn a_query_is_escaped() {
        let query = [("name", "a b&c=d".to_owned())];
        assert_eq!(address("http://a").join("/v1/jobs", &query), "http://a/v1/jobs?name=a+b%26c%3Dd");
    }

    #[test]
    fn only_http_to_another_machine_can_be_read_on_the_way() {
        assert!(address("http://10.0.0.1").is_plain());
        for safe in ["http://127.0.0.1:8787", "https://tasks.example.com"] {
            assert!(!address(safe).is_plain(), "{safe}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "127.0.0.1:8787", "localhost", "ftp://a", "http://a/?b", "http://a/#b", "http://key@a"] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }
}
