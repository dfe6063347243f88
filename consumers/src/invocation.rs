//! What the packs of one batch share.

use std::collections::BTreeMap;

use config::Settings;
use domain::kinds::Kind;
use platform::PlatformError;
use platform::ledger::Ledgers;
use tokio::sync::Semaphore;
use worker::Env;

use crate::handlers::Handlers;

/// One invocation of this Worker.
pub(crate) struct Invocation<'e> {
    pub(crate) env: &'e Env,
    pub(crate) settings: &'static Settings,
    pub(crate) ledgers: Ledgers,
    pub(crate) handlers: Handlers,
    /// How many tasks of each kind may still start: the limit is the invocation's, however many packs it got.
    slots: BTreeMap<Kind, Semaphore>,
}

impl<'e> Invocation<'e> {
    pub(crate) fn new(env: &'e Env) -> Result<Self, PlatformError> {
        let settings = platform::settings(env)?;
        let slots = settings.kinds.iter().map(|(kind, found)| (*kind, Semaphore::new(found.concurrency))).collect();
        Ok(Self { env, settings, ledgers: Ledgers::new(env)?, handlers: Handlers::new(env, settings), slots })
    }

    pub(crate) fn slots(&self, kind: Kind) -> Option<&Semaphore> {
        self.slots.get(&kind)
    }
}
