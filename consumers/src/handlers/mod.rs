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

/// Runs tasks of one kind.
pub(crate) trait Handler {
    /// Runs one task once. Dropped when its time is over.
    fn run<'t>(&'t self, pack: &'t PackRun<'_>, task: &'t TaskLine<'_>) -> LocalBoxFuture<'t, Outcome>;

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
