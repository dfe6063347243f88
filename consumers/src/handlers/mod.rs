//! Handlers: one file a kind, behind one trait.

mod http_request;
mod simulate;

use std::time::Duration;

use config::Settings;
use domain::kinds::Kind;
use domain::outcome::Outcome;
use domain::task::TaskLine;
use futures_util::future::LocalBoxFuture;
use worker::Env;

use crate::pack_run::PackRun;
use crate::running::Started;

/// One run of one task.
pub(crate) type Run<'t> = Started<Outcome, LocalBoxFuture<'t, Outcome>>;

/// Runs tasks of one kind.
pub(crate) trait Handler {
    /// Runs one task once. What has to wait does so in a future, which does nothing before it is polled, and is
    /// dropped when the task's time is over.
    fn run<'t>(&'t self, pack: &'t PackRun<'_>, task: &'t TaskLine<'_>) -> Run<'t>;

    /// What it means that a task took longer than `limit`.
    fn timed_out(&self, limit: Duration) -> Outcome;
}

/// The handlers of this Worker.
pub(crate) struct Handlers {
    http_request: http_request::HttpRequests,
    simulate: simulate::Simulations,
}

impl Handlers {
    pub(crate) fn new(env: &Env, settings: &'static Settings) -> Self {
        Self { http_request: http_request::HttpRequests::new(env, &settings.hosts), simulate: simulate::Simulations }
    }

    pub(crate) fn of(&self, kind: Kind) -> &dyn Handler {
        match kind {
            Kind::HttpRequest => &self.http_request,
            Kind::Simulate => &self.simulate,
        }
    }
}
