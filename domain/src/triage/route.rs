//! The routes of triage. The front door finds them to check who may, the dlq Worker to serve them.

use std::borrow::Cow;

use crate::access::Scope;
use crate::id::ReplayId;

/// A resource of triage and what may be done with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route<'p> {
    /// `GET /v1/dead-letters`.
    List,
    /// `GET /v1/dead-letters/groups`.
    Groups,
    /// `GET /v1/dead-letters/export`.
    Export,
    /// `GET /v1/dead-letters/{task}`.
    Record(Cow<'p, str>),
    /// `POST /v1/dead-letters/discard`.
    Discard,
    /// `POST /v1/dead-letters/restore`.
    Restore,
    /// `POST /v1/dead-letters/replay`.
    Replay,
    /// `GET /v1/replays`.
    Replays,
    /// `GET /v1/replays/{replay}`.
    View(ReplayId),
    /// `GET /v1/replays/{replay}/items`.
    Items(ReplayId),
    /// `POST /v1/replays/{replay}/resume`.
    Resume(ReplayId),
    /// `POST /v1/replays/{replay}/cancel`.
    Cancel(ReplayId),
    /// `GET /v1/journal`.
    Journal,
}

impl<'p> Route<'p> {
    /// The resource at `path`; `None` if there is none.
    pub fn at(path: &'p str) -> Option<Self> {
        let mut segments = path.strip_prefix("/v1/")?.split('/');
        let (first, second, third) = (segments.next()?, segments.next(), segments.next());
        if segments.next().is_some() {
            return None;
        }
        let replay = || second.and_then(|id| id.parse().ok());
        match (first, second, third) {
            ("journal", None, None) => Some(Self::Journal),
            ("dead-letters", None, None) => Some(Self::List),
            ("dead-letters", Some("groups"), None) => Some(Self::Groups),
            ("dead-letters", Some("export"), None) => Some(Self::Export),
            ("dead-letters", Some("discard"), None) => Some(Self::Discard),
            ("dead-letters", Some("restore"), None) => Some(Self::Restore),
            ("dead-letters", Some("replay"), None) => Some(Self::Replay),
            ("dead-letters", Some(task), None) if is_task(task) => Some(Self::Record(task.into())),
            ("replays", None, None) => Some(Self::Replays),
            ("replays", Some(_), None) => replay().map(Self::View),
            ("replays", Some(_), Some("items")) => replay().map(Self::Items),
            ("replays", Some(_), Some("resume")) => replay().map(Self::Resume),
            ("replays", Some(_), Some("cancel")) => replay().map(Self::Cancel),
            _ => None,
        }
    }

    /// The method that it takes.
    pub fn method(&self) -> &'static str {
        match self.scope() {
            Scope::Triage => "POST",
            _ => "GET",
        }
    }

    /// Whether it is a list, which takes parameters.
    pub fn lists(&self) -> bool {
        match self {
            Self::List | Self::Groups | Self::Export | Self::Replays | Self::Items(_) | Self::Journal => true,
            Self::Discard | Self::Restore | Self::Replay | Self::Resume(_) | Self::Cancel(_) => false,
            Self::Record(_) | Self::View(_) => false,
        }
    }

    /// What a key must allow.
    pub fn scope(&self) -> Scope {
        match self {
            Self::Discard | Self::Restore | Self::Replay | Self::Resume(_) | Self::Cancel(_) => Scope::Triage,
            Self::List | Self::Groups | Self::Export | Self::Record(_) => Scope::Read,
            Self::Replays | Self::View(_) | Self::Items(_) | Self::Journal => Scope::Read,
        }
    }
}

/// Whether `text` could be what a dead letter is called: ids have letters, digits and hyphens.
pub(super) fn is_task(text: &str) -> bool {
    !text.is_empty() && text.len() <= 200 && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0199f0c2a0007abc8def0123456789ab";

    #[test]
    fn every_resource_is_at_one_path() {
        for (path, scope) in [
            ("dead-letters".to_owned(), Scope::Read),
            ("dead-letters/groups".to_owned(), Scope::Read),
            ("dead-letters/export".to_owned(), Scope::Read),
            (format!("dead-letters/{ID}-7"), Scope::Read),
            (format!("dead-letters/{ID}-callback"), Scope::Read),
            ("dead-letters/message-7f_x".to_owned(), Scope::Read),
            ("dead-letters/discard".to_owned(), Scope::Triage),
            ("dead-letters/restore".to_owned(), Scope::Triage),
            ("dead-letters/replay".to_owned(), Scope::Triage),
            ("replays".to_owned(), Scope::Read),
            (format!("replays/{ID}"), Scope::Read),
            (format!("replays/{ID}/items"), Scope::Read),
            (format!("replays/{ID}/resume"), Scope::Triage),
            (format!("replays/{ID}/cancel"), Scope::Triage),
            ("journal".to_owned(), Scope::Read),
        ] {
            let path = format!("/v1/{path}");
            assert_eq!(Route::at(&path).unwrap().scope(), scope, "{path}");
        }
    }

    #[test]
    fn there_is_nothing_elsewhere() {
        for path in [
            "/",
            "/v1/dead-letters/",
            "/v1/dead-letters/a/b",
            "/v1/dead-letters/a%2Fb",
            "/v1/replays/7",
            "/v1/journal/1",
        ] {
            assert_eq!(Route::at(path), None, "{path}");
        }
        assert_eq!(Route::at(&format!("/v1/replays/{ID}/items/7")), None);
    }
}
