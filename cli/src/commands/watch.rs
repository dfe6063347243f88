//! `monotask watch`: a job's progress until it ends.

use std::thread::sleep;
use std::time::{Duration, Instant};

use domain::id::JobId;
use domain::ledger::JobState;
use domain::views::JobView;

use super::{Format, job, to_type};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::on_interrupt;
use crate::output::tell;
use crate::progress::Progress;
use crate::server::Server;

/// How long the server may be away, as for a restart.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) fn run(server: &Server, id: JobId, format: Format) -> Result<Exit, Failure> {
    let path = job::path(id);
    let begun = Instant::now();
    let mut body = server.get(&path, &[])?;
    let mut seen: JobView = server.parse(&body)?;
    if seen.state == JobState::Open {
        tell("the job is open: it ends once it is sealed, and that at the latest a day after its last part");
    }
    let mut progress = Progress::begin(seen.counts.accepted.into());
    say_good_bye_on_interrupt(server, id, &progress);

    let mut heard = Instant::now();
    loop {
        progress.show(&seen, begun.elapsed());
        if has_ended(&seen) {
            break;
        }
        sleep(interval(begun.elapsed()));
        match server.get_once(&path) {
            Ok(answer) => {
                body = answer;
                seen = server.parse(&body)?;
                heard = Instant::now();
            }
            Err(failure) if failure.passes() && heard.elapsed() < PATIENCE => {
                progress.note("the server does not answer; trying again");
                sleep(failure.retry_after().unwrap_or_default().min(Duration::from_secs(5)));
            }
            Err(failure) => {
                progress.end();
                return Err(failure);
            }
        }
    }
    progress.end();
    job::show(&seen, &body, format)?;
    Ok(verdict(&seen, server))
}

/// How long to wait before the next look: short jobs are over in a second or two.
fn interval(watched: Duration) -> Duration {
    if watched < Duration::from_secs(5) { Duration::from_millis(200) } else { Duration::from_secs(1) }
}

fn has_ended(job: &JobView) -> bool {
    matches!(job.state, JobState::Completed | JobState::Canceled)
}

fn verdict(job: &JobView, server: &Server) -> Exit {
    if job.counts.dead > 0 {
        tell(&format!("dead letters: {} --status dead", to_type("results", job.job, server.address())));
    }
    exit(job)
}

fn exit(job: &JobView) -> Exit {
    if job.counts.dead + job.counts.canceled > 0 { Exit::TasksFailed } else { Exit::Fine }
}

/// On Ctrl-C the person is told that the job goes on without its watcher.
fn say_good_bye_on_interrupt(server: &Server, job: JobId, progress: &Progress) {
    let command = to_type("watch", job, server.address());
    let bar = progress.bar();
    on_interrupt(move || {
        bar.finish_and_clear();
        tell(&format!("stopped watching; the job goes on. To watch it again: {command}"));
    });
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
            assert_eq!(has_ended(&job), over);
        }
    }

    #[test]
    fn short_jobs_are_looked_at_more_often() {
        assert!(interval(Duration::ZERO) < interval(Duration::from_secs(10)));
    }
}
