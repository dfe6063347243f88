//! The journal and the list of replays are told.

use std::time::Duration;

use domain::triage::statements::{add_entries, tell_replay};
use worker::Result;

use crate::index::Index;
use crate::replay_do::Replay;

/// How long until they are told again, where that failed.
const AGAIN: Duration = Duration::from_secs(5);

impl Replay {
    /// Tells what they do not know. Telling again changes nothing.
    pub(crate) async fn tell(&self, index: &Index) -> Result<()> {
        let Some((view, request, progress)) = self.change(|replay| {
            replay.tell(platform::now(), AGAIN);
            (replay.summary(), replay.request.clone(), replay.progress.clone())
        })?
        else {
            return Ok(());
        };
        let mut statements = add_entries(request.id, view.filter.get(), &progress.entries);
        let text = serde_json::to_string(&view)?;
        statements.push(tell_replay(request.id, request.created_at, progress.version, &text));
        index.transact(&statements).await?;
        self.change(|replay| replay.told(progress.entries_made, view.state)).map(drop)
    }
}
