//! The ledger Worker: one `JobLedger` Durable Object per job. No public route.

mod alarm;
mod answer;
mod calls;
mod endings;
#[cfg(feature = "faults")]
#[allow(clippy::panic, reason = "it is asked to")]
mod faults;
mod job_ledger_do;
mod place;
mod reads;
mod sends;
mod store;
mod upgrade;

use worker::{Context, Env, Request, Response, Result, event};

pub use job_ledger_do::JobLedger;

#[global_allocator]
static ALLOCATOR: platform::guard::GuardedAllocator = platform::guard::GuardedAllocator;

/// Nobody calls this Worker by HTTP: other Workers reach its objects by binding.
#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    platform::logs::init(&env);
    #[cfg(feature = "faults")]
    return faults::pass_on(request, &env).await;
    #[cfg(not(feature = "faults"))]
    {
        drop(request);
        Response::error("no public route", 404)
    }
}
