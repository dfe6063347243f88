//! Requests to ledgers, and their alarms.

use domain::calls::Claim;
use domain::id::PackId;
use domain::ledger::{Appended, ClaimAnswer, Delivery, Idle, NewPart, Send, SettlementRecord, Source};
use domain::limits::DEFAULT_TIMEOUT;

use crate::assumptions::{HOP, SEND};
use crate::database::Written;
use crate::moment::Moment;
use crate::plan::Jobs;
use crate::queue::Body;
use crate::world::{Call, Event, Sender, World};

impl World<'_> {
    /// Sends a request to a job's ledger.
    pub(crate) fn ask(&mut self, job: usize, call: Call) {
        let arrives = self.now().after(HOP);
        let served = self.jobs[job].serve(arrives);
        self.count_request(job, served);
        self.agenda.plan(served, Event::Served(job, call));
    }

    fn count_request(&mut self, job: usize, at: Moment) {
        let asked = &mut self.asked[job];
        *asked = if asked.0 == at.minute() { (asked.0, asked.1 + 1) } else { (at.minute(), 1) };
        let count = asked.1;
        let minute = self.gauges.at(at);
        minute.ledgers += 1;
        minute.busiest_ledger = minute.busiest_ledger.max(count);
    }

    /// A ledger has served a request: what it decided is written, and its caller hears of it.
    pub(crate) fn served(&mut self, job: usize, call: Call) {
        let (now, answered) = (self.now(), self.now().after(HOP));
        match call {
            Call::Append(part) => self.append(job, part),
            Call::Claim(id, places) => {
                let answers = self.claim(job, id, &places);
                self.agenda.plan(answered, Event::Claimed(id, answers));
            }
            Call::Settle(id, run, settle) => {
                let before = self.ended_of(job);
                let settled = self.jobs[job].settle(now.timestamp(), *settle, &self.workload, &self.timing);
                let (record, sends) = match settled {
                    Some(Ok(settled)) => (settled.record, settled.sends),
                    // A job that is gone has nothing left to settle.
                    None | Some(Err(_)) => (None, Vec::new()),
                };
                let messages = self.compose(job, &sends);
                self.count_ended(job, before);
                self.write(job, &record);
                self.agenda.plan(answered, Event::Settled(id, run, messages));
            }
            Call::Confirm(id, messages) => {
                if let Some(ledger) = self.jobs[job].ledger() {
                    for one in messages {
                        ledger.confirm(now.timestamp(), one.letters, &one.tasks, one.sent_at);
                    }
                }
                self.write(job, None);
                self.agenda.plan(answered, Event::Confirmed(id));
            }
        }
    }

    fn append(&mut self, job: usize, part: u64) {
        let (now, chunks) = (self.now(), self.workload.new_chunks());
        let seal = self.plan.jobs == Jobs::OneEach || part + 1 == self.plan.requests();
        let part =
            NewPart { key: part.to_string(), content: String::new(), chunks, seal, owner: Source::Api, at: None };
        let timing = self.timing;
        let Some(ledger) = self.jobs[job].ledger() else { return };
        let Ok(Appended::New(part)) = ledger.append(now.timestamp(), part, &timing) else { return };
        let packs = (part.first_pack.0..ledger.job().packs).map(PackId);
        let sends: Vec<Send> = packs.map(Send::Pack).collect();
        self.gauges.at(now).accepted += u64::from(part.tasks);
        let messages = self.compose(job, &sends);
        self.write(job, None);
        self.agenda.plan(now.after(HOP + SEND), Event::Send(messages, 0, Sender::Nobody));
    }

    fn claim(&mut self, job: usize, id: u64, places: &[usize]) -> Vec<(usize, ClaimAnswer)> {
        let now = self.now().timestamp();
        let Some(consuming) = self.consuming.get(&id) else { return Vec::new() };
        let claims: Vec<(usize, Claim)> = places
            .iter()
            .filter_map(|place| {
                let delivered = &consuming.batch[*place];
                let Body::Pack { pack, sent_at, .. } = delivered.message.body else { return None };
                let message = format!("{}-{}", consuming.queue, delivered.number);
                let lane = Some(domain::lane::Lane::Default);
                let delivery = Delivery { message, attempts: 1, timeout: DEFAULT_TIMEOUT, lane };
                Some((*place, Claim { pack, delivery, sent_at }))
            })
            .collect();
        let mut records: Vec<SettlementRecord> = Vec::new();
        let mut answers = Vec::new();
        for (place, claim) in claims {
            let answer = match self.jobs[job].ledger() {
                Some(ledger) => {
                    let claimed = ledger.claim(now, claim.pack, &claim.delivery, claim.sent_at, &self.timing);
                    records.extend(claimed.record);
                    claimed.answer
                }
                None => ClaimAnswer::Idle(Idle::Settled),
            };
            answers.push((place, answer));
        }
        self.write(job, &records);
        answers
    }

    /// A ledger's alarm: what `ledger/src/alarm.rs` does.
    pub(crate) fn ring(&mut self, job: usize, at: Moment) {
        let now = self.now();
        if !self.jobs[job].goes_off(at) {
            return;
        }
        self.count_request(job, now);
        let (before, timing) = (self.ended_of(job), self.timing);
        let Some(ledger) = self.jobs[job].ledger() else { return };
        let woken = ledger.wake(now.timestamp(), &timing);
        let tell = woken.tell_index.then(|| (ledger.job().index.version, ledger.indexed_state()));
        let messages = self.compose(job, &woken.sends);
        self.count_ended(job, before);
        self.write(job, &woken.records);
        if !messages.is_empty() {
            self.agenda.plan(now.after(SEND), Event::Send(messages, 0, Sender::Nobody));
        }
        if let Some((version, state)) = tell {
            let told = self.database.transact(now.after(HOP), 0, &mut self.gauges);
            // What is not told is told again: the ledger has set when.
            if told.written == Written::Yes {
                self.agenda.plan(told.at.after(HOP), Event::Told(job, version, state));
            }
        }
    }

    /// The index of jobs has been told.
    pub(crate) fn told(&mut self, job: usize, version: u32, state: domain::ledger::IndexedState) {
        if let Some(ledger) = self.jobs[job].ledger() {
            ledger.indexed(version, state);
        }
        self.write(job, None);
    }

    fn ended_of(&self, job: usize) -> (u32, u32) {
        self.jobs[job].look().map_or((0, 0), |ledger| (ledger.job().succeeded, ledger.job().dead))
    }

    /// Counts what has ended since `before`.
    fn count_ended(&mut self, job: usize, before: (u32, u32)) {
        let (succeeded, dead) = self.ended_of(job);
        let minute = self.gauges.at(self.agenda.now());
        minute.succeeded += u64::from(succeeded.saturating_sub(before.0));
        minute.dead += u64::from(dead.saturating_sub(before.1));
    }
}
