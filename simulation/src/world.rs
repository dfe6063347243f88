//! A run: queues, consumers, ledgers and the archive, event by event.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::calls::Confirmed;
use domain::id::JobId;
use domain::ledger::{ClaimAnswer, IndexedState, Settle, Timing};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::agenda::Agenda;
use crate::archiving::Archiving;
use crate::consuming::Consuming;
use crate::database::{Database, Written};
use crate::downstream::{Downstream, Judge};
use crate::gauges::Gauges;
use crate::ledger_object::{Alarm, Ended, LedgerObject};
use crate::moment::Moment;
use crate::plan::{Jobs, Plan};
use crate::queue::{Delivered, Message, Next, Queue};
use crate::workload::{Workload, WorkloadError};

/// What happens.
#[derive(Debug)]
pub(crate) enum Event {
    /// A request is made: for this job, with this part of it.
    Submit(usize, u64),
    /// A ledger has served a request.
    Served(usize, Call),
    /// A ledger's alarm goes off that was set to then.
    Alarm(usize, Moment),
    /// The index of jobs has been told.
    Told(usize, u32, IndexedState),
    /// Messages reach their queues, for this time.
    Send(Vec<(usize, Message)>, usize, Sender),
    /// A queue may have something to do.
    Look(usize),
    /// An invocation of a consumer begins.
    Consume(u64),
    /// It hears of the packs of one job.
    Claimed(u64, Vec<(usize, ClaimAnswer)>),
    /// One of its packs has something to settle.
    Settle(u64, usize),
    /// A settlement is answered, with what to send.
    Settled(u64, usize, Vec<(usize, Message)>),
    /// The archive has put all bundles of an invocation into KV.
    Put(u64),
    /// It has put their letters into D1, or could not.
    Indexed(u64, Written),
    /// One of its ledgers has heard of them.
    Confirmed(u64),
    /// A minute ends.
    Minute,
}

/// A request to a ledger.
#[derive(Debug)]
pub(crate) enum Call {
    /// A producer appends a part.
    Append(u64),
    /// A consumer claims packs: the places of their messages in its batch.
    Claim(u64, Vec<usize>),
    /// A consumer settles.
    Settle(u64, usize, Box<Settle>),
    /// An invocation of the archive has letters.
    Confirm(u64, Vec<Confirmed>),
}

/// Who sends, and waits until it is done.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sender {
    /// Nobody waits.
    Nobody,
    /// A pack of a consumer.
    Pack(u64, usize),
}

/// A run.
pub(crate) struct World<'p> {
    pub(crate) plan: &'p Plan,
    pub(crate) timing: Timing,
    pub(crate) workload: Workload,
    pub(crate) judge: Judge,
    pub(crate) downstream: Downstream,
    pub(crate) rng: StdRng,
    pub(crate) agenda: Agenda<Event>,
    /// The lanes, then the dead letters.
    pub(crate) queues: Vec<Queue>,
    pub(crate) looks: Vec<Option<Moment>>,
    pub(crate) jobs: Vec<LedgerObject>,
    /// Requests of each ledger in the minute that it was last asked in.
    pub(crate) asked: Vec<(usize, u64)>,
    pub(crate) database: Database,
    pub(crate) consuming: BTreeMap<u64, Consuming>,
    pub(crate) archiving: BTreeMap<u64, Archiving>,
    pub(crate) invocations: u64,
    pub(crate) gauges: Gauges,
    unended: usize,
}

/// What a run measured.
#[derive(Debug)]
pub struct Finished {
    /// Minute by minute.
    pub gauges: Gauges,
    /// Each job, as its ledger counted it.
    pub jobs: Vec<Ended>,
    /// When the last task had ended.
    pub ended: Moment,
    /// When the last letter was archived, and the index had been told of every job.
    pub done: Moment,
    /// Packs of a job as appended, and bytes of a task's line.
    pub packs: usize,
    /// Bytes of a task's line, on average.
    pub line_bytes: f64,
}

/// Runs `plan` until every job has ended and all that follows from it is done.
///
/// # Errors
/// [`WorkloadError`]: the tasks are refused.
pub fn run(plan: &Plan) -> Result<Finished, WorkloadError> {
    let mut world = World::new(plan)?;
    while world.unended > 0
        && let Some(event) = world.agenda.next()
    {
        world.happen(event);
    }
    let jobs: Vec<Ended> = world.jobs.iter().filter_map(LedgerObject::ended).collect();
    let minutes = &world.gauges.minutes;
    let last = minutes.iter().rposition(|minute| minute.succeeded + minute.dead > 0).unwrap_or(0);
    let ended = Moment((last as u64 + 1) * 60_000_000);
    let (packs, line_bytes) = (world.workload.packs(), world.workload.line_bytes());
    let done = world.agenda.now();
    Ok(Finished { gauges: world.gauges, jobs, ended, done, packs, line_bytes })
}

