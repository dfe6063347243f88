//! `GET /v1/dead-letters/{task}`: the whole record, put together from the index, the archive, and what the archive has of
//! its later deaths.

use domain::dead_letter::DeadLetter;
use domain::triage::statements::{Listed, records};
use domain::triage::{IndexedLetter, ReplayVerdict};
use domain::views::FailedAttempt;
use platform::Problem;
use serde::Serialize;
use serde_json::value::RawValue;
use worker::{Env, Response};

use crate::archive::{Archive, ArchiveError, Letters};
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
        return Err(missing(task, &archive).await?);
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
async fn missing(task: &str, archive: &Archive) -> Result<Problem, Problem> {
    let key = format!("dead/{task}");
    let found = archive.get(std::slice::from_ref(&key)).await?;
    let letter =
        found.get(&key).and_then(Option::as_ref).and_then(|text| serde_json::from_str::<DeadLetter<'_>>(text).ok());
    Ok(Problem::NotFound(match letter.and_then(|letter| letter.origin) {
        Some(origin) => format!("{task} replayed the dead letter {}: see there", origin.task),
        None => format!("there is no dead letter {task}"),
    }))
}

/// The letters with what the archive has of them.
pub(super) async fn with_content(letters: Vec<IndexedLetter>, archive: &Archive) -> Result<Vec<Record>, Problem> {
    let keys: Vec<String> = letters.iter().flat_map(keys_of).collect();
    let found = archive.get(&keys).await?;
    letters.into_iter().map(|letter| record(letter, &found)).collect()
}

/// Where the archive has the first death of a letter, the word that it succeeded late, and its later deaths.
fn keys_of(letter: &IndexedLetter) -> impl Iterator<Item = String> + '_ {
    let late = letter.late_success.then(|| format!("late/{}", letter.task));
    let again = letter.replays.iter().filter(|replay| replay.verdict == ReplayVerdict::DiedAgain);
    let again = again.filter_map(|replay| replay.task).map(|task| format!("dead/{task}"));
    std::iter::once(format!("dead/{}", letter.task)).chain(late).chain(again)
}

fn record(letter: IndexedLetter, found: &Letters) -> Result<Record, Problem> {
    let text_of = |key: String| found.get(&key).and_then(Option::as_ref);
    let mut keys = keys_of(&letter);
    let mut first = keys.next().and_then(text_of);
    if letter.late_success {
        // What succeeded late may have been archived by that word alone.
        let late = keys.next().and_then(text_of);
        first = first.or(late);
    }
    let Some(first) = first else {
        drop(keys);
        return Ok(Record { letter, content: Content::default() });
    };
    let mut history = Vec::new();
    for text in std::iter::once(first).chain(keys.filter_map(text_of)) {
        let life: DeadLetter<'_> = serde_json::from_str(text).map_err(worker::Error::from)?;
        history.extend(life.history);
    }
    let first: DeadLetter<'_> = serde_json::from_str(first).map_err(worker::Error::from)?;
    let content = Content {
        payload: Some(first.payload.into_owned()),
        history,
        timeout_seconds: first.timeout_seconds,
        max_attempts: first.max_attempts,
    };
    Ok(Record { letter, content })
}

impl From<ArchiveError> for Problem {
    fn from(error: ArchiveError) -> Self {
        tracing::error!(%error, "the archive cannot be read");
        Self::Unavailable
    }
}
