//! Lists that the server gives page by page.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::failure::Failure;
use crate::server::Server;

/// What one page may have.
pub(crate) const PAGE: u32 = 200;

/// A list of the server's.
pub(crate) struct List {
    /// Where it is.
    pub(crate) path: String,
    /// What a page calls its entries.
    pub(crate) entries: &'static str,
    /// Which entries, as a query.
    pub(crate) filter: Vec<(&'static str, String)>,
}

/// The pages of a list, in its order.
pub(crate) struct Pages<'a> {
    server: &'a Server,
    list: List,
    cursor: Option<String>,
    ended: bool,
}

/// The first entries of a list, as they came.
pub(crate) struct Entries {
    name: &'static str,
    /// The entries.
    pub(crate) raw: Vec<Box<RawValue>>,
    /// Whether the list has more of them.
    pub(crate) more: bool,
}

impl<'a> Pages<'a> {
    /// All pages of `list`.
    pub(crate) fn new(server: &'a Server, list: List) -> Self {
        Self { server, list, cursor: None, ended: false }
    }

    /// The first `limit` entries that are not read yet.
    pub(crate) fn first(mut self, limit: u32) -> Result<Entries, Failure> {
        let mut raw = Vec::new();
        let limit = limit as usize;
        while raw.len() < limit {
            let missing = u32::try_from(limit - raw.len()).unwrap_or(PAGE);
            let Some(page) = self.next(missing)? else { break };
            raw.extend(page);
        }
        let more = !self.ended || raw.len() > limit;
        raw.truncate(limit);
        Ok(Entries { name: self.list.entries, raw, more })
    }

    /// The next page, of at most `limit` entries; `None` after the last one.
    pub(crate) fn next(&mut self, limit: u32) -> Result<Option<Vec<Box<RawValue>>>, Failure> {
        if self.ended {
            return Ok(None);
        }
        let mut query = self.list.filter.clone();
        query.push(("limit", limit.min(PAGE).to_string()));
        query.extend(self.cursor.clone().map(|cursor| ("cursor", cursor)));
        let body = self.server.get(&self.list.path, &query)?;
        let mut page: BTreeMap<String, Box<RawValue>> = self.server.parse(&body)?;
        let Some(entries) = page.remove(self.list.entries) else {
            return Err(self.strange(format!("a page has no {:?}", self.list.entries)));
        };
        let cursor = page.remove("cursor").map(|cursor| self.server.parse(cursor.get())).transpose()?.flatten();
        if cursor.is_some() && cursor == self.cursor {
            return Err(self.strange(format!("after a page of {} comes the same page", self.list.entries)));
        }
        self.ended = cursor.is_none();
        self.cursor = cursor;
        self.server.parse(entries.get()).map(Some)
    }

    fn strange(&self, cause: String) -> Failure {
        Failure::Unintelligible(self.server.address().clone(), cause)
    }
}

impl Entries {
    /// What each entry says.
    pub(crate) fn read<T: DeserializeOwned>(&self, server: &Server) -> Result<Vec<T>, Failure> {
        self.raw.iter().map(|entry| server.parse(entry.get())).collect()
    }

    /// All of them as one page.
    pub(crate) fn json(&self) -> String {
        let entries: Vec<&str> = self.raw.iter().map(|entry| entry.get()).collect();
        format!("{{{:?}:[{}]}}", self.name, entries.join(","))
    }
}
