//! `http.request`: one signed HTTP request.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use url::{Host, Url};

use super::{PayloadError, read};
use crate::limits::URL_BYTES;

/// The request to make.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpRequest<'a> {
    /// Where to; `http` or `https`.
    #[serde(borrow)]
    pub url: Cow<'a, str>,
    /// The method.
    #[serde(default)]
    pub method: Method,
    /// Headers of the caller's own.
    #[serde(borrow, default)]
    pub headers: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
    /// The body: a string is sent as it is, anything else as JSON.
    #[serde(borrow, default)]
    pub body: Option<&'a RawValue>,
}

/// The methods a task may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Without a body.
    Get,
    /// Without a body.
    Head,
    /// What a task that does not say uses.
    #[default]
    Post,
    /// With or without a body.
    Put,
    /// With or without a body.
    Patch,
    /// With or without a body.
    Delete,
}

impl Method {
    /// The method as HTTP spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    const fn takes_body(self) -> bool {
        !matches!(self, Self::Get | Self::Head)
    }
}

/// Which hosts requests may go to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostRule {
    /// Any host, by `http` or `https`, loopback included: development.
    Any,
    /// By `https` only, and only to these: a host name, or `*.` and a domain for every host below it. An empty
    /// list denies all.
    HttpsTo(Vec<String>),
}

impl HostRule {
    /// Whether a request may go to `url`.
    fn permits(&self, url: &Url) -> Result<(), String> {
        let hosts = match self {
            Self::Any => return Ok(()),
            Self::HttpsTo(hosts) => hosts,
        };
        if url.scheme() != "https" {
            return Err("only https is allowed here".to_owned());
        }
        let Some(Host::Domain(host)) = url.host() else {
            return Err("a host name is needed; IP addresses are not allowed here".to_owned());
        };
        let permitted = hosts.iter().any(|rule| match rule.strip_prefix("*.") {
            Some(domain) => host.strip_suffix(domain).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
            None => rule == host,
        });
        if permitted {
            return Ok(());
        }
        Err(format!("host {host} is not on the allow-list (hosts in config/settings/production.toml)"))
    }
}

/// The most headers of a task's own, and the most bytes of their names and values together.
const HEADERS: (usize, usize) = (50, 8_192);

/// Headers that the handler or the runtime sets; a task cannot.
const RESERVED: [&str; 9] =
    ["connection", "content-length", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];

impl<'a> HttpRequest<'a> {
    /// Reads a payload and checks all of it.
    ///
    /// # Errors
    /// What is wrong with it, and with which field.
    pub fn parse(payload: &'a str, hosts: &HostRule) -> Result<Self, PayloadError> {
        let request: Self = read(payload, |text| serde_json::from_str::<HttpRequest<'_>>(text).map(drop))?;
        check_url(&request.url, hosts).map_err(|detail| PayloadError::new("url", detail))?;
        check_headers(&request.headers)?;
        if request.body.is_some_and(|body| body.get().starts_with('"')) && request.string_body().is_none() {
            return Err(PayloadError::new("body", "a string with half of a surrogate pair is no text"));
        }
        if request.body.is_some() && !request.method.takes_body() {
            return Err(PayloadError::new("body", format!("{} takes no body", request.method.name())));
        }
        Ok(request)
    }

    /// The bytes to send: a JSON string's characters, or the JSON itself.
    pub fn body_text(&self) -> Option<Cow<'a, str>> {
        if self.body_is_json() { self.body.map(|body| Cow::Borrowed(body.get())) } else { self.string_body() }
    }

    fn string_body(&self) -> Option<Cow<'a, str>> {
        serde_json::from_str(self.body?.get()).ok()
    }

    /// Whether the body is JSON rather than plain text.
    pub fn body_is_json(&self) -> bool {
        self.body.is_some_and(|body| !body.get().starts_with('"'))
    }
}

