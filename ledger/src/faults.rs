//! Faults on demand, for the tests: built with the feature `faults` only.

use std::time::Duration;

use worker::{Env, Request, Response, Result};

use crate::job_ledger_do::JobLedger;
use crate::place::Place;

/// The key under which an object remembers that its next alarm is to panic.
const PANIC_IN_ALARM: &str = "panic-in-alarm";

/// Lets a test reach the object of the job that the query names, by HTTP.
pub(crate) async fn pass_on(request: Request, env: &Env) -> Result<Response> {
    let place = Place::of(&request);
    let job = value(&place, "job").unwrap_or_default();
    env.durable_object("LEDGER")?.get_by_name(job)?.fetch_with_request(request).await
}

fn value<'p>(place: &'p Place, name: &str) -> Option<&'p str> {
    place.pairs().find(|(found, _)| *found == name).map(|(_, value)| value)
}

impl JobLedger {
    /// Panics, or runs out of memory, if the path asks for it; notes that the next alarm is to panic, loses the alarm, or
    /// sets the clock ahead and lets the alarm go off, if it asks for that.
    pub(crate) async fn fault(&self, place: &Place) -> Result<()> {
        match place.path() {
            "/panic" => panic!("asked to"),
            "/exhaust" => {
                // More than the linear memory may grow to.
                std::hint::black_box(vec![1_u8; 256 << 20]);
                Ok(())
            }
            "/lose-alarm" => self.state.storage().delete_alarm().await,
            "/advance" => {
                let ms = value(place, "ms").and_then(|ms| ms.parse().ok());
                self.ahead.set(self.ahead.get() + Duration::from_millis(ms.unwrap_or_default()));
                self.ring().await;
                Ok(())
            }
            "/panic-in-alarm" => self.state.storage().put(PANIC_IN_ALARM, true).await,
            _ => Ok(()),
        }
    }

    /// Panics in the first alarm after it was asked for.
    pub(crate) async fn fault_in_alarm(&self) {
        let storage = self.state.storage();
        if storage.get::<bool>(PANIC_IN_ALARM).await.ok().flatten().is_some() && self.forget_fault().await {
            panic!("asked to");
        }
    }

    async fn forget_fault(&self) -> bool {
        // Flushed before the panic, which would roll it back and panic for ever.
        let storage = self.state.storage();
        storage.delete(PANIC_IN_ALARM).await.is_ok() && storage.sync().await.is_ok()
    }
}
