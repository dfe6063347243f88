//! `monotask dead show`: all of one dead letter.

use clap::Args;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::letter_id::LetterId;
use crate::commands::failed_attempt::{ErrorView, FailedAttempt};
use crate::commands::{Format, to_type};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{print, tell};
use crate::pretty::pretty;
use crate::server::Server;
use crate::table::{escaped, render};

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask dead show 0199f0c2a0007abc8def0123456789ab-42
  monotask dead show \"$job-callback\"
  monotask dead show \"$job-42\" --json | jq .payload";

/// The arguments of `monotask dead show`.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The dead letter: `<job>-<index>`, `<job>-callback`, or `message-<id>`
    task: LetterId,
}

/// The whole record.
#[derive(Deserialize)]
struct Record {
    task: String,
    job: Option<String>,
    #[serde(rename = "ref")]
    reference: Option<String>,
    kind: Option<String>,
    lane: Option<String>,
    payload: Box<RawValue>,
    reason: String,
    fingerprint: String,
    error: ErrorView,
    attempts: u32,
    died_at: String,
    state: String,
    #[serde(default)]
    history: Vec<FailedAttempt>,
    #[serde(default)]
    replays: Vec<Run>,
    #[serde(default)]
    late_success: bool,
    timeout_seconds: Option<u32>,
    max_attempts: Option<u32>,
}

/// One replay of it.
#[derive(Deserialize)]
struct Run {
    replay: String,
    taken_at: String,
    task: Option<String>,
    verdict: String,
    fingerprint: Option<String>,
}

impl Show {
    pub(super) fn run(self, server: &Server, format: Format) -> Result<Exit, Failure> {
        let body = server.get(&format!("/v1/dead-letters/{}", self.task), &[])?;
        if format == Format::Json {
            return print(&body).map(|()| Exit::Fine);
        }
        let record: Record = server.parse(&body)?;
        print(&text(&record))?;
        if record.state == "open" {
            let command = to_type("dead replay --task", format!("{} --dry-run", self.task), server.address());
            tell(&format!("try to replay it: {command}"));
        }
        Ok(Exit::Fine)
    }
}

fn text(record: &Record) -> String {
    let mut rows = vec![("task", record.task.clone())];
    let number = |number: Option<u32>| number.map(|number| number.to_string());
    let named = [
        ("job", record.job.clone()),
        ("ref", record.reference.clone()),
        ("kind", record.kind.clone()),
        ("lane", record.lane.clone()),
        ("state", Some(record.state.clone())),
        ("died", Some(record.died_at.clone())),
        ("reason", Some(record.reason.clone())),
        ("error", Some(record.error.to_string())),
        ("fingerprint", Some(record.fingerprint.clone())),
        ("attempts", number(Some(record.attempts))),
        ("max attempts", number(record.max_attempts)),
        ("timeout", number(record.timeout_seconds).map(|seconds| format!("{seconds} s"))),
        ("late success", record.late_success.then(|| "it succeeded after it was declared dead".to_owned())),
    ];
    rows.extend(named.into_iter().filter_map(|(name, value)| Some((name, value?))));
    let payload: Vec<String> =
        pretty(record.payload.get()).lines().map(|line| format!("  {}", escaped(line))).collect();
    let failed = record.history.iter().map(|failed| ("failed", failed.to_string()));
    let ran = record.replays.iter().map(|run| ("replay", run.text()));
    let past: Vec<_> = failed.chain(ran).collect();
    format!("{}payload\n{}\n{}", render(&rows), payload.join("\n"), render(&past))
}

impl Run {
    fn text(&self) -> String {
        let cause = self.fingerprint.as_ref().map(|fingerprint| format!(" ({fingerprint})")).unwrap_or_default();
        let task = self.task.as_ref().map(|task| format!(", as task {task}")).unwrap_or_default();
        format!("{} at {}: {}{cause}{task}", self.replay, self.taken_at, self.verdict.replace('_', " "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_shown_whole() {
        let body = r#"{"task":"0199f0c2a0007abc8def0123456789ab-7","job":"0199f0c2a0007abc8def0123456789ab","index":7,
            "ref":"order 7","kind":"http.request","lane":"bulk","payload":{"url":"http://a/","body":{"n":1.50}},
            "reason":"exhausted","fingerprint":"f1-0a","error":{"class":"http.500","message":"oops"},"attempts":2,
            "died_at":"2027-01-15T08:00:01.000Z","state":"open","timeout_seconds":30,
            "history":[{"attempt":1,"at":"2027-01-15T08:00:00.000Z","error":{"class":"http.503","message":"busy"}},
            {"attempt":2,"at":"2027-01-15T08:00:01.000Z","error":{"class":"http.500","message":"oops"}}],
            "replays":[{"replay":"r1","taken_at":"2027-01-15T09:00:00.000Z","task":"t-0","verdict":"died_again",
            "fingerprint":"f1-0b"}]}"#;
        let expected = "\
task         0199f0c2a0007abc8def0123456789ab-7
job          0199f0c2a0007abc8def0123456789ab
ref          order 7
kind         http.request
lane         bulk
state        open
died         2027-01-15T08:00:01.000Z
reason       exhausted
error        http.500: oops
fingerprint  f1-0a
attempts     2
timeout      30 s
payload
  {
    \"url\": \"http://a/\",
    \"body\": {
      \"n\": 1.50
    }
  }
failed  attempt 1 at 2027-01-15T08:00:00.000Z: http.503: busy
failed  attempt 2 at 2027-01-15T08:00:01.000Z: http.500: oops
replay  r1 at 2027-01-15T09:00:00.000Z: died again (f1-0b), as task t-0
";
        assert_eq!(text(&serde_json::from_str(body).unwrap()), expected);
    }

    #[test]
    fn a_message_that_nobody_could_decode_has_no_task_of_a_job() {
        let body = r#"{"task":"message-7","job":null,"index":null,"ref":null,"kind":null,"lane":null,
            "payload":"\u001b[2Jnot a pack","reason":"malformed","fingerprint":"f1","state":"open","attempts":0,
            "error":{"class":"malformed","message":"not a pack"},"died_at":"2027-01-15T08:00:00.000Z","history":[],
            "replays":[],"late_success":true}"#;
        let text = text(&serde_json::from_str(body).unwrap());
        assert!(!text.contains("\njob") && text.contains("payload\n  \"\\u001b[2Jnot a pack\"\n"), "{text}");
        assert!(text.contains("late success  it succeeded"), "{text}");
    }
}
