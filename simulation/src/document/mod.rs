//! `docs/scale.md`: the answer first, then what it stands on.

mod answer;
mod tables;
mod wrap;

use crate::assumptions;
use crate::study::{Group, Ran};
use crate::summary::Summary;

/// The runs of a study, to look up.
#[derive(Debug)]
pub struct Results(Vec<Ran>);

impl Results {
    /// Those of a whole study.
    pub fn of(ran: Vec<Ran>) -> Self {
        Self(ran)
    }

    /// The runs of a group, in order.
    pub fn group(&self, group: Group) -> impl Iterator<Item = &Ran> {
        self.0.iter().filter(move |ran| ran.case.group == group)
    }

    /// Those of it in which the downstream fails this share of attempts.
    pub fn failing(&self, group: Group, failing: f64) -> Vec<&Ran> {
        self.group(group).filter(|ran| ran.case.plan.failing == failing).collect()
    }

    /// The run of a group that is called this.
    ///
    /// # Panics
    /// If there is none: the study makes what the document shows.
    pub fn labelled(&self, group: Group, label: &str, failing: f64) -> &Summary {
        let found = self.failing(group, failing).into_iter().find(|ran| ran.case.label == label);
        match found {
            Some(ran) => &ran.summary,
            None => unreachable!("{group:?} has no {label} that fails {failing}"),
        }
    }

    /// Tasks that one lane ends in an hour on the settings of production, however many come.
    pub fn capacity(&self, failing: f64) -> f64 {
        self.labelled(Group::Moves, "production", failing).pace
    }
}

/// The whole document.
pub fn document(results: &Results) -> String {
    let parts = [
        HEAD.to_owned(),
        answer::answer(results),
        answer::findings(results),
        PLOTS.to_owned(),
        tables::moves(results),
        tables::batches(results),
        tables::packs(results),
        tables::order_and_one_job(results),
        tables::uses(results),
        real(results),
        assumed(),
    ];
    wrap::wrapped(&parts.join("\n"))
}

const HEAD: &str = "# Past one machine

<!-- Written by `make scale`, numbers and all. A test holds it against the code: do not edit. -->

MonoTask was never run on Cloudflare at this size. This is a simulation: the real packing, ledgers and retries (`domain`), on the settings of
production (`config/settings/production.toml`), within the limits that Cloudflare publishes. Asked: 1, 10 and 100 million `http.request` tasks
submitted within an hour, while the downstream fails 0 %, 10 % and 100 % of attempts. What limits, where is the first wall, which setting
moves it? All jobs travel in one lane, the worst case. `make scale` runs it again: same seed, same bytes.
";

const PLOTS: &str = "## In pictures

![Tasks ended in an hour by tasks submitted in an hour](scale/pace.svg)

![Tasks that have not ended, 100 million submitted in an hour](scale/backlog.svg)

![What moves the first wall](scale/moves.svg)

![How long a job takes, and its messages, by max_batch_size](scale/batches.svg)

![Tasks ended in an hour by the downstream's latency, with and without packs](scale/packs.svg)
";

fn real(results: &Results) -> String {
    let scenarios: Vec<&Ran> = results.group(Group::Scenario).collect();
    let Some(first) = scenarios.first() else { return String::new() };
    format!(
        "## What is real, what is modelled

- **Real**: a submission is read, checked and packed by `domain::submission` ({} packs of 100 tasks a job, a task's line has {:.0} bytes). Each
  job has its `domain::ledger::Ledger`: append, claim, settle, confirm, alarm, its outbox and probes. (No wait of production's curve is longer than 15 minutes, so no pack is held back; a test has one that is.) Answers are judged by
  `domain::kinds::http_response` and `domain::verdict`; waits are those of `domain::retry`, with our jitter. Messages have the bytes of the real headers and
  lines; letters those of a real letter with its history.
- **Modelled**, from `consumers/` and `dlq/`: batches, the slots that the packs of a batch share, the lease, slices, tries to send,
  KV, D1, confirm, a batch of messages at a time. Each settlement is a request here; packs that report in the same breath share one. And the platform: queues with their rate, room and invocations, objects and D1 that do one thing at a time.
- **At the end of every run** accepted = succeeded + dead, by the ledgers' own counts.
- **Sampled**: of 10 million tasks an hour one job in 10 is simulated, of 100 million one in 50, against a tenth and a fiftieth of every limit that jobs
  share; the other runs say theirs in `simulation/src/study.rs`. Ledgers are whole, unless all tasks are one job's. A test holds samples against runs without: within 5 %, but for ledger requests, of which a sample has up to 15 % too few, since its batches bring more packs of one job.
- **Left out**: failing invocations, lost messages, cold starts, redelivery (`model/` and `make chaos` have those); the memory and CPU of a ledger;
  the triage of an operator; the account's own limits; requests of producers, which scale with their callers.
- A full D1 goes on taking letters here, so that the other limits are seen.
",
        first.summary.packs, first.summary.line_bytes
    )
}

fn assumed() -> String {
    let rows = assumptions::listed();
    let rows = rows.iter().map(|(what, value, source)| format!("| {what} | {value} | {source} |\n"));
    format!(
        "## Assumptions

Limits are in `simulation/src/limits.rs` and `domain/src/limits.rs`, each with its link. What nobody publishes is in
`simulation/src/assumptions.rs`, all of it:

| what | value | source |
|---|---|---|
{}",
        rows.collect::<String>()
    )
}
