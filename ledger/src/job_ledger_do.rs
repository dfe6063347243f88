//! The object of one job: takes calls, lets `domain` decide, stores and performs what it decides.

#![allow(missing_docs, reason = "the macro of `worker` adds public items")]

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::panic::RefUnwindSafe;

use config::Settings;
use domain::ledger::{Changes, Ledger, SettlementRecord, Timing};
use domain::time::Timestamp;
use platform::guard::guarded;
use platform::storage::{set_alarm, transaction};
use wasm_bindgen_futures::JsFuture;
use worker::{DurableObject, Env, Method, Request, Response, Result, State, durable_object};

use crate::answer::Answer;
use crate::place::Place;
use crate::store::{NewChunkRow, Store, VERSION};
use crate::upgrade::upgrade;

/// The ledger of one job.
#[durable_object]
pub struct JobLedger {
    pub(crate) state: State,
    pub(crate) env: Env,
    /// What the rows say, once read. Dropped when a write fails, so that it never says more than they do.
    ledger: RefCell<Option<Ledger>>,
    /// When the alarm goes off, as far as this instance knows.
    pub(crate) armed: Cell<Option<Timestamp>>,
    /// Rows written since they were last logged, alarms included: each is billed as one.
    pub(crate) rows: Cell<usize>,
    /// How far its clock is ahead.
    #[cfg(feature = "faults")]
    pub(crate) ahead: Cell<std::time::Duration>,
}

/// Nobody sees it after a panic: the guard aborts the object.
impl RefUnwindSafe for JobLedger {}

impl DurableObject for JobLedger {
    fn new(state: State, env: Env) -> Self {
        platform::logs::init(&env);
        Self {
            state,
            env,
            ledger: RefCell::new(None),
            armed: Cell::new(None),
            rows: Cell::new(0),
            #[cfg(feature = "faults")]
            ahead: Cell::default(),
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        guarded(&self.state, self.serve(request)).await
    }

    async fn alarm(&self) -> Result<Response> {
        guarded(&self.state, self.ring()).await;
        Response::ok("")
    }
}

/// Rows that come with a change of state.
#[derive(Default)]
pub(crate) struct Rows<'r> {
    /// What was settled.
    pub(crate) settlements: &'r [SettlementRecord],
    /// What was appended.
    pub(crate) chunks: &'r [NewChunkRow<'r>],
    /// Whether the job begins with it.
    pub(crate) is_new: bool,
}

impl JobLedger {
    async fn serve(&self, mut request: Request) -> Result<Response> {
        let place = Place::of(&request);
        let path = place.path();
        #[cfg(feature = "faults")]
        self.fault(&place).await?;
        let answer = match (request.method(), path) {
            (Method::Post, "/append") => self.append(&request.bytes().await?).await,
            (Method::Post, "/claim") => self.claim(&request.bytes().await?).await,
            (Method::Post, "/settle") => self.settle(&request.bytes().await?).await,
            (Method::Post, "/seal") => self.seal(&request.bytes().await?).await,
            (Method::Post, "/cancel") => self.cancel(&request.bytes().await?).await,
            (Method::Post, "/confirm") => self.confirm(&request.bytes().await?).await,
            (Method::Post, "/stranded") => self.stranded(&request.bytes().await?).await,
            (Method::Post, "/touch") => self.touch().await,
            (Method::Get, _) => self.read(&place),
            _ => Ok(Answer::Unknown),
        };
        self.log_rows(path);
        answer.and_then(Answer::into_response).inspect_err(|error| {
            tracing::error!(path, %error, "ledger call failed");
            // Whatever was decided and not written must not linger in memory.
            self.forget();
        })
    }

