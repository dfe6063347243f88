//! `monotask dead replay`: dead letters run again.

use clap::Args;
use serde::Deserialize;
use serde_json::Value;

use super::dry_run::{DryRun, WIDTH, letters};
use super::failure::TriageFailure;
use super::order::{Canary, Order};
use super::patch::Patch;
use super::selection::{Act, Selection};
use crate::columns::width;
use crate::commands::replays::{self, ReplayId};
use crate::commands::{Format, to_type};
use crate::confirm::{can_ask, confirmed};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::idempotency_key;
use crate::interrupt::on_interrupt;
use crate::moment::now;
use crate::output::{print, tell};
use crate::server::Server;

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask dead replay --fingerprint FINGERPRINT --dry-run
  monotask dead replay --fingerprint FINGERPRINT --patch '{\"currency\": \"EUR\"}' --canary 5,50
  monotask dead replay --task \"$job-7\" --patch @patch.json
  monotask dead replay --all --rate 100 --yes --detach

What would be done is shown first, then asked for, unless --yes is given. The letters are those that match when the
replay begins. Its progress is shown until it ends; Ctrl-C stops that, and the replay goes on.

--patch is a merge patch (RFC 7386) on each payload: fields in it are set, null removes one. --canary runs so many
letters first, each stage judged before the next, and halts where more than --halt-above of a stage fail.

Ends with exit code 1 if letters died again, were refused or canceled, if it was halted, or if you said no.";

/// The arguments of `monotask dead replay`.
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// What to change in each payload: a JSON object, or @ and the name of a file with one
    #[arg(long, value_name = "JSON | @FILE")]
    patch: Option<Patch>,
    /// Run so many first and wait for their verdicts, then so many, then the rest
    #[arg(long, value_name = "N,N…", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..))]
    canary: Vec<u32>,
    /// Halt where more than this share of a stage fails, from 0 to 1; the server has a default
    #[arg(long, value_name = "SHARE", requires = "canary", value_parser = share)]
    halt_above: Option<f64>,
    /// At most so many tasks a second
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    rate: Option<u32>,
    /// Also letters whose task succeeded after it was declared dead
    #[arg(long)]
    force: bool,
    /// Only show what would be done
    #[arg(long, conflicts_with_all = ["detach", "idempotency_key"])]
    dry_run: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Print the replay's id and do not wait for its end
    #[arg(long)]
    detach: bool,
    /// Names this replay: the same key again is the same replay. Made up if missing
    #[arg(long, value_name = "KEY", value_parser = idempotency_key::read)]
    idempotency_key: Option<String>,
    #[command(flatten)]
    selection: Selection,
}

/// The answer to a replay that was started.
#[derive(Debug, Deserialize)]
struct Started {
    replay: ReplayId,
    count: u64,
    #[serde(default)]
    duplicate: bool,
}

impl Replay {
    pub(super) fn run(self, server: &Server, format: Format) -> Result<Exit, Failure> {
        let mut order = self.order()?;
        let asks = !self.dry_run && !self.yes;
        if asks && !can_ask() {
            return Err(TriageFailure::NobodyToAsk.into());
        }
        order.dry_run = true;
        let answer = order.send(server, None)?;
        let dry_run: DryRun = server.parse(&answer)?;
        let shown = dry_run.text(width().unwrap_or(WIDTH));
        match (self.dry_run, format) {
            (true, Format::Json) => return print(&answer).map(|()| Exit::Fine),
            (true, Format::Text) => {
                print(&shown)?;
                tell("nothing was replayed: that begins without --dry-run");
                return Ok(Exit::Fine);
            }
            (false, _) => tell(shown.trim_end()),
        }
        // Under a key of the caller's there may be a replay already, which has taken all that matched.
        if dry_run.count == 0 && self.idempotency_key.is_none() {
            tell("there is nothing to replay: `monotask dead groups` shows what there is");
            return if format == Format::Json { print(&answer) } else { Ok(()) }.map(|()| Exit::Fine);
        }
        if asks && !confirmed(&format!("Replay {}?", letters(dry_run.count)), "nothing was replayed") {
            return Ok(Exit::TasksFailed);
        }
        order.dry_run = false;
        let (answer, started) = self.start(server, &order)?;
        match (self.detach, format) {
            (true, Format::Json) => print(&answer).map(|()| Exit::Fine),
            (true, Format::Text) => print(&started.replay.to_string()).map(|()| Exit::Fine),
            (false, _) => replays::follow(server, started.replay, format),
        }
    }

