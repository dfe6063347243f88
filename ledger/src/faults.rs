//! Faults on demand, for the tests: built with the feature `faults` only.

use std::time::Duration;

use platform::storage::transaction;
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

/// The rows as release 0.4.0 wrote them.
const TO_1: [&str; 9] = [
    "ALTER TABLE job RENAME TO job_2",
    "CREATE TABLE job (id INTEGER PRIMARY KEY CHECK (id = 0), version INTEGER NOT NULL, record TEXT NOT NULL); \
     INSERT INTO job SELECT 0, 1, record FROM job_2 WHERE id = 0",
    "CREATE TABLE parts (key TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID; \
     INSERT INTO parts SELECT record ->> '$[0]', json_remove(record -> '$[1]', '$.number') FROM job_2 WHERE id >> 40 = 1",
    "CREATE TABLE packs (id INTEGER PRIMARY KEY, record TEXT NOT NULL); \
     INSERT INTO packs SELECT id - (2 << 40), record FROM job_2 WHERE id >> 40 = 2",
    "CREATE TABLE letters (id INTEGER PRIMARY KEY, record TEXT NOT NULL); \
     INSERT INTO letters SELECT id - (3 << 40), record FROM job_2 WHERE id >> 40 = 3",
    "CREATE TABLE chunks (id INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL, \
     indexes TEXT NOT NULL, base INTEGER NOT NULL, kind TEXT NOT NULL, accepted_at INTEGER NOT NULL, lines TEXT NOT NULL)",
    "INSERT INTO chunks SELECT id - (4 << 40), first, last, record -> '$.indexes', record -> '$.base', record ->> '$.kind', \
     record -> '$.accepted_at', lines FROM job_2 WHERE id >> 40 = 4",
    "CREATE TABLE settlements (id INTEGER PRIMARY KEY, chunk INTEGER, first INTEGER NOT NULL, last INTEGER NOT NULL, \
     record TEXT NOT NULL); \
     INSERT INTO settlements SELECT id - (5 << 40), chunk, first, last, record FROM job_2 WHERE id >> 40 = 5",
    "DROP TABLE job_2",
];

impl JobLedger {
    /// Panics, or runs out of memory, if the path asks for it; notes that the next alarm is to panic, loses the alarm, or
    /// sets the clock ahead and lets the alarm go off, or changes the rows, if it asks for that.
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
            // The last tasks have a row that cannot be read: a page of results that has them fails.
            "/spoil-last-row" => self.rewrite(&[
                "UPDATE job SET record = '?' WHERE id >> 40 = 5 AND last = (SELECT max(last) FROM job WHERE id >> 40 = 5)",
            ]),
            "/write-as-version-1" => self.rewrite(&TO_1),
            "/write-as-later-version" => self.rewrite(&["UPDATE job SET version = version + 1 WHERE id = 0"]),
            "/panic-in-alarm" => self.state.storage().put(PANIC_IN_ALARM, true).await,
            _ => Ok(()),
        }
    }

    /// Changes the rows behind the ledger's back, as if another release had written them.
    fn rewrite(&self, statements: &[&str]) -> Result<()> {
        let store = self.store();
        transaction(&self.state, || statements.iter().try_for_each(|statement| store.run(statement, [])))?;
        self.forget();
        Ok(())
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
