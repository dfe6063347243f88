//! Queues, consumers and the archive around one ledger, at their worst behaviour.

use std::time::Duration;

use proptest::prelude::{TestCaseError, prop_assert, prop_assert_eq};
use serde_json::value::RawValue;

use super::checks::Truth;
use super::{Arrival, Due, Fate, Step, Verdict};
use crate::id::{ClaimNumber, LetterPackId, PackId};
use crate::indexes::Indexes;
use crate::kinds::Kind;
use crate::lane::Lane;
use crate::ledger::tests::{Records, START, TIMING, delivery, job};
use crate::ledger::*;
use crate::outcome::TaskError;
use crate::time::Timestamp;
use crate::verdict::Reason;

type Checked<T = ()> = Result<T, TestCaseError>;

pub(super) struct World {
    ledger: Ledger,
    truth: Truth,
    now: Timestamp,
    queue: Vec<Message>,
    messages: u32,
    runs: Vec<Run>,
    slices: Vec<Settle>,
    /// Whether the caller has sealed the job.
    sealed: bool,
    /// How far the clock has jumped back so far.
    jumped: Duration,
}

#[derive(Clone, Debug)]
struct Message {
    id: String,
    deliveries: u32,
    due: Timestamp,
    sent_at: Timestamp,
    body: Body,
}

#[derive(Clone, Debug)]
enum Body {
    Pack(PackId, Lane),
    Letters(LetterPackId, LetterRecord),
}

/// A claim in the hands of a consumer that has not reported of `left`.
#[derive(Clone, Debug)]
struct Run {
    pack: PackId,
    claim: ClaimNumber,
    attempt: u8,
    left: Indexes,
    slices: u32,
}

impl World {
    pub(super) fn new() -> Self {
        let callback = Some("https://example.com/ended".to_owned());
        let mut ledger = Ledger::begin(Job { callback, ..job() });
        let mut truth = Truth::default();
        truth.store(&mut ledger, Vec::new());
        Self {
            ledger,
            truth,
            now: START,
            queue: Vec::new(),
            messages: 0,
            runs: Vec::new(),
            slices: Vec::new(),
            sealed: false,
            jumped: Duration::ZERO,
        }
    }

    pub(super) fn perform(&mut self, step: Step) -> Checked {
        match step {
            Step::Append { key, sizes, due, fate } => self.append(key, &sizes, due, fate)?,
            Step::Seal => {
                let sealed = self.ledger.seal(self.now, self.ledger.counts().accepted, Source::Api).is_ok();
                prop_assert_eq!(sealed, self.ledger.job().canceled_at.is_none() || self.sealed);
                self.sealed |= sealed;
                self.written(Fate::Answered, None);
            }
            Step::Deliver { message, arrival, fate } => {
                if let Some(at) = pick(message, self.queue.len()).filter(|at| self.queue[*at].due <= self.now) {
                    self.deliver(at, arrival, fate)?;
                }
            }
            Step::Lose { message } => {
                if let Some(at) = pick(message, self.queue.len()) {
                    self.queue.remove(at);
                }
            }
            Step::Settle { run, verdicts, rest, fate } => {
                if let Some(at) = pick(run, self.runs.len()) {
                    let settle = self.runs[at].report(&verdicts, rest);
                    self.slices.push(settle.clone());
                    self.settle(settle, fate)?;
                }
            }
            Step::Repeat { slice } => {
                if let Some(at) = pick(slice, self.slices.len()) {
                    let settle = self.slices[at].clone();
                    self.settle(settle.clone(), Fate::Answered)?;
                    self.check_repeat(settle)?;
                }
            }
            Step::Cancel => {
                let ended = self.ledger.job().state() == JobState::Completed;
                let canceled = self.ledger.cancel(self.now);
                prop_assert_eq!(canceled.is_err(), ended);
                self.written(Fate::Answered, canceled.into_iter().flatten());
            }
            Step::CancelTask { task } => {
                if let Some(index) = pick(task, self.ledger.counts().accepted as usize) {
                    let under_way = self.ledger.underway(index as u32, index as u32 + 1).next().is_some();
                    let canceled = self.ledger.cancel_task(self.now, index as u32);
                    prop_assert_eq!(canceled.is_ok(), under_way);
                    self.written(Fate::Answered, canceled.into_iter().flatten());
                }
            }
            Step::Pass { seconds } => self.now = self.now.after(Duration::from_secs(seconds.into())),
            Step::JumpBack { seconds } => {
                let back = Duration::from_secs(seconds.into());
                self.now = Timestamp::from_millis(self.now.as_millis() - back.as_millis() as u64);
                self.jumped += back;
            }
            Step::Wake { fate } => self.wake(fate),
        }
        self.truth.check(&self.ledger, self.now)
    }

    /// The call's changes are stored, or lost with the ledger's memory. Whether its caller hears of it.
    fn written(&mut self, fate: Fate, records: impl IntoIterator<Item = SettlementRecord>) -> bool {
        match fate {
            Fate::Answered | Fate::AnswerLost => self.truth.store(&mut self.ledger, records.into_iter().collect()),
            Fate::NotWritten => self.ledger = self.truth.load(),
        }
        matches!(fate, Fate::Answered)
    }

