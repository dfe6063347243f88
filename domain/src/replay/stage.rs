//! Stages: a few items first, judged before the next.

use serde::{Deserialize, Serialize};

use super::Replay;
use crate::id::JobId;
use crate::indexes::Indexes;
use crate::triage::Canary;

/// A stage that has begun.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// Its first item.
    pub first: u32,
    /// Portions of it that are appended to its job, or had nothing to append.
    pub portions: u32,
    /// Tasks of its job.
    pub tasks: u32,
    /// Items that count against its size: those sent or refused. Skipped ones prove nothing.
    pub counted: u32,
    /// Whether its job gets no more.
    pub sealed: bool,
}

/// Why a replay halted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Halt {
    /// The stage, the first being 1.
    pub stage: u32,
    /// Items of it that died again, were refused or canceled.
    pub failed: u32,
    /// Items of it that have a verdict.
    pub of: u32,
}

impl Replay {
    fn canary(&self) -> Option<&Canary> {
        self.request.body.canary.as_ref()
    }

    /// How many items the stage may still count.
    pub(super) fn room(&self, stage: usize) -> u32 {
        let size = self.canary().and_then(|canary| canary.stages.get(stage)).copied().unwrap_or(u32::MAX);
        size.saturating_sub(self.progress.stages.get(stage).map_or(0, |stage| stage.counted))
    }

    /// The item after the last one of a stage.
    pub(super) fn end(&self, stage: usize) -> u32 {
        self.progress.stages.get(stage + 1).map_or(self.progress.next, |next| next.first)
    }

    /// The items of a stage that were sent, in the order of its tasks.
    pub fn sent_in(&self, stage: usize) -> Indexes {
        let first = self.progress.stages.get(stage).map_or(0, |stage| stage.first);
        self.verdicts.sent.clipped(first, self.end(stage))
    }

    /// The job of a stage.
    pub fn job(&self, stage: usize) -> JobId {
        JobId::of_stage(self.request.id, self.request.created_at, stage)
    }

    /// The stages that have a job.
    pub fn jobs(&self) -> impl Iterator<Item = (usize, JobId)> + '_ {
        let stages = self.progress.stages.iter().enumerate();
        stages.filter(|(_, stage)| stage.tasks > 0).map(|(at, _)| (at, self.job(at)))
    }

    /// The stage that sends now; a new one begins where the last one is judged.
    pub(super) fn begin_stage(&mut self) {
        self.progress.stages.push(Stage { first: self.progress.next, ..Stage::default() });
    }

    /// What speaks against going on after this canary stage, if too much of it failed.
    pub(super) fn judge_canary(&self, stage: usize) -> Option<Halt> {
        self.judge(stage, self.canary()?.halt_above)
    }

    /// What speaks against going on after this stage, if more than this share of it failed. What somebody canceled proves
    /// as little as what died.
    pub(super) fn judge(&self, stage: usize, halt_above: f64) -> Option<Halt> {
        let (first, end) = (self.progress.stages.get(stage)?.first, self.end(stage));
        let count = |set: &Indexes| set.clipped(first, end).len();
        let failed = count(&self.verdicts.died_again) + count(&self.verdicts.refused) + count(&self.verdicts.canceled);
        let of = failed + count(&self.verdicts.succeeded);
        let too_many = f64::from(failed) > halt_above * f64::from(of);
        too_many.then_some(Halt { stage: u32::try_from(stage).unwrap_or(u32::MAX) + 1, failed, of })
    }
}
