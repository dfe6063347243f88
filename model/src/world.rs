//! One state of the whole: the ledger as written, and everything around it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::id::{ClaimNumber, JobId, LetterPackId, PackId};
use domain::indexes::Indexes;
use domain::lane::Lane;
use domain::ledger::{Job, Ledger, SettlementRecord, Source};
use domain::time::Timestamp;

use crate::facts::Facts;
use crate::message::Message;
use crate::property::Broken;
use crate::run::Run;
use crate::setting::{Cancel, START, Setting};

/// One state of the whole. What is alike is equal: messages and consumers are kept in order, and what makes no
/// difference any more is forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    /// The one clock.
    pub now: Timestamp,
    /// The ledger: what the store holds, since a crash leaves no more of it than its last write.
    pub ledger: Arc<Ledger>,
    /// Whether the producer has heard that its tasks are accepted.
    pub accepted: bool,
    /// What the queues hold.
    pub messages: Vec<Message>,
    /// What the consumers do.
    pub runs: Vec<Run>,
    /// What the settlements say.
    pub facts: Facts,
    /// Whose letters are archived.
    pub archived: Indexes,
    /// Whose letters are archived as late successes.
    pub archived_late: Indexes,
    /// Messages sent of each pack that has unsettled tasks.
    pub sent: BTreeMap<PackId, u8>,
    /// Messages sent of each pack of letters that is not confirmed.
    pub letters_sent: BTreeMap<LetterPackId, u8>,
    /// Claims in quarantine that a fault has struck.
    pub struck: BTreeSet<(PackId, ClaimNumber)>,
    /// Faults that may still happen.
    pub faults: u8,
    /// What may still be canceled.
    pub cancel: Cancel,
    /// How often tasks may still be handed back.
    pub hand_backs: u8,
    /// Rules that this history has broken.
    pub broken: Broken,
}

impl World {
    /// The producer has packed the job and appended nothing yet.
    pub fn begin(setting: &Setting) -> Self {
        let job = Job::new(JobId::random(START, [7; 10]), None, Lane::Default, Source::Api, START);
        let mut ledger = Ledger::begin(job);
        ledger.take_changes();
        Self {
            now: START,
            ledger: Arc::new(ledger),
            accepted: false,
            messages: Vec::new(),
            runs: Vec::new(),
            facts: Facts::of(setting.tasks()),
            archived: Indexes::new(),
            archived_late: Indexes::new(),
            sent: BTreeMap::new(),
            letters_sent: BTreeMap::new(),
            struck: BTreeSet::new(),
            faults: setting.faults,
            cancel: setting.cancel,
            hand_backs: setting.hand_backs,
            broken: Broken::default(),
        }
    }

    /// A call to the ledger that is written. The index of jobs is told of each at once: it is no part of this check.
    pub fn call<T>(&mut self, call: impl FnOnce(&mut Ledger) -> T) -> T {
        let ledger = Arc::make_mut(&mut self.ledger);
        let answer = call(ledger);
        let told = ledger.indexed_state();
        if ledger.job().index.told != Some(told) {
            ledger.indexed(ledger.job().index.version, told);
        }
        ledger.take_changes();
        answer
    }

    /// Takes in what a call made final.
    pub fn record<'r>(&mut self, records: impl IntoIterator<Item = &'r SettlementRecord>) {
        records.into_iter().for_each(|record| self.facts.record(record, &mut self.broken));
    }

    /// Puts the state in the one form that stands for all that are alike, and checks it.
    pub fn close(&mut self, setting: &Setting) {
        let ledger = &self.ledger;
        for message in &mut self.messages {
            message.forget(ledger);
        }
        self.messages.sort_unstable();
        self.runs.sort_unstable();
        self.sent.retain(|id, _| ledger.pack(*id).is_some());
        self.letters_sent.retain(|id, _| ledger.letters(*id).is_some());
        self.struck.retain(|(id, claim)| ledger.pack(*id).is_some_and(|pack| pack.claim == *claim));
        self.check(setting);
    }
}
