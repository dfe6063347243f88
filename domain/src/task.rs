//! One task on the wire: a line of a pack.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use crate::id::ReplayId;
use crate::json_scan::Scan;
use crate::limits::{DEFAULT_TIMEOUT, TASK_NESTING};

/// One line of a pack: `{"i":index,"p":payload,"r":ref,"t":timeout,"m":max attempts,"o":origin}`, all but the index left
/// out where the task does not say. The kind stands in the pack's header.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct TaskLine<'a> {
    /// The task's place in its job.
    #[serde(rename = "i")]
    pub index: u32,
    #[serde(rename = "p", borrow, default, deserialize_with = "text")]
    payload: Option<&'a str>,
    /// The caller's own name for the task.
    #[serde(rename = "r", borrow, default)]
    pub reference: Option<Cow<'a, str>>,
    #[serde(rename = "t", default)]
    timeout_seconds: Option<u16>,
    /// How many attempts the task may have, if it says.
    #[serde(rename = "m", default)]
    pub max_attempts: Option<u8>,
    /// The dead letter that the task replays, if it does.
    #[serde(rename = "o", borrow, default)]
    pub origin: Option<LetterOrigin<'a>>,
}

/// Where a task comes from that replays a dead letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterOrigin<'a> {
    /// The task whose dead letter it is.
    #[serde(borrow)]
    pub task: Cow<'a, str>,
    /// The replay that took it.
    pub replay: ReplayId,
}

impl<'a> TaskLine<'a> {
    /// The payload as JSON; `{}` where the task has none.
    pub fn payload(&self) -> &'a str {
        self.payload.unwrap_or("{}")
    }

    /// Reads a line that says no more than an index, a payload and a `ref` without escapes, as most do. `None` for all
    /// others, which serde reads; what both read, they read alike.
    pub(crate) fn usual(line: &'a str) -> Option<Self> {
        let mut task =
            Self { index: 0, payload: None, reference: None, timeout_seconds: None, max_attempts: None, origin: None };
        let mut index = None;
        let mut scan = Scan::new(line);
        scan.object(|name, scan| {
            match name {
                "i" if index.is_none() => index = Some(scan.value(0)?.parse().ok()?),
                "p" if task.payload.is_none() => task.payload = Some(scan.value(TASK_NESTING)?),
                "r" if task.reference.is_none() => task.reference = Some(scan.plain_string()?.into()),
                _ => return None,
            }
            Some(())
        })?;
        task.index = index?;
        scan.is_at_end().then_some(task)
    }

    /// Seconds that one run may take, if the task says.
    pub fn timeout_seconds(&self) -> Option<u16> {
        self.timeout_seconds
    }

    /// How long one run may take.
    pub fn timeout(&self) -> Duration {
        self.timeout_seconds.map_or(DEFAULT_TIMEOUT, |seconds| Duration::from_secs(seconds.into()))
    }
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de str>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(|raw| Some(raw.get()))
}

/// What becomes a [`TaskLine`] once the task has its index. The texts are JSON and have no line break.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskFields<'a> {
    /// The payload.
    pub payload: Option<&'a str>,
    /// The `ref`, quotes included.
    pub reference: Option<&'a str>,
    /// Seconds that one run may take.
    pub timeout_seconds: Option<u16>,
    /// Attempts.
    pub max_attempts: Option<u8>,
    /// The [`LetterOrigin`].
    pub origin: Option<&'a str>,
}

impl TaskFields<'_> {
    /// The most bytes that the line takes apart from payload and `ref`: the names, four numbers, the line break.
    const FRAME_BYTES: usize = 70;

    /// At least the bytes that [`Self::write_line`] adds.
    pub fn line_bytes(&self) -> usize {
        Self::FRAME_BYTES
            + [self.payload, self.reference, self.origin].into_iter().flatten().map(str::len).sum::<usize>()
    }

    /// Appends the line of the task that has `index`, with its line break.
    pub fn write_line(&self, index: u32, lines: &mut String) {
        lines.reserve(self.line_bytes());
        lines.push_str("{\"i\":");
        push_number(index, lines);
        if let Some(payload) = self.payload {
            lines.push_str(",\"p\":");
            lines.push_str(payload);
        }
        if let Some(reference) = self.reference {
            lines.push_str(",\"r\":");
            lines.push_str(reference);
        }
        if let Some(seconds) = self.timeout_seconds {
            lines.push_str(",\"t\":");
            push_number(seconds.into(), lines);
        }
        if let Some(attempts) = self.max_attempts {
            lines.push_str(",\"m\":");
            push_number(attempts.into(), lines);
        }
        if let Some(origin) = self.origin {
            lines.push_str(",\"o\":");
            lines.push_str(origin);
        }
        lines.push_str("}\n");
    }
}

