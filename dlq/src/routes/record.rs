//! `GET /v1/dead-letters/{task}`: the whole record, put together from the index, the archive, and what the archive has of
//! its later deaths.

use std::borrow::Cow;
use std::collections::HashMap;

use domain::bundle::OpenBundle;
use domain::dead_letter::DeadLetter;
use domain::id::TaskId;
use domain::triage::statements::{Listed, records};
use domain::triage::{IndexedLetter, ReplayVerdict};
use domain::views::FailedAttempt;
use platform::Problem;
use platform::ledger::{LedgerError, Ledgers};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use worker::{Env, Response};

use crate::archive::{Archive, ArchiveError};
use crate::index::Index;

/// A dead letter, all of it.
pub(super) struct Record {
    letter: IndexedLetter,
    content: Content,
}

/// What the archive has of it.
#[derive(Default, Serialize)]
struct Content {
    /// Null where the archive does not show it.
    payload: Option<Box<RawValue>>,
    /// The errors of all its lives, oldest first.
    history: Vec<FailedAttempt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_seconds: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_attempts: Option<u8>,
}

impl Record {
    /// As JSON: the fields of both in one object. Said of two texts, since serde would bring every type a second time.
    pub(super) fn into_json(self) -> Result<Box<RawValue>, Problem> {
        let text = |json: Result<String, serde_json::Error>| json.map_err(worker::Error::from);
        let (letter, content) =
            (text(serde_json::to_string(&self.letter))?, text(serde_json::to_string(&self.content))?);
        let joined = format!("{},{}", &letter[..letter.len() - 1], &content[1..]);
        Ok(RawValue::from_string(joined).map_err(worker::Error::from)?)
    }
}

pub(super) async fn get(task: &str, env: &Env) -> Result<Response, Problem> {
    let archive = Archive::new(env)?;
    let rows: Vec<Listed> = Index::new(env)?.rows(&records(&[task])).await?;
    let letters: Vec<IndexedLetter> = rows.into_iter().map(Listed::into_letter).collect();
    if letters.is_empty() {
        return Err(missing(task, env).await?);
    }
    match with_content(letters, &archive).await?.pop() {
        Some(record) if record.content.payload.is_some() => super::json(200, &record.into_json()?),
        // KV may take a minute to show what it has.
        _ => {
            tracing::warn!(task, "in the index and not in the archive");
            Err(Problem::Unavailable)
        }
    }
}

/// Says where the letter is of a task that a replay sent: an operator may have found it in the replay's job.
async fn missing(task: &str, env: &Env) -> Result<Problem, Problem> {
    let unknown = || Problem::NotFound(format!("there is no dead letter {task}"));
    let Ok(id) = task.parse::<TaskId>() else { return Ok(unknown()) };
    let text = match Ledgers::new(env)?.read(id.job, &format!("tasks/{}", id.index)).await {
        Ok(mut response) => response.text().await?,
        Err(LedgerError::Unknown | LedgerError::Refused(_)) => return Ok(unknown()),
        Err(error @ LedgerError::Unavailable(_)) => return Err(error.into()),
    };
    let sent: Replayed<'_> = serde_json::from_str(&text).map_err(worker::Error::from)?;
    Ok(match sent.replay_of {
        Some(origin) => Problem::NotFound(format!("{task} replayed the dead letter {origin}: see there")),
        None => unknown(),
    })
}

/// What the ledger knows of a task, as far as it matters here.
#[derive(Deserialize)]
struct Replayed<'a> {
    #[serde(borrow, default)]
    replay_of: Option<Cow<'a, str>>,
}

/// The letters with what the archive has of them.
pub(super) async fn with_content(letters: Vec<IndexedLetter>, archive: &Archive) -> Result<Vec<Record>, Problem> {
    let values = archive.get(letters.iter().flat_map(|letter| lives(letter).map(|(key, _)| key))).await?;
    let opened = values.open();
    letters.into_iter().map(|letter| record(letter, &opened)).collect()
}

/// Where the archive has the letters of a task, oldest first: the keys of their bundles, and whose they are in these.
fn lives(letter: &IndexedLetter) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
    let again = letter.replays.iter().filter(|replay| replay.verdict == ReplayVerdict::DiedAgain);
    let again = again.filter_map(|replay| Some((replay.bundle.as_deref()?, replay.task?.to_string().into())));
    std::iter::once((&*letter.bundle, Cow::Borrowed(&*letter.task))).chain(again)
}

fn record(letter: IndexedLetter, opened: &HashMap<&str, OpenBundle<'_>>) -> Result<Record, Problem> {
    let mut content = Content::default();
    for (at, (key, task)) in lives(&letter).enumerate() {
        let Some(text) = opened.get(key).and_then(|bundle| bundle.letter(&task)) else {
            // Without its first life there is no payload.
            if at == 0 {
                break;
            }
            continue;
        };
        let life: DeadLetter<'_> = serde_json::from_str(text).map_err(worker::Error::from)?;
        if at == 0 {
            content.payload = Some(life.payload.into_owned());
            content.timeout_seconds = life.timeout_seconds;
            content.max_attempts = life.max_attempts;
        }
        content.history.extend(life.history);
    }
    Ok(Record { letter, content })
}

impl From<ArchiveError> for Problem {
    fn from(error: ArchiveError) -> Self {
        tracing::error!(%error, "the archive cannot be read");
        Self::Unavailable
    }
}