/// Checks a URL that tasks or callbacks are to be sent to.
///
/// # Errors
/// What is wrong with it.
pub fn check_url(text: &str, hosts: &HostRule) -> Result<(), String> {
    if text.len() > URL_BYTES {
        return Err(format!("has {} bytes; the limit is {URL_BYTES}", text.len()));
    }
    let url = Url::parse(text).map_err(|error| format!("not a URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("scheme {} is not http or https", url.scheme()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("credentials do not belong in a URL; use a header".to_owned());
    }
    hosts.permits(&url)
}

/// Checks headers of a caller's own.
///
/// # Errors
/// What is wrong with them, and with which.
pub fn check_headers(headers: &BTreeMap<Cow<'_, str>, Cow<'_, str>>) -> Result<(), PayloadError> {
    let bytes: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if headers.len() > HEADERS.0 || bytes > HEADERS.1 {
        let detail = format!("at most {} headers of {} bytes together", HEADERS.0, HEADERS.1);
        return Err(PayloadError::new("headers", detail));
    }
    let mut seen = BTreeSet::new();
    for (name, value) in headers {
        let fault = if name.is_empty() || !name.bytes().all(is_token) {
            "not a header name"
        } else if !seen.insert(name.to_ascii_lowercase()) {
            "given twice: the names of headers do not differ by case"
        } else if is_reserved(name) {
            "set by MonoTask; a task cannot"
        } else if !value.bytes().all(|b| b == b'\t' || (0x20..0x7f).contains(&b)) {
            "a header value is printable ASCII"
        } else {
            continue;
        };
        return Err(PayloadError::new(&format!("headers.{name}"), fault));
    }
    Ok(())
}

fn is_reserved(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("webhook-") || RESERVED.contains(&name.as_str())
}

/// RFC 9110, section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Checks a payload.
pub(super) fn check(payload: &str, hosts: &HostRule) -> Result<(), PayloadError> {
    HttpRequest::parse(payload, hosts).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field_refused(payload: &str, hosts: &HostRule) -> String {
        HttpRequest::parse(payload, hosts).unwrap_err().field
    }

    #[test]
    fn a_string_body_is_sent_as_is_and_anything_else_as_json() {
        let body = |payload| {
            let request = HttpRequest::parse(payload, &HostRule::Any).unwrap();
            (request.body_text().map(Cow::into_owned), request.body_is_json())
        };
        assert_eq!(body(r#"{"url":"http://127.0.0.1/"}"#), (None, false));
        assert_eq!(body(r#"{"url":"http://a.b/","body":"x\ny"}"#), (Some("x\ny".to_owned()), false));
        assert_eq!(body(r#"{"url":"http://a.b/","body":{"n":1e2}}"#), (Some(r#"{"n":1e2}"#.to_owned()), true));
    }

    #[test]
    fn production_denies_all_until_hosts_are_listed() {
        let none = HostRule::HttpsTo(vec![]);
        assert_eq!(field_refused(r#"{"url":"https://api.example.com/"}"#, &none), "url");
        let some = HostRule::HttpsTo(vec!["api.example.com".to_owned(), "*.example.org".to_owned()]);
        for fine in ["https://api.example.com/a?b", "https://API.example.com/", "https://a.b.example.org/"] {
            assert!(HttpRequest::parse(&format!(r#"{{"url":"{fine}"}}"#), &some).is_ok(), "{fine}");
        }
        for bad in [
            "http://api.example.com/",
            "https://example.org/",
            "https://evilexample.org/",
            "https://api.example.com.evil.net/",
            "https://api.example.com@evil.net/",
            "https://10.0.0.1/",
            "https://[::1]/",
        ] {
            assert_eq!(field_refused(&format!(r#"{{"url":"{bad}"}}"#), &some), "url", "{bad}");
        }
    }

    #[test]
    fn a_refused_payload_names_its_field() {
        let long = format!(r#"{{"url":"http://a/{}"}}"#, "x".repeat(URL_BYTES));
        let fat = format!(r#"{{"url":"http://a/","headers":{{"x":"{}"}}}}"#, "x".repeat(9_000));
        for (payload, field) in [
            ("{}", ""),
            (r#"{"url":"ftp://a/"}"#, "url"),
            (r#"{"url":"nonsense"}"#, "url"),
            (&long, "url"),
            (r#"{"url":"http://a/","method":"BREW"}"#, "method"),
            (r#"{"url":"http://a/","method":"GET","body":1}"#, "body"),
            (&fat, "headers"),
            (r#"{"url":"http://a/","headers":{"Host":"b"}}"#, "headers.Host"),
            (r#"{"url":"http://a/","headers":{"Webhook-Id":"b"}}"#, "headers.Webhook-Id"),
            (r#"{"url":"http://a/","headers":{"x y":"b"}}"#, "headers.x y"),
            (r#"{"url":"http://a/","headers":{"x":"a\r\nb: c"}}"#, "headers.x"),
            (r#"{"url":"http://a/","headers":{"X-A":"1","x-a":"2"}}"#, "headers.x-a"),
            (r#"{"url":"http://a/","body":"\ud800"}"#, "body"),
            (r#"{"url":"http://a/","retries":3}"#, "retries"),
        ] {
            assert_eq!(field_refused(payload, &HostRule::Any), field, "{payload}");
        }
    }
}
