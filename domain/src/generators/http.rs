//! The generator `http`: what a URL answers, NDJSON with a task per line.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::placeholder::{Fill, Piece, cut, fill};
use super::{Firing, read, wrong};
use crate::kinds::http_request::{HostRule, check_headers, check_url};
use crate::kinds::{Kind, PayloadError};
use crate::limits::{DEFAULT_GENERATOR_TIMEOUT, MAX_GENERATOR_TIMEOUT};
use crate::submission::{Fault, Rules, known_kind};

/// A checked request, always a `GET`.
#[derive(Debug)]
pub struct Http<'a> {
    url: Vec<Piece>,
    headers: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
    kind: Option<Kind>,
    timeout: Duration,
}

/// `{"url", "headers"?, "kind"?, "timeout_seconds"?}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with url")]
struct Input<'a> {
    url: String,
    #[serde(borrow, default)]
    headers: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    timeout_seconds: Option<u64>,
}

impl<'a> Http<'a> {
    pub(super) fn read(input: &'a str, rules: &Rules<'_>) -> Result<Self, Vec<Fault>> {
        let fault = |field: &str| {
            let field = field.to_owned();
            move |detail: String| wrong(PayloadError { field, detail })
        };
        let input: Input<'a> = read(input, |text| serde_json::from_str::<Input<'_>>(text).map(drop))?;
        let url = cut(&input.url).map_err(fault("url"))?;
        check_headers(&input.headers).map_err(wrong)?;
        let kind = input.kind.map(|kind| known_kind(&kind, rules.kinds)).transpose().map_err(fault("kind"))?;
        let timeout = input.timeout_seconds.map_or(DEFAULT_GENERATOR_TIMEOUT, Duration::from_secs);
        if !(Duration::from_secs(1)..=MAX_GENERATOR_TIMEOUT).contains(&timeout) {
            return Err(fault("timeout_seconds")(format!("from 1 to {}", MAX_GENERATOR_TIMEOUT.as_secs())));
        }
        Ok(Self { url, headers: input.headers, kind, timeout })
    }

    pub(super) fn check(&self, firing: &Firing<'_>, rules: &Rules<'_>) -> Result<(), Vec<Fault>> {
        let found = self.url(firing, rules.hosts).map(drop);
        found.map_err(|detail| wrong(PayloadError::new("url", detail)))
    }

    /// Where a firing asks. The hosts are those of now: they may have changed since the schedule was saved.
    ///
    /// # Errors
    /// Why it may not ask there.
    pub fn url(&self, firing: &Firing<'_>, hosts: &HostRule) -> Result<String, String> {
        let url = fill(&self.url, &Fill { firing, item: None })?;
        check_url(&url, hosts)?;
        Ok(url)
    }

    /// The headers of the request.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (&**name, &**value))
    }

    /// The kind of lines that do not say.
    pub fn kind(&self) -> Option<Kind> {
        self.kind
    }

    /// How long the whole answer may take.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{name, refused};
    use super::*;
    use crate::time::Timestamp;

    #[test]
    fn a_request_is_refused_for_whatever_is_wrong_with_it() {
        let url = r#""url":"https://api.example.com/tasks?day={{date}}""#;
        assert_eq!(
            refused("http", &format!(r#"{{{url},"headers":{{"authorization":"Bearer x"}},"kind":"simulate"}}"#)),
            []
        );
        for (input, field) in [
            (r#"{"url":"https://other.example.com/"}"#.to_owned(), "input.url"),
            (r#"{"url":"http://api.example.com/"}"#.to_owned(), "input.url"),
            (r#"{"url":"https://{{schedule}}.evil.net/"}"#.to_owned(), "input.url"),
            (r#"{"url":"https://api.example.com/{{item}}"}"#.to_owned(), "input.url"),
            (r#"{"url":"nonsense"}"#.to_owned(), "input.url"),
            (r#"{"url":7}"#.to_owned(), "input.url"),
            (format!(r#"{{{url},"headers":{{"host":"x"}}}}"#), "input.headers.host"),
            (format!(r#"{{{url},"kind":"x"}}"#), "input.kind"),
            (format!(r#"{{{url},"timeout_seconds":0}}"#), "input.timeout_seconds"),
            (format!(r#"{{{url},"timeout_seconds":61}}"#), "input.timeout_seconds"),
            (format!(r#"{{{url},"method":"POST"}}"#), "input.method"),
        ] {
            assert_eq!(refused("http", &input), [(None, field.to_owned())], "{input}");
        }
    }

    #[test]
    fn the_firing_is_filled_into_the_url() {
        let (name, at) = (name(), Timestamp::from_millis(1_800_000_000_000));
        let firing = Firing { schedule: &name, at, date: "2027-01-15" };
        let rules = Rules { now: at, start: None, kinds: &[], hosts: &HostRule::Any, cap: &|_| 1 };
        let http = Http::read(r#"{"url":"http://x/{{schedule}}/{{date}}?at={{fire_time}}"}"#, &rules).unwrap();
        let url = http.url(&firing, &HostRule::Any).unwrap();
        assert_eq!(url, "http://x/nightly/2027-01-15?at=2027-01-15T08:00:00.000Z");
        assert!(http.url(&firing, &HostRule::HttpsTo(vec![])).is_err());
    }
}
