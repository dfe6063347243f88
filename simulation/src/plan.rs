//! What one run of the simulation is asked.

use std::time::Duration;

use config::{Environment, KindSettings, QueueSettings, Queues, Settings};
use domain::kinds::Kind;
use domain::kinds::http_request::HostRule;
use domain::lane::Lane;

use crate::assumptions::{DOWNSTREAM, JOB_TASKS};

/// The host that tasks go to; production lists none.
pub const HOST: &str = "api.example.com";

/// Who gets the tasks of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jobs {
    /// Each request makes a job.
    OneEach,
    /// All of them are parts of one job.
    OneForAll,
}

/// One run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Tasks that are submitted in an hour.
    pub tasks_per_hour: u64,
    /// Which share of attempts the downstream fails, from 0 to 1.
    pub failing: f64,
    /// How long tasks are submitted.
    pub submitting: Duration,
    /// One job in so many is simulated, against one in so many of everything that jobs share.
    pub one_in: u64,
    /// Tasks of one request.
    pub job_tasks: u32,
    /// Who gets the tasks of a request.
    pub jobs: Jobs,
    /// Queues that jobs are spread over.
    pub lanes: usize,
    /// How long the downstream takes on average.
    pub downstream: Duration,
    /// How far a message may be overtaken in the queue by those sent after it.
    pub disorder: Duration,
    /// Our settings.
    pub settings: Settings,
    /// Our queues.
    pub queues: Queues,
    /// Two runs with the same seed are the same.
    pub seed: u64,
}

impl Plan {
    /// An hour of tasks on the settings of production.
    pub fn production(tasks_per_hour: u64, failing: f64) -> Self {
        let mut settings = Environment::Production.settings();
        settings.hosts = HostRule::HttpsTo(vec![HOST.to_owned()]);
        Self {
            tasks_per_hour,
            failing,
            submitting: Duration::from_secs(3_600),
            one_in: 1,
            job_tasks: JOB_TASKS,
            jobs: Jobs::OneEach,
            lanes: 1,
            downstream: DOWNSTREAM,
            disorder: Duration::ZERO,
            settings,
            queues: Environment::Production.queues(),
            seed: 1,
        }
    }

    /// How many requests are simulated.
    pub fn requests(&self) -> u64 {
        let tasks = self.tasks_per_hour as f64 * self.submitting.as_secs_f64() / 3_600.0;
        (tasks / f64::from(self.job_tasks) / self.one_in as f64).round() as u64
    }

    /// A ledger's limit is divided by this: where all tasks are those of one job, it is shared as queues are.
    pub fn ledger_share(&self) -> u64 {
        match self.jobs {
            Jobs::OneEach => 1,
            Jobs::OneForAll => self.one_in,
        }
    }

    /// How tasks run.
    pub fn kind(&self) -> &KindSettings {
        &self.settings.kinds[&Kind::HttpRequest]
    }

    /// The same, to change.
    pub fn kind_mut(&mut self) -> &mut KindSettings {
        self.settings.kinds.entry(Kind::HttpRequest).or_insert_with(|| unreachable!("production runs it"))
    }

    /// The lane that jobs travel in, to change.
    pub fn lane_mut(&mut self) -> &mut QueueSettings {
        self.queues.lanes.entry(Lane::Default).or_insert_with(|| unreachable!("every lane has its settings"))
    }
}
