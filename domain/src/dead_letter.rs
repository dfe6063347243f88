//! Dead letters: tasks that will not be tried again, and how they travel to the archive.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::id::{JobId, LetterPackId};
use crate::kinds::Kind;
use crate::lane::Lane;
use crate::limits::{HISTORY_ERRORS, MESSAGE_BYTES, MESSAGE_METADATA_BYTES};
use crate::outcome::TaskError;
use crate::task::LetterOrigin;
use crate::time::{Timestamp, rfc3339};
use crate::verdict::Reason;
use crate::views::FailedAttempt;

/// The version of the wire format that is written.
pub const VERSION: u8 = 1;

/// A dead letter as archived: all of it, in the words of the API.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeadLetter<'a> {
    /// The task, or `message-<message id>` where nobody could decode which.
    #[serde(borrow)]
    pub task: Cow<'a, str>,
    /// Its job; null for `malformed`.
    pub job: Option<JobId>,
    /// Its place in the job; null for `malformed`.
    pub index: Option<u32>,
    /// The caller's name for it.
    #[serde(borrow, rename = "ref")]
    pub reference: Option<Cow<'a, str>>,
    /// Its kind; null for `malformed`.
    pub kind: Option<Kind>,
    /// The lane it travelled in, where known.
    pub lane: Option<Lane>,
    /// What it was submitted with; for `malformed` the message's body as a string.
    #[serde(borrow)]
    pub payload: Cow<'a, RawValue>,
    /// Why it will not be tried again.
    pub reason: Reason,
    /// What went wrong last.
    pub error: TaskError,
    /// Every failed attempt, the last ones, oldest first.
    pub history: Vec<FailedAttempt>,
    /// When it was given up.
    #[serde(with = "rfc3339")]
    pub died_at: Timestamp,
    /// It succeeded after all, after it had been given up.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late_success: bool,
    /// Seconds that one run may take, if the task says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<u16>,
    /// How many attempts it may have, if it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_attempts: Option<u8>,
    /// The dead letter that it replayed, if it did: this is another death of that one.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<LetterOrigin<'a>>,
}

/// The header line of a message of letters; a [`DeadLetter`] per line follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LettersHeader {
    /// [`VERSION`].
    pub v: u8,
    /// The job of the tasks.
    pub job: JobId,
    /// When the job was accepted: an id that comes again after its job was deleted names another job.
    pub born: Timestamp,
    /// The number of the pack of letters within the job.
    pub letters: LetterPackId,
    /// When the message was sent, by the ledger's clock.
    pub sent_at: Timestamp,
    /// The index to confirm a letter without one by: that of the job's callback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback: Option<u32>,
}

/// Bytes that one message of letters may have.
const LETTERS_BYTES: usize = MESSAGE_BYTES - MESSAGE_METADATA_BYTES - 300;

/// The messages that carry `letters`, as few as fit. A letter too long for a message loses the oldest of its
/// history first, never its payload.
pub fn messages<'a>(header: &LettersHeader, letters: impl IntoIterator<Item = DeadLetter<'a>>) -> Vec<String> {
    let head = serde_json::to_string(header).unwrap_or_default() + "\n";
    let mut messages: Vec<String> = Vec::new();
    for letter in letters {
        let line = fitting_line(letter);
        match messages.last_mut() {
            Some(message) if message.len() + line.len() <= LETTERS_BYTES => message.push_str(&line),
            _ => messages.push(format!("{head}{line}")),
        }
    }
    messages
}

fn fitting_line(mut letter: DeadLetter<'_>) -> String {
    let excess = letter.history.len().saturating_sub(HISTORY_ERRORS);
    letter.history.drain(..excess);
    loop {
        let line = serde_json::to_string(&letter).unwrap_or_default() + "\n";
        if line.len() <= LETTERS_BYTES || letter.history.is_empty() {
            return line;
        }
        letter.history.remove(0);
    }
}

/// What arrives on the dead-letters queue.
#[derive(Debug)]
pub enum Arrival<'a> {
    /// Letters to archive.
    Letters(LettersHeader, Vec<DeadLetter<'a>>),
    /// A pack that the platform gave up delivering.
    Stranded(crate::pack::PackHeader),
    /// Written by a later release: to be tried again.
    Later,
    /// Nobody can decode it, for this reason.
    Malformed(String),
}

/// Decodes a message of the dead-letters queue.
pub fn decode(text: &str) -> Arrival<'_> {
    #[derive(Deserialize)]
    struct Version {
        v: u8,
    }
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    match serde_json::from_str::<LettersHeader>(first) {
        Ok(header) if header.v == VERSION => {
            let letters: Result<Vec<_>, _> = rest.lines().map(serde_json::from_str).collect();
            return match letters {
                Ok(letters) => Arrival::Letters(header, letters),
                Err(error) => Arrival::Malformed(error.to_string()),
            };
        }
        _ => {}
    }
    match crate::pack::read_header(first) {
        Ok(header) => Arrival::Stranded(header),
        Err(error) => match serde_json::from_str::<Version>(first) {
            Ok(Version { v }) if v > VERSION => Arrival::Later,
            _ => Arrival::Malformed(error.to_string()),
        },
    }
}

