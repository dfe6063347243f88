//! `monotask watch`: a job's progress until it ends.

use domain::id::JobId;
use domain::ledger::JobState;
use domain::views::JobView;

use super::follow::{Followed, follow};
use super::{Format, job, to_type};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::tell;
use crate::progress::{UnderWay, counted};
use crate::server::Server;
use crate::table::grouped;

pub(super) fn run(server: &Server, id: JobId, format: Format) -> Result<Exit, Failure> {
    let path = job::path(id);
    let body = server.get(&path, &[])?;
    if server.parse::<JobView>(&body)?.state == JobState::Open {
        tell("the job is open: it ends once it is sealed, and that at the latest a day after its last part");
    }
    let again = to_type("watch", id, server.address());
    let last_words = format!("stopped watching; the job goes on. To watch it again: {again}");
    let (ended, body): (JobView, String) = follow(server, &path, body, last_words)?;
    job::show(&ended, &body, format)?;
    if ended.counts.dead > 0 {
        tell(&format!("dead letters: {} --status dead", to_type("results", id, server.address())));
    }
    Ok(exit(&ended))
}

impl Followed for JobView {
    fn has_ended(&self) -> bool {
        matches!(self.state, JobState::Completed | JobState::Canceled)
    }
}

impl UnderWay for JobView {
    fn all(&self) -> u64 {
        self.counts.accepted.into()
    }

    fn ended(&self) -> u64 {
        [self.counts.succeeded, self.counts.dead, self.counts.canceled].map(u64::from).iter().sum()
    }

    fn line(&self, rate: Option<u64>) -> String {
        let counts = &self.counts;
        let others = [
            ("dead", counts.dead.into()),
            ("canceled", counts.canceled.into()),
            ("running", counts.running.into()),
            ("retrying", counts.retrying.into()),
        ];
        let open = (self.state == JobState::Open).then(|| "open: more tasks may come".to_owned());
        let mut parts: Vec<String> = open.into_iter().chain(counted(rate, &[])).collect();
        parts.push(format!("{} succeeded", grouped(counts.succeeded.into())));
        parts.extend(counted(None, &others));
        parts.join(", ")
    }
}

fn exit(job: &JobView) -> Exit {
    if job.counts.dead + job.counts.canceled > 0 { Exit::TasksFailed } else { Exit::Fine }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::job::tests::COMPLETED;

    fn ended(dead: u32, canceled: u32) -> JobView {
        let mut job: JobView = serde_json::from_str(COMPLETED).unwrap();
        (job.counts.dead, job.counts.canceled) = (dead, canceled);
        job
    }

    #[test]
    fn dead_or_canceled_tasks_are_exit_code_1() {
        for (dead, canceled, code) in [(0, 0, Exit::Fine), (1, 0, Exit::TasksFailed), (0, 1, Exit::TasksFailed)] {
            assert_eq!(exit(&ended(dead, canceled)), code);
        }
    }

    #[test]
    fn a_job_is_watched_until_nothing_runs_any_more() {
        let mut job = ended(0, 0);
        for (state, over) in [
            (JobState::Open, false),
            (JobState::Running, false),
            (JobState::Completed, true),
            (JobState::Canceled, true),
        ] {
            job.state = state;
            assert_eq!(job.has_ended(), over);
        }
    }

    #[test]
    fn a_line_has_the_rate_and_the_counts_that_are_not_zero() {
        let mut job = ended(12, 0);
        job.state = JobState::Running;
        (job.counts.succeeded, job.counts.running, job.counts.retrying) = (10_468, 1_500, 20);
        assert_eq!(job.line(Some(4_321)), "4,321/s, 10,468 succeeded, 12 dead, 1,500 running, 20 retrying");
        job.state = JobState::Open;
        assert!(job.line(None).starts_with("open: more tasks may come, 10,468 succeeded"));
        assert_eq!(job.ended(), 10_480);
    }
}