    pub(crate) fn settings(&self) -> Result<&'static Settings> {
        Ok(platform::settings(&self.env).map_err(|error| error.to_string())?)
    }

    /// The waits, from the settings of this environment.
    pub(crate) fn timing(&self) -> Result<Timing> {
        self.settings().map(Settings::timing)
    }

    pub(crate) fn now(&self) -> Timestamp {
        #[cfg(feature = "faults")]
        return platform::now().after(self.ahead.get());
        #[cfg(not(feature = "faults"))]
        platform::now()
    }

    pub(crate) fn store(&self) -> Store {
        Store::new(&self.state)
    }

    /// Looks at the ledger; `None` if this job does not exist.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Ledger) -> T) -> Result<Option<T>> {
        let mut held = self.ledger.borrow_mut();
        if held.is_none() {
            *held = self.load()?;
        }
        Ok(held.as_ref().map(look))
    }

    /// What the rows say, whichever release wrote them.
    fn load(&self) -> Result<Option<Ledger>> {
        let store = self.store();
        let Some(version) = store.version()? else { return Ok(None) };
        match version.cmp(&VERSION.into()) {
            Ordering::Less => upgrade(&self.state, &store, version)?,
            Ordering::Equal => {}
            Ordering::Greater => {
                return Err("the job was written by a later version: deploy that version of the ledger".into());
            }
        }
        let ledger = store.load()?;
        self.rows.set(self.rows.get() + store.rows_written());
        Ok(Some(ledger))
    }

    /// Lets `decide` change the ledger; `None` if this job does not exist. What it changed must be written by
    /// [`Self::commit`] before anything is awaited.
    pub(crate) fn decide<T>(&self, decide: impl FnOnce(&mut Ledger) -> T) -> Result<Option<T>> {
        self.look(|_| ())?;
        Ok(self.ledger.borrow_mut().as_mut().map(decide))
    }

    /// Begins the ledger of a new job.
    pub(crate) fn begin(&self, ledger: Ledger) {
        *self.ledger.borrow_mut() = Some(ledger);
    }

    /// Forgets what was decided and not written.
    pub(crate) fn forget(&self) {
        *self.ledger.borrow_mut() = None;
        self.armed.set(None);
    }

    /// Writes what was decided: the alarm first (it only ever moves earlier), then all rows in one transaction, in one
    /// turn, so that a crash leaves all of it or nothing. If it fails, what was decided is forgotten.
    pub(crate) async fn commit(&self, rows: Rows<'_>) -> Result<()> {
        let written = self.write(rows);
        if written.is_err() {
            self.forget();
        }
        if let Some(alarm) = written? {
            JsFuture::from(alarm).await?;
        }
        Ok(())
    }

    fn write(&self, rows: Rows<'_>) -> Result<Option<js_sys::Promise>> {
        let timing = self.timing()?;
        let mut held = self.ledger.borrow_mut();
        let Some(ledger) = held.as_mut() else { return Ok(None) };
        let changes = ledger.take_changes();
        if changes.is_empty() && rows.settlements.is_empty() {
            return Ok(None);
        }
        let alarm = match ledger.next_wake(&timing) {
            Some(wake) if self.armed.get().is_none_or(|armed| wake < armed) => {
                self.armed.set(Some(wake));
                self.rows.set(self.rows.get() + 1);
                Some(set_alarm(&self.state, wake)?)
            }
            _ => None,
        };
        self.store_changes(ledger, &changes, &rows)?;
        Ok(alarm)
    }

    fn store_changes(&self, ledger: &Ledger, changes: &Changes, rows: &Rows<'_>) -> Result<()> {
        let store = self.store();
        transaction(&self.state, || {
            if rows.is_new {
                store.create_table()?;
            }
            store.write(ledger, changes)?;
            for chunk in rows.chunks {
                store.add_chunk(chunk)?;
            }
            if let Some(chunk) = changes.callback {
                store.add_callback(ledger, chunk)?;
            }
            rows.settlements.iter().try_for_each(|settlement| store.add_settlement(settlement))
        })?;
        self.rows.set(self.rows.get() + store.rows_written());
        Ok(())
    }

    /// What a call cost: requests and rows written are what a ledger is billed by.
    pub(crate) fn log_rows(&self, call: &str) {
        let rows = self.rows.take();
        if tracing::enabled!(tracing::Level::DEBUG) {
            let held = self.ledger.borrow();
            let job = held.as_ref().map(Ledger::job);
            let (job, packs) = (job.map(|job| tracing::field::display(job.id)), job.map(|job| job.packs));
            tracing::debug!(call, rows, job, packs, memory = platform::memory(), "ledger call");
        }
    }

    /// Sets the alarm anew after it went off, whether earlier or later than what this instance knows.
    pub(crate) fn rearm(&self) {
        self.armed.set(None);
    }
}