/// A message that nobody can decode, as a consumer hands it to the archive.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MalformedCall<'a> {
    /// The message's id, given by the queue.
    #[serde(borrow)]
    pub message: Cow<'a, str>,
    /// The lane it came by, if it was one.
    pub lane: Option<Lane>,
    /// Its body, as text.
    #[serde(borrow)]
    pub body: Cow<'a, str>,
    /// Why it cannot be decoded.
    #[serde(borrow)]
    pub fault: Cow<'a, str>,
}

/// The letter of a message that nobody can decode; its body is kept as it was.
pub fn malformed(call: &MalformedCall<'_>, now: Timestamp) -> DeadLetter<'static> {
    let json = serde_json::to_string(&call.body).ok().and_then(|json| RawValue::from_string(json).ok());
    DeadLetter {
        task: format!("message-{}", call.message).into(),
        job: None,
        index: None,
        reference: None,
        kind: None,
        lane: call.lane,
        payload: Cow::Owned(json.unwrap_or_default()),
        reason: Reason::Malformed,
        error: TaskError::new("malformed", &call.fault),
        history: Vec::new(),
        died_at: now,
        late_success: false,
        timeout_seconds: None,
        max_attempts: None,
        origin: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{ERROR_MESSAGE_BYTES, TASK_BYTES};

    const GOLDEN: &str = include_str!("../golden/letters-v1.ndjson");

    fn letter(payload: &str, errors: u8, message: &str) -> DeadLetter<'static> {
        let error = TaskError::new("http.503", message);
        let at = Timestamp::from_millis(1_792_000_000_000);
        DeadLetter {
            task: "0199f0c2a0007abc8def0123456789ab-7".into(),
            job: Some("0199f0c2a0007abc8def0123456789ab".parse().unwrap()),
            index: Some(7),
            reference: Some("order-7".into()),
            kind: Some(Kind::HttpRequest),
            lane: Some(Lane::Default),
            payload: Cow::Owned(RawValue::from_string(payload.to_owned()).unwrap()),
            reason: Reason::Exhausted,
            error: error.clone(),
            history: (1..=errors).map(|attempt| FailedAttempt { attempt, at, error: error.clone() }).collect(),
            died_at: at,
            late_success: false,
            timeout_seconds: None,
            max_attempts: None,
            origin: None,
        }
    }

    fn header() -> LettersHeader {
        let job = "0199f0c2a0007abc8def0123456789ab".parse().unwrap();
        LettersHeader {
            v: VERSION,
            job,
            born: Timestamp::from_millis(1_791_999_000_000),
            letters: LetterPackId(2),
            sent_at: Timestamp::from_millis(1_792_000_000_000),
            callback: None,
        }
    }

    #[test]
    fn what_is_written_today_is_the_golden_message_and_is_understood() {
        assert_eq!(messages(&header(), [letter(r#"{"url":"https://example.com/"}"#, 2, "busy")]), [GOLDEN]);
        let Arrival::Letters(head, letters) = decode(GOLDEN) else { panic!("not letters") };
        assert_eq!((head, letters.len()), (header(), 1));
        assert_eq!(letters[0].payload.get(), r#"{"url":"https://example.com/"}"#);
        assert_eq!(letters[0].history.len(), 2);
    }

    #[test]
    fn every_message_fits_and_the_largest_task_keeps_its_payload() {
        let payload = format!("\"{}\"", "x".repeat(TASK_BYTES - 2));
        let nasty = "\u{1}".repeat(ERROR_MESSAGE_BYTES);
        let letters = (0..5).map(|_| letter(&payload, 100, &nasty));
        let messages = messages(&header(), letters);
        assert_eq!(messages.len(), 5);
        for message in &messages {
            assert!(message.len() + MESSAGE_METADATA_BYTES <= MESSAGE_BYTES);
            let Arrival::Letters(_, letters) = decode(message) else { panic!("not letters") };
            assert_eq!(letters[0].payload.get(), payload);
        }
    }

    #[test]
    fn a_pack_that_the_platform_moved_is_told_from_rubbish() {
        let pack = include_str!("../golden/pack-v1.ndjson");
        assert!(matches!(decode(pack), Arrival::Stranded(header) if header.pack.0 == 3));
        assert!(matches!(decode(r#"{"v":9}"#), Arrival::Later));
        assert!(matches!(decode("hello"), Arrival::Malformed(_)));
        assert!(matches!(decode(&GOLDEN[..GOLDEN.len() - 9]), Arrival::Malformed(_)));
    }

    #[test]
    fn a_malformed_message_keeps_its_body() {
        let call = MalformedCall {
            message: "m1".into(),
            lane: Some(Lane::High),
            body: "{\"half\":".into(),
            fault: "EOF".into(),
        };
        let letter = malformed(&call, Timestamp::from_millis(0));
        assert_eq!(letter.task, "message-m1");
        assert_eq!(serde_json::from_str::<String>(letter.payload.get()).unwrap(), "{\"half\":");
    }
}
