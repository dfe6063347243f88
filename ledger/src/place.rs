//! What a call is about: the path and the query of its URL.
//!
//! Cut out of the text as it comes. Calls are made by our own Workers, who write nothing that needs decoding; reading them
//! as URLs would link a parser that this Worker has no other use for.

use worker::Request;

/// Path and query.
pub(crate) struct Place {
    path: String,
    query: String,
}

impl Place {
    pub(crate) fn of(request: &Request) -> Self {
        Self::read(&request.inner().url())
    }

    fn read(url: &str) -> Self {
        let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
        let from_path = after_scheme.find('/').map_or("/", |at| &after_scheme[at..]);
        let (path, query) = from_path.split_once('?').unwrap_or((from_path, ""));
        Self { path: path.to_owned(), query: query.to_owned() }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The values that the query gives.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.query.split('&').filter_map(|pair| pair.split_once('='))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_and_query_are_told_apart() {
        let place = Place::read("https://ledger/results?from=5&status=dead");
        assert_eq!(place.path(), "/results");
        assert_eq!(place.pairs().collect::<Vec<_>>(), [("from", "5"), ("status", "dead")]);
        assert_eq!(Place::read("https://ledger/job").path(), "/job");
        assert_eq!(Place::read("https://ledger").path(), "/");
        assert_eq!(Place::read("https://ledger/job?").pairs().count(), 0);
    }
}