    fn send(&mut self, sends: &[Send]) -> Checked {
        for send in sends {
            let (due, body) = match send {
                Send::Pack(id) => match self.ledger.pack(*id) {
                    Some(pack) => (pack.due, Body::Pack(*id, pack.lane)),
                    None => return Err(TestCaseError::fail(format!("pack {id} is sent and is not there"))),
                },
                Send::Letters(id) => match self.ledger.letters(*id) {
                    Some(letters) => (self.now, Body::Letters(*id, letters.clone())),
                    None => return Err(TestCaseError::fail(format!("letters {id} are sent and are not there"))),
                },
            };
            prop_assert!(due.since(self.now) <= TIMING.held_after + self.jumped, "sent although held back");
            self.messages += 1;
            self.queue.push(Message {
                id: format!("m{}", self.messages),
                deliveries: 0,
                due,
                sent_at: due.max(self.now),
                body,
            });
        }
        Ok(())
    }

    fn append(&mut self, key: u8, sizes: &[u8], due: Due, fate: Fate) -> Checked {
        let due = match due {
            Due::AtOnce => None,
            Due::In(seconds) => Some(self.now.after(Duration::from_secs(seconds.into()))),
        };
        let mut base = 0;
        let mut chunks = Vec::new();
        for size in sizes {
            let end = base + u32::from(*size);
            chunks.push(NewChunk { kind: Kind::Simulate, due, indexes: (base..end).collect(), bytes: 0 });
            base = end;
        }
        let part = NewPart {
            key: key.to_string(),
            content: format!("{sizes:?}"),
            chunks,
            seal: false,
            owner: Source::Api,
            at: None,
        };
        let known = self.ledger.part(&part.key).cloned();
        let first = self.ledger.job().packs;
        let appended = self.ledger.append(self.now, part, &TIMING);
        match known {
            Some(known) if known.content == format!("{sizes:?}") => {
                prop_assert_eq!(&appended, &Ok(Appended::Repeat(known)));
            }
            Some(_) => prop_assert_eq!(&appended, &Err(AppendRefusal::OtherContent)),
            None => prop_assert_eq!(appended.is_ok(), self.ledger.job().sealed_at.is_none()),
        }
        if self.written(fate, None) && matches!(appended, Ok(Appended::New(_))) {
            let held = due.is_some_and(|due| due.since(self.now) > TIMING.held_after);
            let last = if held { first } else { self.ledger.job().packs };
            self.send(&(first..last).map(|id| Send::Pack(PackId(id))).collect::<Vec<_>>())?;
        }
        Ok(())
    }

    fn deliver(&mut self, at: usize, arrival: Arrival, fate: Fate) -> Checked {
        let delivered = self.queue[at].deliveries > 0;
        if !delivered || matches!(arrival, Arrival::Last | Arrival::NotLast) {
            self.queue[at].deliveries += 1;
        }
        let mut message = self.queue[at].clone();
        if matches!(arrival, Arrival::Overtaken) && message.deliveries > 1 {
            message.deliveries -= 1;
        }
        if let Arrival::Last = arrival {
            self.queue.remove(at);
        }
        match message.body {
            Body::Pack(id, lane) => {
                let before = self.ledger.pack(id).cloned();
                let asking = Delivery { lane: Some(lane), ..delivery(&message.id, message.deliveries) };
                let Claimed { answer, record } = self.ledger.claim(self.now, id, &asking, message.sent_at, &TIMING);
                self.truth.check_claim(&self.ledger, self.now, id, before, &asking, &answer)?;
                let attempt = self.ledger.pack(id).map(|pack| pack.attempt);
                if self.written(fate, record)
                    && let (ClaimAnswer::Run { claim, indexes, .. }, Some(attempt)) = (answer, attempt)
                {
                    self.runs.push(Run { pack: id, claim, attempt, left: indexes, slices: 0 });
                }
            }
            Body::Letters(id, letters) => {
                self.truth.archive(&letters);
                self.ledger.confirm(self.now, id, &letters.unconfirmed, message.sent_at);
                self.written(fate, None);
            }
        }
        Ok(())
    }

    fn settle(&mut self, settle: Settle, fate: Fate) -> Checked {
        self.check_together(&settle)?;
        let before = self.ledger.clone();
        let past = Records(self.truth.records());
        let settled = match self.ledger.settle(self.now, settle.clone(), &past, &TIMING) {
            Ok(settled) => settled,
            Err(refusal) => return Err(TestCaseError::fail(format!("{settle:?} is refused: {refusal}"))),
        };
        self.truth.check_settled(&before, &self.ledger, &settle, &settled)?;
        if self.written(fate, settled.record) {
            self.send(&settled.sends)?;
        }
        Ok(())
    }

