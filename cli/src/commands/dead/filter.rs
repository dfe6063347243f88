//! Which dead letters are meant.

use clap::Args;
use clap::builder::PossibleValuesParser;
use domain::id::JobId;
use domain::kinds::Kind;
use domain::time::Timestamp;
use serde_json::{Map, Value};

use crate::moment::Moment;

/// The state that all letters are in.
const ANY: &str = "any";

/// Which dead letters are meant: those that all of it fits.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Filter")]
pub(crate) struct Filter {
    /// Only letters in this state; if missing, those that the command is about: to restore, discarded ones, otherwise
    /// open ones. `any`, to look only, is all of them
    #[arg(long, value_parser = PossibleValuesParser::new(["open", "replayed", "resolved", "discarded", ANY]))]
    state: Option<String>,
    /// Only tasks of this kind
    #[arg(long)]
    kind: Option<Kind>,
    /// Only tasks of this job
    #[arg(long)]
    job: Option<JobId>,
    /// Only those with this cause, as `monotask dead groups` lists them
    #[arg(long)]
    fingerprint: Option<String>,
    /// Only those that are dead for this reason
    #[arg(long, value_parser = PossibleValuesParser::new(["exhausted", "permanent", "crashed", "malformed"]))]
    reason: Option<String>,
    /// Only those that died then or later: an RFC 3339 time, or a span back from now such as 30m, 12h or 7d
    #[arg(long, value_name = "TIME")]
    since: Option<Moment>,
    /// Only those that died before then
    #[arg(long, value_name = "TIME")]
    until: Option<Moment>,
    /// Only those with all these words in their error: `word`, `word*`, or `"a phrase"`
    #[arg(long, short, value_name = "WORDS")]
    query: Option<String>,
    /// Only those that this entry of the journal discarded
    #[arg(long, value_name = "ENTRY")]
    journal: Option<u64>,
}

/// A filter asks for letters in any state, where they must be in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AnyState;

impl Filter {
    /// The query of a list: of open letters, unless it says otherwise.
    pub(super) fn query(&self, now: Timestamp) -> Vec<(&'static str, String)> {
        let state = self.state.as_deref().unwrap_or("open");
        let state = (state != ANY).then(|| ("state", state.to_owned()));
        let text = |value: Value| match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        state.into_iter().chain(self.others(now).into_iter().map(|(name, value)| (name, text(value)))).collect()
    }

    /// The filter of an act; empty if it says nothing.
    pub(super) fn body(&self, now: Timestamp) -> Result<Map<String, Value>, AnyState> {
        let state = self.state.as_deref();
        if state == Some(ANY) {
            return Err(AnyState);
        }
        let state = state.map(|state| ("state", state.into()));
        Ok(state.into_iter().chain(self.others(now)).map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// Whether it means another time when it is typed again.
    pub(super) fn moves(&self) -> bool {
        [self.since, self.until].into_iter().flatten().any(|moment| matches!(moment, Moment::Ago(_)))
    }

    /// All but the state.
    fn others(&self, now: Timestamp) -> Vec<(&'static str, Value)> {
        let time = |moment: Option<Moment>| moment.map(|moment| moment.resolve(now).to_string());
        let named = [
            ("kind", self.kind.map(|kind| kind.name().to_owned())),
            ("job", self.job.map(|job| job.to_string())),
            ("fingerprint", self.fingerprint.clone()),
            ("reason", self.reason.clone()),
            ("since", time(self.since)),
            ("until", time(self.until)),
            ("q", self.query.clone()),
        ];
        let named = named.into_iter().filter_map(|(name, value)| Some((name, Value::from(value?))));
        named.chain(self.journal.map(|entry| ("journal", entry.into()))).collect()
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_792_000_000_000);

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        filter: Filter,
    }

    fn filter(args: &[&str]) -> Filter {
        Line::try_parse_from(std::iter::once("monotask").chain(args.iter().copied())).unwrap().filter
    }

    #[test]
    fn a_list_is_of_open_letters_unless_told() {
        for (args, query) in [
            (&[][..], vec![("state", "open".to_owned())]),
            (&["--state", "discarded"], vec![("state", "discarded".to_owned())]),
            (&["--state", "any"], vec![]),
        ] {
            assert_eq!(filter(args).query(NOW), query);
        }
    }

    #[test]
    fn everything_that_is_given_is_asked_for_under_the_names_of_the_api() {
        let job = "0199f0c2a0007abc8def0123456789ab";
        let args = "--state open --kind simulate --reason exhausted --fingerprint f1 --since 1h -q busy* --journal 7";
        let args =
            [&args.split(' ').collect::<Vec<_>>()[..], &["--until", "2027-01-15T08:00:00Z", "--job", job]].concat();
        let expected = json!({
            "state": "open", "kind": "simulate", "job": job, "fingerprint": "f1", "reason": "exhausted",
            "since": "2026-10-14T16:46:40.000Z", "until": "2027-01-15T08:00:00.000Z", "q": "busy*", "journal": 7,
        });
        assert_eq!(Value::from(filter(&args).body(NOW).unwrap()), expected);
        let query = filter(&args).query(NOW);
        assert_eq!(query.len(), 9);
        assert!(query.contains(&("journal", "7".to_owned())) && query.contains(&("q", "busy*".to_owned())));
    }

    #[test]
    fn an_act_has_no_state_of_its_own_and_none_on_any() {
        assert!(filter(&[]).body(NOW).unwrap().is_empty());
        assert_eq!(filter(&["--state", "any"]).body(NOW), Err(AnyState));
    }

    #[test]
    fn a_span_moves_and_a_time_does_not() {
        assert!(filter(&["--until", "5m"]).moves());
        assert!(!filter(&["--since", "2027-01-15T08:00:00Z"]).moves());
    }

    #[test]
    fn what_cannot_be_is_a_usage_error() {
        for args in
            [["--state", "dead"], ["--reason", "bad"], ["--since", "yesterday"], ["--kind", "x"], ["--journal", "a"]]
        {
            assert!(Line::try_parse_from(["monotask", args[0], args[1]]).is_err(), "{args:?}");
        }
    }
}
