//! Which resource a request is for.

use domain::access::Scope;
use domain::id::{JobId, TaskId};
use domain::schedule::ScheduleName;
use domain::triage;
use platform::Problem;

/// A resource and what may be done with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Health,
    SubmitJob,
    ListJobs,
    SubmitTask,
    Job(JobId),
    Results(JobId),
    Audit(JobId),
    Append(JobId),
    Seal(JobId),
    CancelJob(JobId),
    Task(TaskId),
    CancelTask(TaskId),
    ListSchedules,
    Schedule(ScheduleName),
    PutSchedule(ScheduleName),
    DeleteSchedule(ScheduleName),
    RunSchedule(ScheduleName),
    PauseSchedule(ScheduleName),
    ResumeSchedule(ScheduleName),
    Backfill(ScheduleName),
    Runs(ScheduleName),
    /// What the dlq Worker serves, for keys with this scope.
    Triage(Scope),
}

impl Route {
    /// Finds the route of `method` and `path`.
    pub(crate) fn find(method: &str, path: &str) -> Result<Self, Problem> {
        if let Some(route) = triage::Route::at(path) {
            let allowed = route.method();
            return if method == allowed {
                Ok(Self::Triage(route.scope()))
            } else {
                Err(Problem::MethodNotAllowed(allowed))
            };
        }
        let segments: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
        let (route, allowed) = match segments[..] {
            ["v1", "health"] => (Self::Health, "GET"),
            ["v1", "jobs"] if method == "GET" => (Self::ListJobs, "GET"),
            ["v1", "jobs"] if method == "POST" => (Self::SubmitJob, "POST"),
            ["v1", "jobs"] => return Err(Problem::MethodNotAllowed("GET, POST")),
            ["v1", "tasks"] => (Self::SubmitTask, "POST"),
            ["v1", "jobs", job] => (Self::Job(read_job(job)?), "GET"),
            ["v1", "jobs", job, "results"] => (Self::Results(read_job(job)?), "GET"),
            ["v1", "jobs", job, "audit"] => (Self::Audit(read_job(job)?), "GET"),
            ["v1", "jobs", job, "tasks"] => (Self::Append(read_job(job)?), "POST"),
            ["v1", "jobs", job, "seal"] => (Self::Seal(read_job(job)?), "POST"),
            ["v1", "jobs", job, "cancel"] => (Self::CancelJob(read_job(job)?), "POST"),
            ["v1", "tasks", task, "cancel"] => (Self::CancelTask(read_task(task)?), "POST"),
            ["v1", "tasks", task] => (Self::Task(read_task(task)?), "GET"),
            ["v1", "schedules"] => (Self::ListSchedules, "GET"),
            ["v1", "schedules", name] => match method {
                "GET" => (Self::Schedule(read_name(name)?), "GET"),
                "PUT" => (Self::PutSchedule(new_name(name)?), "PUT"),
                "DELETE" => (Self::DeleteSchedule(read_name(name)?), "DELETE"),
                _ => return Err(Problem::MethodNotAllowed("GET, PUT, DELETE")),
            },
            ["v1", "schedules", name, "run"] => (Self::RunSchedule(read_name(name)?), "POST"),
            ["v1", "schedules", name, "pause"] => (Self::PauseSchedule(read_name(name)?), "POST"),
            ["v1", "schedules", name, "resume"] => (Self::ResumeSchedule(read_name(name)?), "POST"),
            ["v1", "schedules", name, "backfill"] => (Self::Backfill(read_name(name)?), "POST"),
            ["v1", "schedules", name, "runs"] => (Self::Runs(read_name(name)?), "GET"),
            _ => return Err(Problem::NotFound(format!("there is no {path}"))),
        };
        if method == allowed { Ok(route) } else { Err(Problem::MethodNotAllowed(allowed)) }
    }
}

impl Route {
    /// The job that it is about, if it is about one that there should be.
    pub(crate) fn job(&self) -> Option<JobId> {
        match self {
            Self::Job(job)
            | Self::Results(job)
            | Self::Audit(job)
            | Self::Append(job)
            | Self::Seal(job)
            | Self::CancelJob(job) => Some(*job),
            Self::Task(task) | Self::CancelTask(task) => Some(task.job),
            _ => None,
        }
    }
}

