//! An invocation of consumers: claim, run, settle, send, ack (`consumers/src/batch.rs`, `pack_run.rs`, `settling.rs`).

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use domain::id::{ClaimNumber, PackId};
use domain::ledger::{ClaimAnswer, Rest, Settle};
use domain::limits::DEFAULT_TIMEOUT;

use crate::assumptions::SEND;
use crate::downstream::{Answer, Slice};
use crate::moment::Moment;
use crate::queue::{Body, Delivered, Message};
use crate::slots::{self, Claimed, Ran};
use crate::world::{Call, Event, Sender, World};

/// One invocation.
#[derive(Debug)]
pub(crate) struct Consuming {
    pub(crate) queue: usize,
    pub(crate) batch: Vec<Delivered>,
    began: Moment,
    asked: Moment,
    answers: Vec<(usize, ClaimAnswer)>,
    unclaimed: usize,
    packs: Vec<PackRun>,
    left: usize,
    requests: u64,
}

/// A claimed pack at work.
#[derive(Debug)]
struct PackRun {
    job: usize,
    pack: PackId,
    attempt: u8,
    claim: ClaimNumber,
    drawn: Duration,
    ran: VecDeque<Ran<Answer>>,
    claimed: usize,
    slices: u32,
    state: State,
}

/// What a pack at work waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// For its tasks: the next slice is due, or all have ended.
    Running,
    /// For a settlement that began at this moment.
    Settling(Moment),
    /// For the settlement of all that is left.
    Ending,
}

impl Consuming {
    pub(crate) fn new(queue: usize, began: Moment, batch: Vec<Delivered>) -> Self {
        Self {
            queue,
            left: batch.len(),
            batch,
            began,
            asked: began,
            answers: Vec::new(),
            unclaimed: 0,
            packs: Vec::new(),
            requests: 0,
        }
    }
}

