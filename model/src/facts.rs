//! What the settlements say of each task, and what they must never say.

use domain::ledger::{CRASHES, SettlementRecord};
use domain::verdict::Reason;

use crate::property::{Broken, Rule};

/// What is known of one task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Task {
    /// How it ended.
    pub ended: Option<End>,
    /// Whether it succeeded after it was declared dead.
    pub late: bool,
    /// The attempts it was charged, a bit each.
    charged: u8,
    /// The crashes it was charged.
    crashes: u8,
}

/// How a task ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// Well.
    Succeeded,
    /// As a dead letter.
    Dead,
    /// By cancellation.
    Canceled,
}

/// All tasks of the job.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Facts(Vec<Task>);

impl Facts {
    /// Of a job of so many tasks.
    pub fn of(tasks: u32) -> Self {
        Self(vec![Task::default(); tasks as usize])
    }

    /// What is known of a task.
    pub fn task(&self, index: u32) -> Task {
        self.0.get(index as usize).copied().unwrap_or_default()
    }

    /// How many ended so.
    pub fn ended(&self, end: End) -> u32 {
        self.0.iter().filter(|task| task.ended == Some(end)).count() as u32
    }

    /// The indexes of those that are so.
    pub fn which(&self, so: impl Fn(&Task) -> bool) -> impl Iterator<Item = u32> {
        self.0.iter().enumerate().filter(move |(_, task)| so(task)).map(|(index, _)| index as u32)
    }

    /// Takes a settlement in.
    pub fn record(&mut self, record: &SettlementRecord, broken: &mut Broken) {
        // A task of a canceled job may be charged its last attempt and end by the same settlement.
        for (index, _) in &record.retried {
            self.charge(*index, record.attempt, broken);
        }
        for (index, _) in &record.crashed {
            self.crash(*index, broken);
        }
        for (index, reason, _) in &record.dead {
            match reason {
                Reason::Crashed => self.crash(*index, broken),
                _ => self.charge(*index, record.attempt, broken),
            }
            self.end(*index, End::Dead, broken);
        }
        let outputs = record.outputs.iter().map(|(index, _)| *index);
        for index in record.done.iter().chain(outputs) {
            self.end(index, End::Succeeded, broken);
        }
        for index in record.canceled.iter() {
            self.end(index, End::Canceled, broken);
        }
        for index in record.late.iter() {
            let Some(task) = self.0.get_mut(index as usize) else { continue };
            broken.unless(task.ended == Some(End::Dead) && !task.late, Rule::Once);
            task.late = true;
        }
    }

    fn end(&mut self, index: u32, end: End, broken: &mut Broken) {
        let Some(task) = self.0.get_mut(index as usize) else { return broken.note(Rule::Once) };
        broken.unless(task.ended.is_none(), Rule::Once);
        // What it was charged matters no more: histories that differ in that alone meet here.
        *task = Task { ended: Some(end), ..Task::default() };
    }

    fn charge(&mut self, index: u32, attempt: u8, broken: &mut Broken) {
        let Some(task) = self.0.get_mut(index as usize) else { return broken.note(Rule::Once) };
        broken.unless(task.ended.is_none() && task.charged & (1 << attempt) == 0, Rule::Once);
        task.charged |= 1 << attempt;
    }

    fn crash(&mut self, index: u32, broken: &mut Broken) {
        let Some(task) = self.0.get_mut(index as usize) else { return broken.note(Rule::Once) };
        task.crashes += 1;
        broken.unless(task.ended.is_none() && task.crashes <= CRASHES, Rule::Once);
    }
}