    /// In one call with all that was settled before and may come again, it comes to the same as one after the other.
    fn check_together(&self, settle: &Settle) -> Checked {
        let mut past = Records(self.truth.records());
        let settles: Vec<Settle> = self.slices.iter().chain([settle]).cloned().collect();
        let mut together = self.ledger.clone();
        let found = together.settle_together(self.now, settles.clone(), &past, &TIMING);
        let mut in_turn = self.ledger.clone();
        for (settle, answer) in settles.into_iter().zip(found.answers) {
            let settled = in_turn.settle(self.now, settle, &past, &TIMING);
            prop_assert_eq!(
                settled.as_ref().map(|settled| &settled.sends).map_err(|e| *e),
                answer.as_ref().map_err(|e| *e)
            );
            past.0.extend(settled.ok().and_then(|settled| settled.record));
        }
        prop_assert_eq!(together, in_turn);
        prop_assert_eq!(past.0.len(), self.truth.records().len() + found.records.len());
        Ok(())
    }

    /// A slice that is written already changes nothing any more, and its answer lists nothing new.
    fn check_repeat(&mut self, settle: Settle) -> Checked {
        let before = self.ledger.clone();
        let past = Records(self.truth.records());
        let mut answer = || {
            let settled = self.ledger.settle(self.now, settle.clone(), &past, &TIMING);
            settled.map(|settled| (settled.record.is_none(), settled.sends))
        };
        let first = answer();
        prop_assert!(matches!(first, Ok((true, _))), "a repeat counted again");
        prop_assert_eq!(answer(), first);
        prop_assert_eq!(&self.ledger, &before);
        Ok(())
    }

    fn wake(&mut self, fate: Fate) {
        let woken = self.ledger.wake(self.now, &TIMING);
        let (version, state) = (self.ledger.job().index.version, self.ledger.indexed_state());
        if self.written(fate, woken.records) {
            // What an alarm lists is there: nothing happened since.
            let _ = self.send(&woken.sends);
            if woken.tell_index {
                self.ledger.indexed(version, state);
                self.written(Fate::Answered, None);
            }
        }
    }

    /// From here on all goes well: whatever happened, the job ends, and every letter arrives.
    pub(super) fn clear_up(mut self) -> Checked {
        if self.ledger.job().sealed_at.is_none() {
            self.perform(Step::Seal)?;
        }
        let begun = self.now;
        let under_way = |ledger: &Ledger| !ledger.is_settled() || ledger.index_due().is_some();
        while under_way(&self.ledger) {
            let Some(alarm) = self.ledger.next_wake(&TIMING) else { break };
            while let Some(at) = self.queue.iter().position(|message| message.due <= self.now) {
                self.deliver(at, Arrival::Last, Fate::Answered)?;
                while let Some(mut run) = self.runs.pop() {
                    let settle = run.report(&[Verdict::Done], Rest::Running);
                    self.settle(settle, Fate::Answered)?;
                }
            }
            let message = self.queue.iter().map(|message| message.due).min();
            self.now = self.now.max(message.map_or(alarm, |due| due.min(alarm)));
            self.perform(Step::Wake { fate: Fate::Answered })?;
            prop_assert!(self.now.since(begun) < Duration::from_secs(3_600), "the job does not end");
        }
        prop_assert!(self.ledger.job().completed_at.is_some(), "nothing is under way and the job has not ended");
        self.truth.check_archive(&self.ledger)?;
        // Kept for as long as promised, then deleted once the index knows.
        let ended = self.ledger.job().completed_at.map(|at| at.after(TIMING.keep));
        prop_assert_eq!(self.ledger.next_wake(&TIMING), ended);
        self.now = ended.unwrap_or_default();
        self.perform(Step::Wake { fate: Fate::Answered })?;
        self.now = self.now.after(Duration::from_secs(1));
        self.perform(Step::Wake { fate: Fate::Answered })?;
        prop_assert!(self.ledger.wake(self.now, &TIMING).delete);
        Ok(())
    }
}

impl Run {
    fn report(&mut self, verdicts: &[Verdict], rest: Rest) -> Settle {
        let mut report = Report { errors: vec![TaskError::new("boom", "it broke")], ..Report::default() };
        for (index, verdict) in self.left.iter().zip(verdicts.iter().cycle()) {
            match *verdict {
                Verdict::Done => report.done.insert(index),
                Verdict::Output => report.outputs.push((index, RawValue::from_string("7".to_owned()).unwrap())),
                Verdict::RetryIn(seconds) => {
                    let wait = Duration::from_secs(seconds.into());
                    match report.retries.iter_mut().find(|group| group.wait == wait) {
                        Some(group) => group.tasks.push((index, 0)),
                        None => report.retries.push(RetryGroup { wait, tasks: vec![(index, 0)] }),
                    }
                }
                Verdict::Dead => report.dead.push((index, Reason::Permanent, 0)),
                Verdict::Crashed => report.crashed.push((index, 0)),
                Verdict::Later => {}
            }
        }
        self.left.subtract(&report.named());
        self.slices += 1;
        let (pack, claim, attempt) = (self.pack, self.claim, self.attempt);
        Settle { pack, claim, attempt, slice: self.slices - 1, report, rest }
    }
}

fn pick(number: u8, among: usize) -> Option<usize> {
    usize::from(number).checked_rem(among)
}