impl World<'_> {
    /// An invocation claims its packs: one request for each job.
    pub(crate) fn consume(&mut self, id: u64) {
        let now = self.now();
        let Some(consuming) = self.consuming.get_mut(&id) else { return };
        let mut jobs: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (place, delivered) in consuming.batch.iter().enumerate() {
            jobs.entry(delivered.message.job).or_default().push(place);
        }
        (consuming.asked, consuming.unclaimed) = (now, jobs.len());
        consuming.requests += jobs.len() as u64;
        for (job, places) in jobs {
            self.ask(job, Call::Claim(id, places));
        }
    }

    /// It hears of the packs of one job. Once it has heard of all they run side by side.
    pub(crate) fn claimed(&mut self, id: u64, answers: Vec<(usize, ClaimAnswer)>) {
        let now = self.now();
        let Some(consuming) = self.consuming.get_mut(&id) else { return };
        consuming.answers.extend(answers);
        consuming.unclaimed -= 1;
        if consuming.unclaimed > 0 {
            return;
        }
        let mut claimed = Vec::new();
        for (place, answer) in std::mem::take(&mut consuming.answers) {
            let message = &consuming.batch[place].message;
            let (ClaimAnswer::Run { claim, indexes, lease }, Body::Pack { pack, attempt, .. }) =
                (answer, &message.body)
            else {
                self.gauges.idle += 1;
                consuming.left -= 1;
                continue;
            };
            // A task starts only if its whole timeout, and the margin, fit the lease.
            let needed = DEFAULT_TIMEOUT + self.plan.settings.claims.margin;
            let last_start = consuming.asked.after(lease.saturating_sub(needed));
            claimed.push(Claimed { tasks: indexes.iter().collect(), last_start });
            consuming.packs.push(PackRun {
                job: message.job,
                pack: *pack,
                attempt: *attempt,
                claim,
                drawn: self.judge.draw(*attempt, &mut self.rng),
                ran: VecDeque::new(),
                claimed: indexes.len() as usize,
                slices: 0,
                state: State::Running,
            });
        }
        let (downstream, rng) = (&self.downstream, &mut self.rng);
        let mut requests = Duration::ZERO;
        let ran = slots::run(now, &claimed, self.plan.kind().concurrency, || {
            let (took, answer) = downstream.request(rng);
            requests += took;
            (took, answer)
        });
        let tasks: u64 = ran.iter().map(|pack| pack.len() as u64).sum();
        consuming.requests += tasks;
        self.gauges.most_tasks = self.gauges.most_tasks.max(tasks);
        let slice = self.plan.settings.claims.slice;
        let mut ends = now;
        for (place, ran) in ran.into_iter().enumerate() {
            let run = &mut consuming.packs[place];
            self.gauges.handed_back += (run.claimed - ran.len()) as u64;
            run.ran = ran.into();
            let end = run.ran.back().map_or(now, |last| last.ended);
            ends = ends.max(end);
            self.agenda.plan(end.min(now.after(slice)), Event::Settle(id, place));
        }
        // Spread evenly over the run: that is how the slots work.
        let share = if ends > now { requests.as_secs_f64() / ends.since(now).as_secs_f64() } else { 0.0 };
        self.count_requests(now, ends, share);
        self.end_if_done(id);
    }

    fn count_requests(&mut self, from: Moment, to: Moment, share: f64) {
        for minute in from.minute()..=to.minute() {
            let begins = Moment(minute as u64 * 60_000_000).max(from);
            let ends = Moment((minute as u64 + 1) * 60_000_000).min(to);
            self.gauges.at(begins).requests += ends.since(begins).mul_f64(share);
        }
    }

    /// A slice is due, or all tasks of the pack have ended.
    pub(crate) fn settle(&mut self, id: u64, place: usize) {
        let now = self.now();
        let slice_time = self.plan.settings.claims.slice;
        let Some(consuming) = self.consuming.get_mut(&id) else { return };
        let run = &mut consuming.packs[place];
        let accepted_at = self.jobs[run.job].accepted_at;
        let mut slice = Slice::default();
        let mut count = 0;
        while let Some(ran) = run.ran.front().copied().filter(|ran| ran.ended <= now) {
            run.ran.pop_front();
            let elapsed = ran.ended.timestamp().since(accepted_at);
            slice.add(ran.index, self.judge.verdict(ran.answer, run.attempt, run.drawn, elapsed));
            count += 1;
        }
        let ended = run.ran.is_empty();
        if count == 0 && !ended {
            let next = run.ran.back().map_or(now, |last| last.ended).min(now.after(slice_time));
            self.agenda.plan(next, Event::Settle(id, place));
            return;
        }
        let rest = if ended { Rest::HandedBack } else { Rest::Running };
        run.state = if ended { State::Ending } else { State::Settling(now) };
        run.slices += 1;
        consuming.requests += 1;
        let (pack, claim, attempt, slice_number) = (run.pack, run.claim, run.attempt, run.slices - 1);
        let settle = Settle { pack, claim, attempt, slice: slice_number, report: slice.into_report(), rest };
        let job = run.job;
        self.gauges.at(now).attempts += count;
        self.ask(job, Call::Settle(id, place, Box::new(settle)));
    }

    /// A settlement is answered: what it answers is sent.
    pub(crate) fn settled(&mut self, id: u64, place: usize, messages: Vec<(usize, Message)>) {
        if messages.is_empty() {
            return self.sent(id, place);
        }
        if let Some(consuming) = self.consuming.get_mut(&id) {
            consuming.requests += 1;
        }
        self.agenda.plan(self.now().after(SEND), Event::Send(messages, 0, Sender::Pack(id, place)));
    }

    /// What a settlement answered has been sent: the pack goes on, or its message is acked.
    pub(crate) fn sent(&mut self, id: u64, place: usize) {
        let (now, slice) = (self.now(), self.plan.settings.claims.slice);
        let Some(consuming) = self.consuming.get_mut(&id) else { return };
        let run = &mut consuming.packs[place];
        match run.state {
            State::Settling(began) => {
                run.state = State::Running;
                let end = run.ran.back().map_or(now, |last| last.ended);
                self.agenda.plan(end.min(began.after(slice)), Event::Settle(id, place));
            }
            State::Ending => {
                consuming.left -= 1;
                self.end_if_done(id);
            }
            State::Running => {}
        }
    }

    fn end_if_done(&mut self, id: u64) {
        let now = self.now();
        let Some(consuming) = self.consuming.get(&id).filter(|consuming| consuming.left == 0) else { return };
        let (queue, began, requests) = (consuming.queue, consuming.began, consuming.requests);
        self.gauges.spread(began, now, |minute| &mut minute.consumers);
        self.gauges.longest = self.gauges.longest.max(now.since(began));
        self.gauges.most_requests = self.gauges.most_requests.max(requests);
        self.consuming.remove(&id);
        self.queues[queue].ended();
        self.look(queue);
    }
}