fn read_job(text: &str) -> Result<JobId, Problem> {
    text.parse().map_err(|_| Problem::NotFound("there is no such job".to_owned()))
}

fn read_name(text: &str) -> Result<ScheduleName, Problem> {
    text.parse().map_err(|_| Problem::NotFound("there is no such schedule".to_owned()))
}

/// The name of a schedule that may be new: what is wrong with it is said.
fn new_name(text: &str) -> Result<ScheduleName, Problem> {
    text.parse().map_err(|error: domain::schedule::UnreadableName| Problem::wrong("name", error.to_string()))
}

fn read_task(text: &str) -> Result<TaskId, Problem> {
    text.parse().map_err(|_| Problem::NotFound("there is no such task".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOB: &str = "0199f0c2a0007abc8def0123456789ab";

    fn status(method: &str, path: &str) -> &'static str {
        match Route::find(method, path) {
            Ok(_) => "found",
            Err(Problem::MethodNotAllowed(_)) => "method",
            Err(_) => "unknown",
        }
    }

    #[test]
    fn every_route_has_one_method() {
        for (method, path) in [
            ("GET", "/v1/health".to_owned()),
            ("POST", "/v1/tasks".to_owned()),
            ("GET", format!("/v1/jobs/{JOB}")),
            ("GET", format!("/v1/jobs/{JOB}/results")),
            ("GET", format!("/v1/jobs/{JOB}/audit")),
            ("POST", format!("/v1/jobs/{JOB}/tasks")),
            ("POST", format!("/v1/jobs/{JOB}/seal")),
            ("POST", format!("/v1/jobs/{JOB}/cancel")),
            ("GET", format!("/v1/tasks/{JOB}-7")),
            ("POST", format!("/v1/tasks/{JOB}-7/cancel")),
            ("GET", "/v1/dead-letters".to_owned()),
            ("GET", format!("/v1/dead-letters/{JOB}-7")),
            ("POST", "/v1/dead-letters/replay".to_owned()),
            ("GET", format!("/v1/replays/{JOB}/items")),
            ("POST", format!("/v1/replays/{JOB}/cancel")),
            ("GET", "/v1/journal".to_owned()),
            ("GET", "/v1/schedules".to_owned()),
            ("POST", "/v1/schedules/nightly/run".to_owned()),
            ("POST", "/v1/schedules/nightly/pause".to_owned()),
            ("POST", "/v1/schedules/nightly/resume".to_owned()),
            ("POST", "/v1/schedules/nightly/backfill".to_owned()),
            ("GET", "/v1/schedules/nightly/runs".to_owned()),
        ] {
            assert_eq!(status(method, &path), "found", "{path}");
            for other in ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "BREW"] {
                let expected = if other == method { "found" } else { "method" };
                assert_eq!(status(other, &path), expected, "{other} {path}");
            }
        }
    }

    #[test]
    fn jobs_are_submitted_and_listed_at_one_place() {
        for (method, expected) in [("GET", "found"), ("POST", "found"), ("PUT", "method"), ("HEAD", "method")] {
            assert_eq!(status(method, "/v1/jobs"), expected, "{method}");
        }
    }

    #[test]
    fn a_schedule_is_read_saved_and_deleted_at_one_place() {
        for (method, expected) in [("GET", "found"), ("PUT", "found"), ("DELETE", "found"), ("POST", "method")] {
            assert_eq!(status(method, "/v1/schedules/nightly"), expected, "{method}");
        }
    }

    #[test]
    fn a_name_that_no_schedule_can_have_is_not_found_and_not_saved() {
        for name in ["", "a%20b", "a@b", "-a", &"x".repeat(101)] {
            assert_eq!(status("GET", &format!("/v1/schedules/{name}")), "unknown", "{name}");
            let put = Route::find("PUT", &format!("/v1/schedules/{name}"));
            assert!(matches!(put, Err(Problem::Wrong(_))), "{name}: {put:?}");
        }
    }

    #[test]
    fn what_is_no_id_is_not_found() {
        for path in [
            "/",
            "/v1",
            "/v2/jobs",
            "/v1/jobs/",
            "/v1/jobs/x",
            "/v1/tasks/x-1",
            "/v1/jobs/../health",
            "//v1/health",
            "/v1/health/",
        ] {
            assert_eq!(status("GET", path), "unknown", "{path}");
        }
    }
}
