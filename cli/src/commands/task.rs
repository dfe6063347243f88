//! `monotask task`: one task with its payload and the errors of all its attempts.

use domain::id::TaskId;
use domain::ledger::TaskState;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Format;
use super::failed_attempt::FailedAttempt;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::print;
use crate::server::Server;
use crate::table::render;

pub(super) fn run(server: &Server, task: TaskId, format: Format) -> Result<Exit, Failure> {
    let body = server.get(&format!("/v1/tasks/{task}"), &[])?;
    match format {
        Format::Json => print(&body)?,
        Format::Text => print(&text(&server.parse(&body)?))?,
    }
    Ok(Exit::Fine)
}

/// `GET /v1/tasks/{task}` as far as it is shown.
#[derive(Deserialize)]
struct TaskView {
    task: TaskId,
    #[serde(rename = "ref")]
    reference: Option<String>,
    kind: String,
    status: TaskState,
    attempts: u32,
    payload: Option<Box<RawValue>>,
    output: Option<Box<RawValue>>,
    #[serde(default)]
    history: Vec<FailedAttempt>,
}

fn text(task: &TaskView) -> String {
    let mut rows = vec![("task", task.task.to_string())];
    if let Some(reference) = &task.reference {
        rows.push(("ref", reference.clone()));
    }
    rows.push(("kind", task.kind.clone()));
    rows.push(("status", task.status.name().to_owned()));
    rows.push(("attempts", task.attempts.to_string()));
    if let Some(payload) = &task.payload {
        rows.push(("payload", payload.get().to_owned()));
    }
    if let Some(output) = &task.output {
        rows.push(("output", output.get().to_owned()));
    }
    rows.extend(task.history.iter().map(|failed| ("failed", failed.to_string())));
    render(&rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_shows_every_failed_attempt() {
        let body = r#"{"task":"0199f0c2a0007abc8def0123456789ab-7","index":7,"ref":"order 7","kind":"http.request",
            "status":"dead","attempts":2,"error":{"class":"http.503","message":"busy"},"payload":{"url":"http://a/"},
            "history":[{"attempt":1,"at":"2027-01-15T08:00:00.000Z","error":{"class":"http.503","message":"busy"}},
            {"attempt":2,"at":"2027-01-15T08:00:01.000Z","error":{"class":"http.500","message":"oops"}}]}"#;
        let expected = "\
task      0199f0c2a0007abc8def0123456789ab-7
ref       order 7
kind      http.request
status    dead
attempts  2
payload   {\"url\":\"http://a/\"}
failed    attempt 1 at 2027-01-15T08:00:00.000Z: http.503: busy
failed    attempt 2 at 2027-01-15T08:00:01.000Z: http.500: oops
";
        assert_eq!(text(&serde_json::from_str(body).unwrap()), expected);
    }
}