    fn order(&self) -> Result<Order<'_>, TriageFailure> {
        let canary = Canary { stages: &self.canary, halt_above: self.halt_above };
        Ok(Order {
            filter: self.selection.body(Act::Replay, now())?,
            patch: self.patch.as_ref(),
            canary: Some(canary).filter(|canary| !canary.stages.is_empty()),
            rate: self.rate,
            force: self.force,
            dry_run: false,
        })
    }

    fn start(&self, server: &Server, order: &Order<'_>) -> Result<(String, Started), Failure> {
        let key = self.idempotency_key.clone().map_or_else(idempotency_key::random, Ok)?;
        let unknown = self.unknown(server, &key, order);
        let last_words = unknown.clone();
        on_interrupt(move || tell(&last_words));
        let answer = order.send(server, Some(&key)).inspect_err(|failure| {
            if failure.leaves_open() {
                tell(&unknown);
            }
        })?;
        let started: Started = server.parse(&answer)?;
        let known = if started.duplicate { " is known: nothing was started twice" } else { " has begun" };
        tell(&format!("replay {} of {}{known}", started.replay, letters(started.count)));
        Ok((answer, started))
    }

    /// What to say where nobody knows whether the replay was started.
    fn unknown(&self, server: &Server, key: &str, order: &Order<'_>) -> String {
        let time = |name| order.filter.get(name).and_then(Value::as_str).map(|time| format!(" --{name} {time}"));
        let moves = self.selection.moves();
        let times: String = ["since", "until"].into_iter().filter(|_| moves).filter_map(time).collect();
        format!(
            "it is not known whether the replay was started: `{}` lists it if it was.\n\
             To be sure, run the same command with{times} --idempotency-key {key}: it starts nothing twice.",
            to_type("replays", "list", server.address())
        )
    }
}

fn share(text: &str) -> Result<f64, &'static str> {
    text.parse().ok().filter(|share| (0.0..=1.0).contains(share)).ok_or("a number from 0 to 1")
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        replay: Replay,
    }

    fn parse(args: &[&str]) -> Result<Replay, clap::Error> {
        Line::try_parse_from(std::iter::once("monotask").chain(args.iter().copied())).map(|line| line.replay)
    }

    fn order(args: &[&str]) -> Value {
        json!(parse(args).unwrap().order().unwrap())
    }

    #[test]
    fn only_what_is_given_is_asked_for() {
        assert_eq!(order(&["--all"]), json!({ "filter": { "all": true } }));
        let args = ["--kind", "simulate", "--patch", "{\"a\":null}", "--canary", "5,50", "--halt-above", "0.2"];
        let expected = json!({
            "filter": { "kind": "simulate" }, "patch": { "a": null },
            "canary": { "stages": [5, 50], "halt_above": 0.2 }, "rate": 100, "force": true,
        });
        assert_eq!(order(&[&args[..], &["--rate", "100", "--force"]].concat()), expected);
        assert_eq!(order(&["--all", "--canary", "5"])["canary"], json!({ "stages": [5] }));
    }

    #[test]
    fn what_cannot_be_is_a_usage_error() {
        for args in [
            &["--all", "--patch", "[]"][..],
            &["--all", "--canary", "0"],
            &["--all", "--canary", "5,x"],
            &["--all", "--halt-above", "0.2"],
            &["--all", "--canary", "5", "--halt-above", "20"],
            &["--all", "--rate", "0"],
            &["--all", "--dry-run", "--detach"],
        ] {
            assert_eq!(parse(args).unwrap_err().exit_code(), 2, "{args:?}");
        }
    }
}
