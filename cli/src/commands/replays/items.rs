//! What became of each letter of a replay.

use serde::Deserialize;

use super::ReplayId;
use crate::columns::{Column, columns, width};
use crate::commands::Format;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{print, tell};
use crate::pages::{List, Pages};
use crate::server::Server;

/// The verdicts there are, and the word for all of them.
pub(super) const VERDICTS: [&str; 8] =
    ["waiting", "pending", "succeeded", "died_again", "refused", "skipped", "canceled", ANY];

const ANY: &str = "any";

/// A letter of a replay.
#[derive(Deserialize)]
struct Item {
    task: String,
    replay_task: Option<String>,
    verdict: String,
    fingerprint: Option<String>,
    detail: Option<String>,
}

const HEAD: [Column; 4] =
    [Column::Text("task"), Column::Text("verdict"), Column::Spare("replayed as"), Column::Cut("because")];

/// Lists the letters of `replay` with this verdict.
pub(super) fn run(
    server: &Server,
    replay: ReplayId,
    verdict: &str,
    limit: u32,
    format: Format,
) -> Result<Exit, Failure> {
    let filter = if verdict == ANY { Vec::new() } else { vec![("verdict", verdict.to_owned())] };
    let list = List { path: format!("{}/items", replay.path()), entries: "items", filter };
    let entries = Pages::new(server, list).first(limit)?;
    if format == Format::Json {
        return print(&entries.json()).map(|()| Exit::Fine);
    }
    let items: Vec<Item> = entries.read(server)?;
    if items.is_empty() {
        tell("the replay has no such letters");
        return Ok(Exit::Fine);
    }
    let rows: Vec<_> = items.into_iter().map(row).collect();
    print(&columns(&HEAD, &rows, width()))?;
    if entries.more {
        tell("there are more letters: --limit shows more of them");
    }
    Ok(Exit::Fine)
}

fn row(item: Item) -> Vec<String> {
    let because: Vec<String> = item.fingerprint.into_iter().chain(item.detail).collect();
    vec![
        item.task,
        item.verdict.replace('_', " "),
        item.replay_task.unwrap_or_else(|| "-".to_owned()),
        because.join(": "),
    ]
}
