//! What the Workers say to each other. Versioned: a Worker understands the version before its own, since four
//! Workers never deploy at one instant.

use serde::{Deserialize, Serialize};

use crate::id::{JobId, LetterPackId, PackId};
use crate::indexes::Indexes;
use crate::lane::Lane;
use crate::ledger::{ClaimAnswer, Delivery, Part, Settle, Source};
use crate::limits::SETTLEMENT_BYTES;
use crate::packing::ChunkEntry;
use crate::time::Timestamp;
use crate::views::JobView;

/// The version of the calls that are made, [`SettleCall`] apart.
pub const VERSION: u8 = 1;
/// The version of [`SettleCall`]. A ledger that knows only [`SettleOneCall`] fails it; what it was to settle is then settled
/// by that.
pub const SETTLE_VERSION: u8 = 2;
/// Bytes of reports in one [`SettleCall`]: as many as one settlement may have.
pub const SETTLE_BYTES: usize = SETTLEMENT_BYTES;

/// What a ledger is called with.
pub trait Call {
    /// The newest version of it.
    const NEWEST: u8;

    /// The version it was made in.
    fn version(&self) -> u8;
}

macro_rules! calls {
    ($($call:ident: $newest:expr),+ $(,)?) => {$(
        impl Call for $call {
            const NEWEST: u8 = $newest;

            fn version(&self) -> u8 {
                self.v
            }
        }
    )+};
}

calls! {
    AppendCall: VERSION,
    ClaimCall: VERSION,
    SettleCall: SETTLE_VERSION,
    SettleOneCall: VERSION,
    SealCall: VERSION,
    CancelCall: VERSION,
    ConfirmCall: VERSION,
    StrandedCall: VERSION,
}

/// Append a part, creating its job if it is the first. The call is this as one JSON line, then the chunks' lines in
/// the order of `chunks`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AppendCall {
    /// [`VERSION`].
    pub v: u8,
    /// The job.
    pub job: JobId,
    /// The caller's name for the job.
    #[serde(default)]
    pub name: Option<String>,
    /// The lane its tasks travel in.
    pub lane: Lane,
    /// What creates it.
    pub source: Source,
    /// Where to tell that it is completed.
    #[serde(default)]
    pub callback: Option<String>,
    /// Names the part.
    pub part: String,
    /// Hash of what the request said.
    pub content: String,
    /// Whether it is the job's last part.
    pub seal: bool,
    /// Whether the job must be there already.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub joins: bool,
    /// The index that the first task must have, where its owner goes by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<u32>,
    /// Whether the job is left out of the listing of jobs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unlisted: bool,
    /// The chunks, in order.
    pub chunks: Vec<ChunkEntry>,
}

/// The answer to [`AppendCall`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AppendAnswer<J = JobView> {
    /// Whether the part was there already: then its packs are the outbox's to send.
    pub duplicate: bool,
    /// The part as accepted.
    pub part: Part,
    /// The job after it; who does not look at it need not read it.
    pub job: J,
}

/// Claim packs of one job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClaimCall {
    /// [`VERSION`].
    pub v: u8,
    /// One for each message.
    pub claims: Vec<Claim>,
}

/// Claim one pack.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claim {
    /// The pack.
    pub pack: PackId,
    /// What brought it.
    pub delivery: Delivery,
    /// When it was sent: proof that its lane flows.
    pub sent_at: Timestamp,
}

/// The answer to [`ClaimCall`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClaimReply {
    /// One for each claim, in order.
    pub answers: Vec<ClaimAnswer>,
}

/// Settle tasks of claims that reported together: one call, one write.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SettleCall {
    /// [`SETTLE_VERSION`].
    pub v: u8,
    /// What became of them; together about [`SETTLE_BYTES`] at most, unless one alone has more.
    pub settles: Vec<Settle>,
}

/// The answer to [`SettleCall`]: exactly what to send.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SettleReply {
    /// For each settlement, in order, why it is refused, if it is.
    #[serde(default)]
    pub refused: Vec<Option<String>>,
    /// The messages.
    pub messages: Vec<OutgoingMessage>,
}

/// One settlement, as releases before 0.5.0 make all of them. Its refusal is an answer of its own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SettleOneCall {
    /// 1.
    pub v: u8,
    /// What became of them.
    pub settle: Settle,
}

/// A message ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutgoingMessage {
    /// Which queue it goes to.
    pub to: Destination,
    /// Seconds that the queue holds it back.
    pub delay_seconds: u32,
    /// Its text.
    pub body: String,
}

/// A queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// Where tasks travel.
    Lane(Lane),
    /// Where dead letters travel.
    DeadLetters,
}

impl Destination {
    /// The binding of the queue in every Worker that sends to it.
    pub const fn binding(self) -> &'static str {
        match self {
            Self::Lane(lane) => lane.binding(),
            Self::DeadLetters => "DEAD_LETTERS",
        }
    }

    /// The name of the queue.
    pub fn queue(self) -> String {
        match self {
            Self::Lane(lane) => format!("monotask-{lane}"),
            Self::DeadLetters => "monotask-dead-letters".to_owned(),
        }
    }
}

/// Seal a job: no more parts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SealCall {
    /// [`VERSION`].
    pub v: u8,
    /// How many tasks the caller counts.
    pub accepted: u32,
    /// Who seals it: a job is sealed by who created it.
    pub source: Source,
}

/// Cancel a job, or one task of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CancelCall {
    /// [`VERSION`].
    pub v: u8,
    /// The task; missing is the whole job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<u32>,
}

/// The archive has letters of one job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ConfirmCall {
    /// [`VERSION`].
    pub v: u8,
    /// One for each message that brought them.
    pub messages: Vec<Confirmed>,
}

/// The letters of one message are archived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    /// The pack of letters.
    pub letters: LetterPackId,
    /// The tasks whose letters they are.
    pub tasks: Indexes,
    /// When the message was sent: proof that the queue flows.
    pub sent_at: Timestamp,
}

/// The platform gave up on a pack's message and moved it to the dead-letters queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StrandedCall {
    /// [`VERSION`].
    pub v: u8,
    /// The pack.
    pub pack: PackId,
}

/// Tasks that one page of results looks at: each page looks at all settlements of its job, so that pages are large.
pub const PAGE_TASKS: u32 = 30_000;
/// Bytes after which a page of results ends.
pub const PAGE_BYTES: usize = 4_000_000;
/// Bytes of settlements that one page of outcomes reads: what an object has read and understood within a second.
pub const OUTCOMES_BYTES: usize = 16_000_000;
/// Settlements that one page of outcomes reads.
pub const OUTCOMES_ROWS: u32 = 20_000;
/// The header of a page of results that says how many lines it has.
pub const LINES: &str = "x-lines";
/// The header of a page of results that says where the next one begins, if there is more.
pub const NEXT_INDEX: &str = "x-next-index";
/// The code of the problem that a part is answered with whose job takes no more.
pub const JOB_FULL: &str = "job_full";
