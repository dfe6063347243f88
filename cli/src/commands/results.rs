//! `monotask results`: what became of each task, a line of JSON each.

use std::io::{self, BufRead, BufReader, Write};
use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;
use domain::id::JobId;
use domain::ledger::TaskState;
use serde::Deserialize;

use crate::exit::Exit;
use crate::failure::{Broken, Failure};
use crate::output::tell;
use crate::server::Server;

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask results 0199f0c2a0007abc8def0123456789ab > results.ndjson
  monotask results \"$job\" --status dead | jq -r .error.class | sort | uniq -c
  monotask results \"$job\" --from 1000 --limit 10

The output is NDJSON with and without --json.";

/// The arguments of `monotask results`.
#[derive(Debug, Args)]
pub(crate) struct Results {
    /// The job's id
    job: JobId,
    /// Only tasks that are here
    #[arg(long, value_parser = PossibleValuesParser::new(TaskState::ALL.map(TaskState::name)))]
    status: Option<String>,
    /// Begin at this place in the job, counted from 0
    #[arg(long, value_name = "INDEX")]
    from: Option<u32>,
    /// At most this many lines
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
}

/// How often a stream that broke off is taken up again without a line in between.
const BREAKS: u32 = 3;

impl Results {
    pub(super) fn run(self, server: &Server) -> Result<Exit, Failure> {
        let path = format!("/v1/jobs/{}/results", self.job);
        let mut out = io::BufWriter::new(io::stdout().lock());
        let (mut from, mut left, mut breaks) = (self.from, self.limit, 0);
        while left != Some(0) {
            let lines = BufReader::new(server.open(&path, &query(self.status.as_deref(), from, left))?);
            let streamed = stream(lines, &mut out).map_err(Failure::Unwritable)?;
            let Some(cause) = streamed.broke_off else { break };
            // The last whole line says where to go on.
            breaks = if streamed.lines == 0 { breaks + 1 } else { 1 };
            if breaks > BREAKS {
                return Err(Failure::Unreachable(server.address().clone(), Broken::BrokeOff, cause.to_string()));
            }
            from = streamed.next.or(from);
            left = left.map(|left| left.saturating_sub(streamed.lines));
            tell(&format!("the connection broke ({cause}); going on from {}", from.unwrap_or_default()));
            std::thread::sleep(Duration::from_secs(breaks.into()));
        }
        out.flush().map_err(Failure::Unwritable)?;
        Ok(Exit::Fine)
    }
}

fn query(status: Option<&str>, from: Option<u32>, limit: Option<u32>) -> Vec<(&'static str, String)> {
    let status = status.map(|status| ("status", status.to_owned()));
    let from = from.map(|from| ("from", from.to_string()));
    let limit = limit.map(|limit| ("limit", limit.to_string()));
    [status, from, limit].into_iter().flatten().collect()
}

/// How far a stream got.
#[derive(Debug, Default)]
struct Streamed {
    /// Whole lines.
    lines: u32,
    /// The place after the last one.
    next: Option<u32>,
    /// Why it ended before its end.
    broke_off: Option<io::Error>,
}

/// Copies whole lines. An error of `out` is returned, one of `lines` is noted.
fn stream(mut lines: impl BufRead, out: &mut impl Write) -> io::Result<Streamed> {
    #[derive(Deserialize)]
    struct Place {
        index: u32,
    }
    let mut streamed = Streamed::default();
    let mut line = Vec::new();
    let mut last = Vec::new();
    loop {
        line.clear();
        match lines.read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) => {
                out.write_all(&line)?;
                streamed.lines += 1;
                std::mem::swap(&mut line, &mut last);
            }
            Err(error) => {
                streamed.broke_off = Some(error);
                break;
            }
        }
    }
    streamed.next = serde_json::from_slice(&last).ok().map(|Place { index }| index + 1);
    Ok(streamed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes, then breaks.
    struct Breaking<'a>(&'a [u8]);

    impl io::Read for Breaking<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                return Err(io::ErrorKind::ConnectionReset.into());
            }
            self.0.read(into)
        }
    }

    #[test]
    fn a_broken_stream_ends_at_a_whole_line_and_says_where_to_go_on() {
        let body = b"{\"index\":4,\"a\":1}\n{\"index\":9}\n{\"index\":1";
        let mut out = Vec::new();
        let streamed = stream(BufReader::new(Breaking(body)), &mut out).unwrap();
        assert_eq!(out, b"{\"index\":4,\"a\":1}\n{\"index\":9}\n");
        assert_eq!((streamed.lines, streamed.next, streamed.broke_off.is_some()), (2, Some(10), true));
    }

    #[test]
    fn a_whole_stream_is_copied_as_it_is() {
        let body = b"{\"index\":4}\n{\"index\":5}";
        let mut out = Vec::new();
        let streamed = stream(&body[..], &mut out).unwrap();
        assert_eq!((out.as_slice(), streamed.broke_off.is_none()), (&body[..], true));
    }

    #[test]
    fn only_what_is_asked_for_stands_in_the_query() {
        assert_eq!(query(None, None, None), []);
        let all = query(Some("dead"), Some(7), Some(2));
        assert_eq!(all, [("status", "dead".to_owned()), ("from", "7".to_owned()), ("limit", "2".to_owned())]);
    }
}
