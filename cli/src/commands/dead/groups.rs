//! `monotask dead groups`: which causes there are.

use clap::Args;
use domain::time::{Timestamp, rfc3339};
use serde::Deserialize;

use super::filter::Filter;
use crate::columns::{Column, columns, width};
use crate::commands::failed_attempt::ErrorView;
use crate::commands::{Format, to_type};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::moment::now;
use crate::output::{print, tell};
use crate::pages::{List, Pages};
use crate::server::Server;
use crate::table::{grouped, second};

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask dead groups
  monotask dead groups --since 12h
  monotask dead groups --kind http.request --reason exhausted --json | jq '.groups[0]'

Without --state these are open letters. A fingerprint is a cause: kind, reason, class of the error, and its message
without what varies. A narrow terminal cuts the errors and shows fewer columns; --json has all of it.";

/// The arguments of `monotask dead groups`.
#[derive(Debug, Args)]
pub(crate) struct Groups {
    /// At most this many groups
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    #[command(flatten)]
    filter: Filter,
}

/// Dead letters of one cause.
#[derive(Deserialize)]
struct Group {
    fingerprint: String,
    kind: Option<String>,
    reason: String,
    error: ErrorView,
    count: u64,
    #[serde(with = "rfc3339")]
    first_died_at: Timestamp,
    #[serde(with = "rfc3339")]
    last_died_at: Timestamp,
}

const HEAD: [Column; 7] = [
    Column::Text("fingerprint"),
    Column::Number("count"),
    Column::Spare("kind"),
    Column::Spare("reason"),
    Column::Cut("error"),
    Column::Spare("first died"),
    Column::Spare("last died"),
];

impl Groups {
    pub(super) fn run(self, server: &Server, format: Format) -> Result<Exit, Failure> {
        let path = "/v1/dead-letters/groups".to_owned();
        let list = List { path, entries: "groups", filter: self.filter.query(now()) };
        let entries = Pages::new(server, list).first(self.limit)?;
        if format == Format::Json {
            return print(&entries.json()).map(|()| Exit::Fine);
        }
        let groups: Vec<Group> = entries.read(server)?;
        let Some(largest) = groups.first() else {
            tell("there are no such dead letters");
            return Ok(Exit::Fine);
        };
        let rows: Vec<_> = groups.iter().map(row).collect();
        print(&columns(&HEAD, &rows, width()))?;
        if entries.more {
            tell("there are more groups: --limit shows more of them");
        }
        tell(&next(largest, server));
        Ok(Exit::Fine)
    }
}

fn row(group: &Group) -> Vec<String> {
    vec![
        group.fingerprint.clone(),
        grouped(group.count),
        group.kind.clone().unwrap_or_else(|| "-".to_owned()),
        group.reason.clone(),
        group.error.to_string(),
        second(group.first_died_at),
        second(group.last_died_at),
    ]
}

/// What to do next about the largest group.
fn next(largest: &Group, server: &Server) -> String {
    let of = |command: &str, more: &str| {
        let fingerprint = if is_plain(&largest.fingerprint) { &largest.fingerprint } else { "FINGERPRINT" };
        to_type(&format!("dead {command} --fingerprint"), format!("{fingerprint}{more}"), server.address())
    };
    format!("look closer:        {}\ntry to replay them: {}", of("list", ""), of("replay", " --dry-run"))
}

/// Whether a shell takes it for nothing but a word.
fn is_plain(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'_');
    !text.is_empty() && text.bytes().enumerate().all(|(at, byte)| is_letter(byte) || (at > 0 && byte == b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_made_up_is_no_command() {
        for (text, plain) in [("f1-0a9b", true), ("v1:0a", true), ("", false), ("$(id)", false), ("--all", false)] {
            assert_eq!(is_plain(text), plain, "{text}");
        }
    }
}