impl<'p> World<'p> {
    fn new(plan: &'p Plan) -> Result<Self, WorkloadError> {
        let lane = &plan.queues.lanes[&domain::lane::Lane::Default];
        let mut queues: Vec<Queue> = (0..plan.lanes).map(|_| Queue::new(lane, plan.one_in)).collect();
        queues.push(Queue::new(&plan.queues.dead_letters, plan.one_in));
        let mut world = Self {
            plan,
            timing: plan.settings.timing(),
            workload: Workload::of(plan)?,
            judge: Judge::of(plan),
            downstream: Downstream::of(plan),
            rng: StdRng::seed_from_u64(plan.seed),
            agenda: Agenda::default(),
            looks: vec![None; queues.len()],
            queues,
            jobs: Vec::new(),
            asked: Vec::new(),
            database: Database::new(plan.one_in as u32),
            consuming: BTreeMap::new(),
            archiving: BTreeMap::new(),
            invocations: 0,
            gauges: Gauges::default(),
            unended: 0,
        };
        world.submit();
        world.agenda.plan(Moment::default().after(MINUTE), Event::Minute);
        Ok(world)
    }

    /// Requests come evenly, each at a random moment of its share of the time.
    fn submit(&mut self) {
        let requests = self.plan.requests();
        let share = self.plan.submitting / requests.max(1) as u32;
        for request in 0..requests {
            let at = Moment::default().after(share.mul_f64(request as f64 + self.rng.random_range(0.0..1.0)));
            let mut random = [0; 10];
            self.rng.fill(&mut random);
            let (job, part) = match self.plan.jobs {
                Jobs::OneEach => (request as usize, 0),
                Jobs::OneForAll => (0, request),
            };
            self.agenda.plan(at, Event::Submit(job, part));
            if job == self.jobs.len() {
                let object = LedgerObject::begin(
                    JobId::random(at.timestamp(), random),
                    at.timestamp(),
                    self.plan.ledger_share() as u32,
                );
                self.jobs.push(object);
                self.asked.push((0, 0));
                self.unended += 1;
            }
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Submit(job, part) => self.ask(job, Call::Append(part)),
            Event::Served(job, call) => self.served(job, call),
            Event::Alarm(job, at) => self.ring(job, at),
            Event::Told(job, version, state) => self.told(job, version, state),
            Event::Send(messages, tries, sender) => self.send(messages, tries, sender),
            Event::Look(queue) => self.look(queue),
            Event::Consume(id) => self.consume(id),
            Event::Claimed(id, answers) => self.claimed(id, answers),
            Event::Settle(id, run) => self.settle(id, run),
            Event::Settled(id, run, messages) => self.settled(id, run, messages),
            Event::Put(id) => self.put(id),
            Event::Indexed(id, written) => self.indexed(id, written),
            Event::Confirmed(id) => self.confirmed(id),
            Event::Minute => self.end_minute(),
        }
    }

    pub(crate) fn now(&self) -> Moment {
        self.agenda.now()
    }

    /// The changes of a job's ledger are written.
    pub(crate) fn write<'r>(
        &mut self,
        job: usize,
        records: impl IntoIterator<Item = &'r domain::ledger::SettlementRecord>,
    ) {
        let under_way = self.jobs[job].ended().is_none();
        if let Alarm::Set(at) = self.jobs[job].write(records, &self.timing) {
            self.agenda.plan(at, Event::Alarm(job, at));
        }
        if under_way && self.jobs[job].ended().is_some() {
            self.unended -= 1;
        }
    }

    /// The queue that a job's tasks travel in.
    pub(crate) fn lane_of(&self, job: usize) -> usize {
        job % self.plan.lanes
    }

    /// The queue of dead letters.
    pub(crate) fn dead_letters(&self) -> usize {
        self.plan.lanes
    }

    /// A queue does what it can do now.
    pub(crate) fn look(&mut self, queue: usize) {
        let now = self.now();
        if self.looks[queue].is_some_and(|at| at <= now) {
            self.looks[queue] = None;
        }
        loop {
            match self.queues[queue].next(now) {
                Next::Invoke(batch) => self.invoke(queue, batch),
                Next::At(at) => {
                    if self.looks[queue].is_none_or(|planned| at < planned) {
                        self.looks[queue] = Some(at);
                        self.agenda.plan(at, Event::Look(queue));
                    }
                    return;
                }
                Next::Idle => return,
            }
        }
    }

    fn invoke(&mut self, queue: usize, batch: Vec<Delivered>) {
        self.invocations += 1;
        let (id, now) = (self.invocations, self.now());
        let starts = now.after(crate::assumptions::STARTUP);
        if queue == self.dead_letters() {
            let archiving = Archiving::new(now, batch);
            let ends = starts.after(archiving.putting());
            self.archiving.insert(id, archiving);
            self.agenda.plan(ends, Event::Put(id));
        } else {
            self.gauges.deliveries += batch.len() as u64;
            self.consuming.insert(id, Consuming::new(queue, now, batch));
            self.agenda.plan(starts, Event::Consume(id));
        }
    }

    fn end_minute(&mut self) {
        let now = self.now();
        let lanes = &self.queues[..self.plan.lanes];
        let bytes = lanes.iter().map(Queue::backlog_bytes).max().unwrap_or(0);
        let age = lanes.iter().map(|lane| lane.age(now)).max().unwrap_or_default();
        let accepted = self.gauges.total(|minute| minute.accepted);
        let ended = self.gauges.total(|minute| minute.succeeded + minute.dead);
        let ending = self.gauges.at(Moment(now.0 - 1));
        (ending.open, ending.backlog_bytes, ending.age) = (accepted - ended, bytes, age);
        if self.unended > 0 {
            self.agenda.plan(now.after(MINUTE), Event::Minute);
        }
    }
}

const MINUTE: Duration = Duration::from_secs(60);