fn push_number(number: u32, lines: &mut String) {
    lines.push_str(itoa::Buffer::new().format(number));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_round_trips() {
        let fields = TaskFields {
            payload: Some(r#"{"a":[1]}"#),
            reference: Some(r#""order\n7""#),
            timeout_seconds: Some(300),
            max_attempts: Some(100),
            origin: Some(r#"{"task":"message-7","replay":"0199f0c2a0007abc8def0123456789ab"}"#),
        };
        let mut line = String::new();
        fields.write_line(u32::MAX, &mut line);
        assert!(line.len() <= fields.line_bytes(), "{line}");
        let task: TaskLine<'_> = serde_json::from_str(&line).unwrap();
        assert_eq!(task.index, u32::MAX);
        assert_eq!(task.payload(), r#"{"a":[1]}"#);
        assert_eq!(task.reference.as_deref(), Some("order\n7"));
        assert_eq!(task.timeout(), Duration::from_secs(300));
        assert_eq!(task.max_attempts, Some(100));
        assert_eq!(task.origin.unwrap().task, "message-7");
    }

    #[test]
    fn a_usual_line_is_read_as_serde_reads_it() {
        for (line, is_usual) in [
            (r#"{"i":7}"#, true),
            (r#"{"i":0,"p":{"a":[1,"x\n"]},"r":"order-7"}"#, true),
            (r#"{"i":4294967295,"p":null}"#, true),
            (r#"{"i":7,"p":1e3}"#, false),
            (r#"{"i":7,"r":"a\nb"}"#, false),
            (r#"{"i":7,"t":30}"#, false),
        ] {
            let usual = TaskLine::usual(line);
            assert_eq!(usual.is_some(), is_usual, "{line}");
            if let Some(task) = usual {
                assert_eq!(task, serde_json::from_str(line).unwrap(), "{line}");
            }
        }
        for wrong in [
            r#"{"i":-1}"#,
            r#"{"i":4294967296}"#,
            r#"{"i":"7"}"#,
            r#"{"i":1,"i":2}"#,
            "{}",
            r#"{"i":1.0}"#,
            r#"{"i":1} "#,
        ] {
            assert_eq!(TaskLine::usual(wrong), None, "{wrong}");
        }
    }

    proptest! {
        /// Lines that are nearly right, of the pieces that lines are made of.
        #[test]
        fn what_is_read_as_a_usual_line_serde_reads_alike(
            pieces in prop::collection::vec(prop::sample::select(PIECES), 0..6),
            opening in prop::sample::select(&["{", "{ ", "", "[", " {"][..]),
            closing in prop::sample::select(&["}", " }", "", "]", "} ", ",}"][..]),
            comma in prop::sample::select(&[",", " , ", ""][..]),
        ) {
            let line = format!("{opening}{}{closing}", pieces.join(comma));
            if let Some(task) = TaskLine::usual(&line) {
                let read = serde_json::from_str::<TaskLine<'_>>(&line);
                prop_assert_eq!(read.ok(), Some(task), "{}", line);
            }
        }
    }

    const PIECES: &[&str] = &[
        r#""i":7"#,
        r#""i":07"#,
        r#""i": 4294967295"#,
        r#""i":4294967296"#,
        r#""i":-1"#,
        r#""i":1.0"#,
        r#""p":{"a":[1,"x\n",{}],"b":"\u00e4"}"#,
        r#""p":null"#,
        r#""p":1e999"#,
        r#""p":[1,]"#,
        r#""p" : "text with } and , in it""#,
        r#""r":"order-7""#,
        r#""r":"a\"b""#,
        r#""r":7"#,
        r#""t":30"#,
        r#""x":1"#,
        r#""\u0069":7"#,
    ];

    #[test]
    fn what_a_task_does_not_say_is_left_out() {
        let mut line = String::new();
        TaskFields::default().write_line(7, &mut line);
        assert_eq!(line, "{\"i\":7}\n");
        let task: TaskLine<'_> = serde_json::from_str(&line).unwrap();
        assert_eq!((task.payload(), task.timeout()), ("{}", DEFAULT_TIMEOUT));
    }
}
