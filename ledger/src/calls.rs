//! Calls that change a job.

use std::str;

use domain::calls::{
    AppendAnswer, AppendCall, Claim, ClaimCall, ClaimReply, ConfirmCall, SettleCall, SettleOneCall, SettleReply,
    StrandedCall,
};
use domain::id::{ChunkId, PackId};
use domain::indexes::Indexes;
use domain::ledger::{
    AppendRefusal, Appended, ClaimAnswer, Idle, Job, Ledger, NewChunk, NewPart, Part, Past, Rest, SettlementRecord,
};
use domain::outgoing::ChunkHead;
use domain::packing::ChunkEntry;
use domain::time::Timestamp;
use domain::views::JobView;
use worker::Result;

use crate::answer::Answer;
use crate::endings::understand;
use crate::job_ledger_do::{JobLedger, Rows};
use crate::store::{NewChunkRow, Store};

impl JobLedger {
    /// Appends a part, creating the job with its first.
    pub(crate) async fn append(&self, body: &[u8]) -> Result<Answer> {
        let text = str::from_utf8(body).map_err(|error| error.to_string())?;
        let (head, lines) = text.split_once('\n').ok_or("an append without chunks")?;
        let call: AppendCall = understand(head.as_bytes())?;
        // What can be wrong with the call is found before anything is decided.
        let pieces = cut(&call.chunks, lines)?;
        let (now, timing) = (self.now(), self.timing()?);
        let is_new = self.look(|_| ())?.is_none();
        if is_new && call.joins {
            return Ok(Answer::Unknown);
        }
        if is_new {
            let mut job = Job::new(call.job, call.name.clone(), call.lane, call.source, now);
            job.callback.clone_from(&call.callback);
            job.unlisted = call.unlisted;
            self.begin(Ledger::begin(job));
        }
        let chunks = call.chunks.iter();
        let part = NewPart {
            key: call.part,
            content: call.content,
            chunks: chunks
                .map(|c| NewChunk { kind: c.kind, due: c.due, indexes: c.indexes.clone(), bytes: c.bytes })
                .collect(),
            seal: call.seal,
            owner: call.source,
            at: call.at,
        };
        let appended = self.decide(|ledger| ledger.append(now, part, &timing))?;
        let (part, duplicate) = match appended.ok_or("the job is gone")? {
            Ok(Appended::New(part)) => (part, false),
            Ok(Appended::Repeat(part)) => (part, true),
            Err(refusal) => {
                if is_new {
                    self.forget();
                }
                return Ok(match refusal {
                    AppendRefusal::Full(full) => Answer::Full(full.to_string()),
                    refusal => Answer::Refused(refusal.to_string()),
                });
            }
        };
        let rows: Vec<NewChunkRow<'_>> = if duplicate { Vec::new() } else { rows(&part, &call.chunks, &pieces)? };
        self.commit(Rows { chunks: &rows, settlements: &[], is_new }).await?;
        tracing::debug!(job = %call.job, tasks = part.tasks, packs = rows.len(), duplicate, "appended");
        let job = self.look(JobView::of)?.ok_or("the job is gone")?;
        Answer::json(&AppendAnswer { duplicate, part, job })
    }

    /// Claims packs for the messages that brought them.
    pub(crate) async fn claim(&self, body: &[u8]) -> Result<Answer> {
        let call: ClaimCall = understand(body)?;
        let (now, timing) = (self.now(), self.timing()?);
        let claimed = self.decide(|ledger| {
            let claim = |claim: &Claim| ledger.claim(now, claim.pack, &claim.delivery, claim.sent_at, &timing);
            call.claims.iter().map(claim).map(|claimed| (claimed.answer, claimed.record)).unzip()
        })?;
        // A message of a job that does not exist any more has nothing to do.
        let unknown = || (vec![ClaimAnswer::Idle(Idle::Unknown); call.claims.len()], Vec::new());
        let (answers, records): (Vec<ClaimAnswer>, Vec<Option<SettlementRecord>>) = claimed.unwrap_or_else(unknown);
        let settlements: Vec<SettlementRecord> = records.into_iter().flatten().collect();
        self.commit(Rows { settlements: &settlements, ..Rows::default() }).await?;
        Answer::json(&ClaimReply { answers })
    }

