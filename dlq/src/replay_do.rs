//! The object of one replay: takes calls, lets `domain` decide, stores and performs what it decides.

#![allow(missing_docs, reason = "the macro of `worker` adds public items")]

use std::cell::RefCell;
use std::panic::RefUnwindSafe;

use domain::replay::{Replay as Machine, Waits};
use domain::time::Timestamp;
use platform::guard::guarded;
use platform::storage::{set_alarm, transaction};
use wasm_bindgen_futures::JsFuture;
use worker::{DurableObject, Env, Method, Request, Response, Result, State, durable_object};

use crate::replay::store::Store;
use crate::routes::path;

/// The object of one replay.
#[durable_object]
pub struct Replay {
    pub(crate) state: State,
    pub(crate) env: Env,
    /// What the rows say, once read. Dropped when a write fails, so that it never says more than they do.
    replay: RefCell<Option<Machine>>,
}

/// Nobody sees it after a panic: the guard aborts the object.
impl RefUnwindSafe for Replay {}

impl DurableObject for Replay {
    fn new(state: State, env: Env) -> Self {
        platform::logs::init(&env);
        Self { state, env, replay: RefCell::new(None) }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        guarded(&self.state, self.serve(request)).await
    }

    /// Never fails: the platform drops an alarm that failed six times.
    async fn alarm(&self) -> Result<Response> {
        guarded(&self.state, self.ring()).await;
        Response::ok("")
    }
}

impl Replay {
    async fn serve(&self, mut request: Request) -> Result<Response> {
        let path = path(&request);
        let answer = match (request.method(), &*path) {
            (Method::Post, "/create") => self.create(&request.text().await?).await,
            (Method::Post, "/resume") => self.resume(&request.text().await?).await,
            (Method::Post, "/cancel") => self.cancel(&request.text().await?).await,
            (Method::Get, "/view") => self.view(),
            (Method::Get, "/summary") => self.summary(),
            (Method::Get, "/items") => self.items(&request).await,
            _ => Response::error("unknown", 404),
        };
        answer.inspect_err(|error| {
            tracing::error!(path, %error, "replay call failed");
            self.forget();
        })
    }

    pub(crate) fn waits(&self) -> Result<Waits> {
        Ok(platform::settings(&self.env).map_err(|error| error.to_string())?.waits())
    }

    pub(crate) fn store(&self) -> Store {
        Store::new(&self.state)
    }

    /// Looks at the replay; `None` if it never began.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Machine) -> T) -> Result<Option<T>> {
        self.load()?;
        Ok(self.replay.borrow().as_ref().map(look))
    }

    fn load(&self) -> Result<()> {
        let mut held = self.replay.borrow_mut();
        if held.is_none() {
            *held = self.store().load()?;
        }
        Ok(())
    }

    /// Lets `change` change the replay, and writes what it changed in one transaction; `None` if it never began.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Machine) -> T) -> Result<Option<T>> {
        self.change_with(change, &|_| Ok(()))
    }

    /// The same, and what `also` writes with it.
    pub(crate) fn change_with<T>(
        &self,
        change: impl FnOnce(&mut Machine) -> T,
        also: &dyn Fn(&Store) -> Result<()>,
    ) -> Result<Option<T>> {
        self.load()?;
        let Some(mut after) = self.replay.borrow().clone() else { return Ok(None) };
        let answer = change(&mut after);
        self.write(after, also)?;
        Ok(Some(answer))
    }

    fn write(&self, after: Machine, also: &dyn Fn(&Store) -> Result<()>) -> Result<()> {
        let store = self.store();
        let before = self.replay.replace(None).ok_or("a replay that never began")?;
        transaction(&self.state, || {
            store.update(&before, &after)?;
            also(&store)
        })?;
        // Only once it is written: where that fails the rows are read again.
        self.replay.replace(Some(after));
        Ok(())
    }

    /// Stores a replay that begins, with its alarm: in one turn, so that a crash leaves all of it or nothing.
    pub(crate) async fn store_new(&self, replay: Machine, items: &[String]) -> Result<()> {
        let alarm = set_alarm(&self.state, platform::now())?;
        let store = self.store();
        transaction(&self.state, || store.create(&replay, items))?;
        *self.replay.borrow_mut() = Some(replay);
        JsFuture::from(alarm).await.map(drop).map_err(Into::into)
    }

    /// Sets the alarm.
    pub(crate) async fn arm(&self, at: Timestamp) -> Result<()> {
        JsFuture::from(set_alarm(&self.state, at)?).await.map(drop).map_err(Into::into)
    }

    /// Forgets what may not be what the rows say.
    pub(crate) fn forget(&self) {
        *self.replay.borrow_mut() = None;
    }
}
