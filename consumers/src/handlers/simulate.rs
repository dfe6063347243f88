//! Runs `simulate`: does what the payload says.

use std::time::Duration;

use domain::kinds::PayloadError;
use domain::kinds::simulate::{Failure, Simulate};
use domain::outcome::{Outcome, Output, TaskError};
use domain::task::TaskLine;
use futures_util::future::FutureExt;
use worker::Delay;

use super::{Handler, Run};
use crate::pack_run::PackRun;
use crate::running::Started;

pub(crate) struct Simulations;

impl Handler for Simulations {
    fn run<'t>(&'t self, pack: &'t PackRun<'_>, task: &'t TaskLine<'_>) -> Run<'t> {
        let attempt = pack.pack.header.attempt;
        match Simulate::parse(task.payload()) {
            Ok(simulate) if simulate.sleep_ms > 0 => Started::Waits(
                async move {
                    Delay::from(Duration::from_millis(simulate.sleep_ms.into())).await;
                    outcome(&simulate, attempt)
                }
                .boxed_local(),
            ),
            Ok(simulate) => Started::Ended(outcome(&simulate, attempt)),
            Err(error) => Started::Ended(refused(&error)),
        }
    }

    fn timed_out(&self, limit: Duration) -> Outcome {
        let error = TaskError::new("timeout", &format!("not done within {} s", limit.as_secs_f64()));
        Outcome::Retry { error, after: None }
    }
}

#[expect(clippy::panic, reason = "a simulated panic is what the payload asks for")]
fn outcome(simulate: &Simulate<'_>, attempt: u8) -> Outcome {
    if simulate.panic {
        panic!("a simulated panic");
    }
    let error = || {
        let given = simulate.error.as_ref().map(|error| TaskError::new(&error.class, &error.message));
        given.unwrap_or_else(|| TaskError::new("simulated", "failed as asked to"))
    };
    let after = simulate.retry_after.map(|seconds| Duration::from_secs(seconds.into()));
    match simulate.fail {
        Some(Failure::Permanent) => Outcome::Failed { error: error() },
        Some(Failure::Retryable) => Outcome::Retry { error: error(), after },
        None if u32::from(attempt) <= simulate.fail_times => Outcome::Retry { error: error(), after },
        None => match simulate.output.map_or(Ok(Output::NULL), |output| Output::new(output.to_owned())) {
            Ok(output) => Outcome::Succeeded(output),
            Err(error) => Outcome::Failed { error },
        },
    }
}

fn refused(error: &PayloadError) -> Outcome {
    Outcome::Failed { error: TaskError::new("payload", &error.to_string()) }
}
