//! `monotask job`: where a job is.

use domain::id::JobId;
use domain::ledger::{JobState, SealedBy};
use domain::views::JobView;

use super::Format;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::print;
use crate::server::Server;
use crate::table::{grouped, render, span};

pub(super) fn run(server: &Server, job: JobId, format: Format) -> Result<Exit, Failure> {
    let body = server.get(&path(job), &[])?;
    show(&server.parse(&body)?, &body, format)?;
    Ok(Exit::Fine)
}

pub(super) fn path(job: JobId) -> String {
    format!("/v1/jobs/{job}")
}

/// Prints a job; `body` is what the server said of it.
pub(super) fn show(job: &JobView, body: &str, format: Format) -> Result<(), Failure> {
    match format {
        Format::Json => print(body),
        Format::Text => print(&text(job)),
    }
}

fn text(job: &JobView) -> String {
    let counts = &job.counts;
    let mut rows = vec![("job", job.job.to_string())];
    if let Some(name) = &job.name {
        rows.push(("name", name.clone()));
    }
    rows.push(("lane", job.lane.to_string()));
    rows.push(("state", state(job)));
    rows.push(("created", job.created_at.to_string()));
    if let (Some(at), Some(SealedBy::Expiry)) = (job.sealed_at, job.sealed_by) {
        rows.push(("sealed", format!("{at}, because nothing was appended for a day")));
    }
    if let Some(at) = job.completed_at {
        rows.push(("completed", format!("{at}, after {}", span(at.since(job.created_at)))));
    }
    let tasks = [
        ("accepted", counts.accepted),
        ("queued", counts.queued),
        ("running", counts.running),
        ("retrying", counts.retrying),
        ("succeeded", counts.succeeded),
        ("dead", counts.dead),
        ("canceled", counts.canceled),
    ];
    let width = grouped(counts.accepted.into()).len();
    rows.extend(tasks.map(|(name, tasks)| (name, format!("{:>width$}", grouped(tasks.into())))));
    render(&rows)
}

fn state(job: &JobView) -> String {
    let state = state_name(job.state);
    let canceling = job.cancel_requested && job.state != JobState::Canceled;
    if canceling { format!("{state}, to be canceled") } else { state.to_owned() }
}

/// The state's name in the API.
pub(super) const fn state_name(state: JobState) -> &'static str {
    match state {
        JobState::Open => "open",
        JobState::Running => "running",
        JobState::Completed => "completed",
        JobState::Canceled => "canceled",
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::commands) const COMPLETED: &str = r#"{"job":"0199f0c2a0007abc8def0123456789ab","name":"nightly",
        "lane":"bulk","source":"api","state":"completed","cancel_requested":false,"counts":{"accepted":12345,"queued":0,
        "running":0,"retrying":0,"succeeded":12340,"dead":5,"canceled":0},"created_at":"2027-01-15T08:00:00.000Z",
        "sealed_at":"2027-01-15T08:00:00.000Z","completed_at":"2027-01-15T08:00:01.500Z"}"#;

    #[test]
    fn a_job_is_a_small_aligned_table() {
        let text = text(&serde_json::from_str(COMPLETED).unwrap());
        let expected = "\
job        0199f0c2a0007abc8def0123456789ab
name       nightly
lane       bulk
state      completed
created    2027-01-15T08:00:00.000Z
completed  2027-01-15T08:00:01.500Z, after 1.5 s
accepted   12,345
queued          0
running         0
retrying        0
succeeded  12,340
dead            5
canceled        0
";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_job_that_still_runs_after_its_cancel_says_so() {
        let mut job: JobView = serde_json::from_str(COMPLETED).unwrap();
        (job.state, job.cancel_requested, job.completed_at, job.name) = (JobState::Running, true, None, None);
        let text = text(&job);
        assert!(text.contains("running, to be canceled") && !text.contains("completed"), "{text}");
    }

    #[test]
    fn a_job_that_its_caller_did_not_seal_says_why_it_is_sealed() {
        let sealed = COMPLETED.replace(r#""completed_at""#, r#""sealed_by":"expiry","completed_at""#);
        let text = text(&serde_json::from_str(&sealed).unwrap());
        let line = "\nsealed     2027-01-15T08:00:00.000Z, because nothing was appended for a day\n";
        assert!(text.contains(line), "{text}");
    }
}
