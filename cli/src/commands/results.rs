//! `monotask results`: what became of each task, a line of JSON each.

use std::io::{self, BufRead, BufReader, Write};
use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;
use domain::id::JobId;
use domain::ledger::TaskState;
use domain::views::{JobView, ResultsEnd};
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

The output is NDJSON with and without --json. Where the connection breaks it is taken up again; results that are not whole end
with exit code 4.";

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
        // All of them: then it is known before how many there must be at least.
        let least = match (&self.status, self.limit) {
            (None, None) => self.accepted(server)?.saturating_sub(self.from.unwrap_or_default()).into(),
            _ => 0,
        };
        let path = format!("/v1/jobs/{}/results", self.job);
        let mut out = io::BufWriter::new(io::stdout().lock());
        let (mut from, mut left, mut breaks, mut lines) = (self.from, self.limit, 0, 0);
        while left != Some(0) {
            let body = BufReader::new(server.open(&path, &query(self.status.as_deref(), from, left))?);
            let streamed = stream(body, &mut out).map_err(Failure::Unwritable)?;
            lines += u64::from(streamed.lines);
            let Some(cause) = streamed.broke_off else { break };
            // The last whole line says where to go on.
            breaks = if streamed.lines == 0 { breaks + 1 } else { 1 };
            if breaks > BREAKS {
                out.flush().map_err(Failure::Unwritable)?;
                let cause = format!("the results are not whole, {lines} lines came: {cause}");
                return Err(Failure::Unreachable(server.address().clone(), Broken::BrokeOff, cause));
            }
            from = streamed.next.or(from);
            left = left.map(|left| left.saturating_sub(streamed.lines));
            tell(&format!("the connection broke ({cause}); going on from {}", from.unwrap_or_default()));
            std::thread::sleep(Duration::from_secs(breaks.into()));
        }
        out.flush().map_err(Failure::Unwritable)?;
        if lines < least {
            let cause = format!("the results are not whole: {lines} lines came, of {least} tasks");
            return Err(Failure::Unintelligible(server.address().clone(), cause));
        }
        Ok(Exit::Fine)
    }

    fn accepted(&self, server: &Server) -> Result<u32, Failure> {
        let view: JobView = server.parse(&server.get(&format!("/v1/jobs/{}", self.job), &[])?)?;
        Ok(view.counts.accepted)
    }
}

fn query(status: Option<&str>, from: Option<u32>, limit: Option<u32>) -> Vec<(&'static str, String)> {
    let status = status.map(|status| ("status", status.to_owned()));
    let from = from.map(|from| ("from", from.to_string()));
    let limit = limit.map(|limit| ("limit", limit.to_string()));
    [status, from, limit, Some(("end", "true".to_owned()))].into_iter().flatten().collect()
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

/// Copies the lines of tasks, up to the line that says that there are no more. A stream without it has broken off, whatever
/// the connection says. An error of `out` is returned, one of `lines` is noted.
fn stream(mut lines: impl BufRead, out: &mut impl Write) -> io::Result<Streamed> {
    #[derive(Deserialize)]
    struct Place {
        index: u32,
    }
    let mut streamed = Streamed::default();
    let mut line = Vec::new();
    let mut last = Vec::new();
    streamed.broke_off = loop {
        line.clear();
        match lines.read_until(b'\n', &mut line) {
            Ok(_) if !line.ends_with(b"\n") => break Some(ended_early("before its last line")),
            Ok(_) if line.starts_with(br#"{"end":"#) => break check_end(&line, streamed.lines),
            Ok(_) => {
                out.write_all(&line)?;
                streamed.lines += 1;
                std::mem::swap(&mut line, &mut last);
            }
            Err(error) => break Some(error),
        }
    };
    streamed.next = serde_json::from_slice(&last).ok().map(|Place { index }| index + 1);
    Ok(streamed)
}

/// Holds what came against what the last line says.
fn check_end(line: &[u8], lines: u32) -> Option<io::Error> {
    match serde_json::from_slice(line) {
        Ok(ResultsEnd { end: true, lines: said }) if said == u64::from(lines) => None,
        Ok(ResultsEnd { lines: said, .. }) => Some(ended_early(&format!("{lines} of {said} lines came"))),
        Err(error) => Some(error.into()),
    }
}

fn ended_early(how: &str) -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, format!("the stream ended early: {how}"))
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
    fn a_whole_stream_is_copied_without_its_last_line() {
        let body = b"{\"index\":4}\n{\"index\":5}\n{\"end\":true,\"lines\":2}\n";
        let mut out = Vec::new();
        let streamed = stream(&body[..], &mut out).unwrap();
        assert_eq!((out.as_slice(), streamed.broke_off.is_none()), (&body[..24], true));
    }

    #[test]
    fn a_stream_without_its_last_line_or_with_too_few_has_broken_off() {
        for (body, next) in [
            ("", None),
            ("{\"index\":4}\n", Some(5)),
            ("{\"index\":4}\n{\"index\":5", Some(5)),
            ("{\"index\":4}\n{\"end\":true,\"lines\":2}\n", Some(5)),
            ("{\"index\":4}\n{\"end\":true,\"lines\":1}", Some(5)),
        ] {
            let streamed = stream(body.as_bytes(), &mut Vec::new()).unwrap();
            assert_eq!((streamed.broke_off.is_some(), streamed.next), (true, next), "{body}");
        }
    }

    #[test]
    fn only_what_is_asked_for_stands_in_the_query() {
        assert_eq!(query(None, None, None), [("end", "true".to_owned())]);
        let all = query(Some("dead"), Some(7), Some(2));
        assert_eq!(
            all,
            [("status", "dead"), ("from", "7"), ("limit", "2"), ("end", "true")]
                .map(|(name, value)| (name, value.to_owned()))
        );
    }
}