    /// Settles what arrived together with one write, and answers exactly what to send.
    pub(crate) async fn settle(&self, body: &[u8]) -> Result<Answer> {
        let (call, alone) = settle_call(body)?;
        let (now, timing) = (self.now(), self.timing()?);
        let settled: Vec<(PackId, Rest)> = call.settles.iter().map(|settle| (settle.pack, settle.rest)).collect();
        let past = Settlements { store: self.store() };
        let Some(together) = self.decide(|ledger| ledger.settle_together(now, call.settles, &past, &timing))? else {
            return Ok(Answer::Unknown);
        };
        self.commit(Rows { settlements: &together.records, ..Rows::default() }).await?;
        let mut refused = Vec::with_capacity(settled.len());
        let mut sends = Vec::new();
        for ((pack, rest), answer) in settled.into_iter().zip(together.answers) {
            refused.push(match answer {
                Ok(more) => {
                    tracing::debug!(%pack, ?rest, "settled");
                    sends.extend(more);
                    None
                }
                Err(refusal) => {
                    tracing::warn!(%pack, %refusal, "settlement refused");
                    Some(refusal.to_string())
                }
            });
        }
        if alone && let Some(Some(detail)) = refused.pop() {
            return Ok(Answer::Refused(detail));
        }
        // Packs before letters: if not all fits the answer, letters are sent again sooner.
        sends.sort_unstable();
        let messages = self.reply(now, &sends).await?;
        self.log_if_completed(now);
        Answer::json(&SettleReply { refused, messages })
    }

    fn log_if_completed(&self, now: Timestamp) {
        let completed = self.look(|ledger| (ledger.job().completed_at == Some(now)).then_some(ledger.job().id));
        if let Ok(Some(Some(job))) = completed {
            tracing::info!(%job, "completed");
        }
    }

    /// Notes that the archive has letters.
    pub(crate) async fn confirm(&self, body: &[u8]) -> Result<Answer> {
        let call: ConfirmCall = understand(body)?;
        let now = self.now();
        self.decide(|ledger| {
            call.messages.iter().for_each(|one| ledger.confirm(now, one.letters, &one.tasks, one.sent_at));
        })?;
        self.commit(Rows::default()).await?;
        Ok(Answer::Json("null".to_owned()))
    }

    /// Notes that the platform gave up delivering a pack.
    pub(crate) async fn stranded(&self, body: &[u8]) -> Result<Answer> {
        let call: StrandedCall = understand(body)?;
        let now = self.now();
        self.decide(|ledger| ledger.stranded(now, call.pack))?;
        self.commit(Rows::default()).await?;
        Ok(Answer::Json("null".to_owned()))
    }
}

/// Reads a settlement of either version, and whether it is one alone, of version 1: its refusal is an answer of its own.
fn settle_call(body: &[u8]) -> Result<(SettleCall, bool)> {
    understand(body).map(|call| (call, false)).or_else(|error| match understand(body) {
        Ok(SettleOneCall { v, settle }) => Ok((SettleCall { v, settles: vec![settle] }, true)),
        Err(_) => Err(error),
    })
}

/// Cuts the lines of an append into those of its chunks.
fn cut<'l>(chunks: &[ChunkEntry], mut lines: &'l str) -> Result<Vec<&'l str>> {
    let mut pieces = Vec::with_capacity(chunks.len());
    for chunk in chunks {
        let (mine, rest) = lines.split_at_checked(chunk.bytes).ok_or("an append with too few lines")?;
        let count = memchr::memchr_iter(b'\n', mine.as_bytes()).count();
        if count == 0 || count != chunk.indexes.len() as usize {
            return Err("a chunk whose lines are not its tasks".into());
        }
        lines = rest;
        pieces.push(mine);
    }
    Ok(pieces)
}

fn rows<'l>(part: &Part, chunks: &[ChunkEntry], pieces: &[&'l str]) -> Result<Vec<NewChunkRow<'l>>> {
    let row = |(at, (chunk, lines)): (usize, (&ChunkEntry, &&'l str))| {
        let indexes = chunk.indexes.shifted(part.base).ok_or("indexes out of range")?;
        let id = ChunkId(part.first_chunk.0 + at as u32);
        let head = ChunkHead { kind: chunk.kind, base: part.base, accepted_at: part.accepted_at, indexes };
        Ok(NewChunkRow { id, head, lines })
    };
    chunks.iter().zip(pieces).enumerate().map(row).collect()
}

/// What was settled before, read only when a report comes late.
struct Settlements {
    store: Store,
}

impl Past for Settlements {
    fn dead(&self, tasks: &Indexes) -> Indexes {
        self.dead_of(tasks).unwrap_or_else(|error| {
            // The letter stays as it is; the task has ended either way.
            tracing::error!(%error, "late reports could not be looked up");
            Indexes::new()
        })
    }

    fn of_chunk(&self, chunk: ChunkId) -> Indexes {
        self.store.chunk_tasks(chunk).unwrap_or_else(|error| {
            // A report that cannot be checked is refused, and comes again.
            tracing::error!(%error, "the tasks of a chunk could not be looked up");
            Indexes::new()
        })
    }
}

impl Settlements {
    fn dead_of(&self, tasks: &Indexes) -> Result<Indexes> {
        let mut dead = Indexes::new();
        let Some((first, last)) = domain::outgoing::span(tasks) else { return Ok(dead) };
        // Row by row: of a kind that is rare in its job, the span is the whole job.
        for record in self.store.each_settlement(None, first, last)? {
            let record = record?;
            dead.extend(&record.dead.iter().map(|(index, ..)| *index).collect());
            dead.subtract(&record.late);
        }
        Ok(dead.intersection(tasks))
    }
}
