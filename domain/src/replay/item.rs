//! What an item becomes: the task that replays it.

use crate::dead_letter::DeadLetter;
use crate::id::ReplayId;
use crate::json_shape;
use crate::kinds::Kind;
use crate::kinds::http_request::HostRule;
use crate::limits::{TASK_BYTES, TASK_NESTING};
use crate::packing::{Chunk, PackKey, Packer, TooMuch};
use crate::task::{LetterOrigin, TaskFields};
use crate::triage::merge_patch;

/// What a replayed task is held against: what any task is.
#[derive(Clone, Copy, Debug)]
pub struct ItemRules<'a> {
    /// The kinds that may run here.
    pub kinds: &'a [Kind],
    /// The hosts that `http.request` may go to.
    pub hosts: &'a HostRule,
}

/// A task that replays a dead letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayTask {
    /// The letter's task.
    pub origin: String,
    /// Which handler runs it.
    pub kind: Kind,
    /// The payload, patched.
    pub payload: String,
    reference: Option<String>,
    timeout_seconds: Option<u16>,
    max_attempts: Option<u8>,
}

/// An item that is not sent: what its kind says against it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefusedItem {
    /// Nobody could decode it.
    #[error("nobody could decode it: there is no task to run")]
    Malformed,
    /// Its kind does not run here.
    #[error("kind {0} does not run here")]
    UnknownKind(Kind),
    /// Its payload is too long.
    #[error("its payload has {0} bytes; the limit is {TASK_BYTES}")]
    TooLong(usize),
    /// Its payload is nested too deeply.
    #[error("payload: {0}")]
    Shape(json_shape::ShapeError),
    /// Its kind refuses the payload.
    #[error("payload{}: {}", dotted(&.0.field), .0.detail)]
    Payload(crate::kinds::PayloadError),
    /// It succeeded after it had been given up.
    #[error("it succeeded after it had been given up: to run it once more say \"force\": true")]
    SucceededLate,
    /// The archive has something else.
    #[error("what the archive has of it cannot be read")]
    Unreadable,
    /// The archive does not have it.
    #[error("the archive does not show its content: try again in a minute")]
    NoContent,
}

/// A field after what it is in.
fn dotted(field: &str) -> String {
    if field.is_empty() { String::new() } else { format!(".{field}") }
}

impl ReplayTask {
    /// The task that replays `letter`, with `patch` applied to its payload.
    ///
    /// # Errors
    /// Why its kind refuses it.
    pub fn new(letter: &DeadLetter<'_>, patch: Option<&str>, rules: ItemRules<'_>) -> Result<Self, RefusedItem> {
        let kind = letter.kind.ok_or(RefusedItem::Malformed)?;
        if !rules.kinds.contains(&kind) {
            return Err(RefusedItem::UnknownKind(kind));
        }
        let payload = match patch {
            Some(patch) => merge_patch(letter.payload.get(), patch),
            None => letter.payload.get().to_owned(),
        };
        if payload.len() > TASK_BYTES {
            return Err(RefusedItem::TooLong(payload.len()));
        }
        json_shape::check(&payload, TASK_NESTING).map_err(RefusedItem::Shape)?;
        kind.check(&payload, rules.hosts).map_err(RefusedItem::Payload)?;
        Ok(Self {
            origin: letter.task.clone().into_owned(),
            kind,
            payload,
            reference: letter.reference.as_ref().and_then(|text| serde_json::to_string(text).ok()),
            timeout_seconds: letter.timeout_seconds,
            max_attempts: letter.max_attempts,
        })
    }
}

/// Packs the tasks of a portion, in order; `cap` is how many tasks of a kind a pack may have.
///
/// # Errors
/// They are more than one append takes.
pub fn pack<'t>(
    tasks: impl IntoIterator<Item = &'t ReplayTask>,
    replay: ReplayId,
    cap: &dyn Fn(Kind) -> usize,
) -> Result<Vec<Chunk>, TooMuch> {
    let mut packer = Packer::new(cap);
    for task in tasks {
        let origin = LetterOrigin { task: (&task.origin).into(), replay };
        let origin = serde_json::to_string(&origin).unwrap_or_default();
        let fields = TaskFields {
            payload: Some(&task.payload),
            reference: task.reference.as_deref(),
            timeout_seconds: task.timeout_seconds,
            max_attempts: task.max_attempts,
            origin: Some(&origin),
        };
        packer.push(PackKey { kind: task.kind, due: None }, &fields)?;
    }
    Ok(packer.finish())
}
