//! The systems that MonoTask is compared with: programs in `bench/peers/<name>/`, each in its own idiom.
//!
//! A program starts its servers and workers in a folder it is given, says on its output that it is ready, does the work,
//! says how long it took, and stops what it started: also when its input ends, which is how it learns that we are gone.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Stdio};

use ::tests::processes::signal;
use ::tests::root;
use ::tests::state::State;
use nix::sys::signal::Signal;
use serde::Deserialize;

use crate::memory::MemoryWatch;
use crate::outcome::{About, Bulk, Latencies, Outcome};
use crate::sink::Sink;
use crate::work::{Does, Work};

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its folder's name.
    pub name: &'static str,
    /// Its name in tables.
    pub title: &'static str,
}

/// All of them.
pub const PEERS: [Peer; 3] = [
    Peer { name: "one-per-message", title: "TypeScript Worker, one task per message" },
    Peer { name: "bullmq", title: "BullMQ on Redis" },
    Peer { name: "graphile-worker", title: "Graphile Worker on PostgreSQL" },
];

/// A line that a program prints.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Ready {
        #[serde(rename = "ready")]
        _ready: bool,
        processes: Vec<Serving>,
    },
    Skipped {
        skipped: String,
    },
    Broke {
        problem: String,
    },
    Bulk {
        distinct: u32,
        repeated: u64,
        accepted_ms: f64,
        settled_ms: f64,
        #[serde(flatten)]
        about: AboutLine,
    },
    Latency {
        latencies_ms: Vec<f64>,
    },
}

#[derive(Deserialize)]
struct Serving {
    pid: u32,
}

#[derive(Deserialize)]
struct AboutLine {
    versions: BTreeMap<String, String>,
    #[serde(default)]
    settings: BTreeMap<String, serde_json::Value>,
}

impl From<AboutLine> for About {
    fn from(line: AboutLine) -> Self {
        let text = |value: serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let settings = line.settings.into_iter().map(|(name, value)| (name, text(value))).collect();
        Self { versions: line.versions, settings }
    }
}

impl Peer {
    /// Has it do `work`.
    ///
    /// # Errors
    /// A program that does not keep to what is said above.
    pub fn bulk(self, work: Work) -> io::Result<(Outcome<Bulk>, Option<About>)> {
        let sink = (work.does == Does::HttpRequest).then(|| Sink::start(work.tasks)).transpose()?;
        let mut args = vec!["--measure".to_owned(), "bulk".to_owned()];
        args.extend(sink.iter().flat_map(|sink| ["--sink".to_owned(), sink.url()]));
        let (last, memory) = self.run(work, &args)?;
        match last {
            Line::Bulk { distinct, repeated, accepted_ms, settled_ms, about } => {
                let called = sink.map_or(u64::from(work.tasks), |sink| sink.calls().distinct());
                let done = distinct == work.tasks && called == u64::from(work.tasks);
                let bulk = Bulk { accepted_ms, settled_ms, memory, repeated, ledger: None };
                let problem = || format!("{distinct} of {} tasks were done; {called} called", work.tasks);
                let outcome = if done { Outcome::Done(bulk) } else { Outcome::Broke { problem: problem() } };
                Ok((outcome, Some(about.into())))
            }
            other => Ok((self.other(other)?, None)),
        }
    }

    /// Has it do `tasks` single tasks one after the other.
    ///
    /// # Errors
    /// As [`Self::bulk`].
    pub fn latency(self, tasks: u32) -> io::Result<Outcome<Latencies>> {
        let args = ["--measure".to_owned(), "latency".to_owned()];
        match self.run(Work::tiny(tasks), &args)?.0 {
            Line::Latency { mut latencies_ms, .. } => {
                latencies_ms.sort_by(f64::total_cmp);
                Ok(Outcome::Done(Latencies { ms: latencies_ms }))
            }
            other => self.other(other),
        }
    }

    /// What a program says that did not do its work.
    fn other<T>(self, line: Line) -> io::Result<Outcome<T>> {
        match line {
            Line::Skipped { skipped } => Ok(Outcome::Skipped { why: skipped }),
            Line::Broke { problem } => Ok(Outcome::Broke { problem }),
            Line::Ready { .. } | Line::Bulk { .. } | Line::Latency { .. } => {
                Err(io::Error::other(format!("{} did not say how it ended", self.name)))
            }
        }
    }

    fn run(self, work: Work, args: &[String]) -> io::Result<(Line, u64)> {
        let state = State::new();
        let mut program = Program::start(self, work, args, state.folder().to_owned())?;
        let mut last = program.line()?;
        let mut memory = 0;
        if let Line::Ready { processes, .. } = &last {
            let watch = MemoryWatch::of(processes.iter().map(|process| process.pid).collect());
            last = program.line()?;
            memory = watch.most();
        }
        program.end()?;
        Ok((last, memory))
    }
}

/// A program while it runs. Told to stop when dropped.
struct Program {
    name: &'static str,
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Program {
    fn start(peer: Peer, work: Work, args: &[String], state: PathBuf) -> io::Result<Self> {
        let mut command = ::tests::node();
        command.current_dir(root().join("bench/peers").join(peer.name)).arg("run.mjs").args(args);
        command.args(["--tasks", &work.tasks.to_string(), "--bytes", &work.bytes.to_string()]);
        command.arg("--state").arg(state).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let stdout = child.stdout.take().ok_or_else(|| io::Error::other("no output"))?;
        Ok(Self { name: peer.name, child, lines: BufReader::new(stdout) })
    }

    fn line(&mut self) -> io::Result<Line> {
        let mut text = String::new();
        if self.lines.read_line(&mut text)? == 0 {
            let status = self.child.wait()?;
            return Ok(Line::Broke {
                problem: format!("it ended without a word ({status}); what it complained of is above"),
            });
        }
        serde_json::from_str(&text).map_err(|error| io::Error::other(format!("{} said {text:?}: {error}", self.name)))
    }

    fn end(&mut self) -> io::Result<()> {
        drop(self.child.stdin.take());
        self.child.wait().map(drop)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            signal(self.child.id(), Signal::SIGTERM);
            // It has ended, or cannot be waited for.
            let _ = self.child.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_told_from_the_others() {
        let read = |text: &str| serde_json::from_str::<Line>(text).unwrap();
        assert!(
            matches!(read(r#"{"ready":true,"processes":[{"pid":7,"role":"redis"}]}"#), Line::Ready { processes, .. } if processes[0].pid == 7)
        );
        assert!(matches!(read(r#"{"skipped":"no redis"}"#), Line::Skipped { .. }));
        assert!(matches!(
            read(r#"{"done":false,"tasks":2,"distinct":1,"accepted_ms":null,"problem":"stuck"}"#),
            Line::Broke { .. }
        ));
        let done = r#"{"done":true,"tasks":2,"distinct":2,"repeated":0,"accepted_ms":1.5,"settled_ms":2.5,"versions":{"a":"1"},"settings":{"n":3}}"#;
        let Line::Bulk { distinct: 2, about, .. } = read(done) else { panic!("{done}") };
        assert_eq!(About::from(about).settings["n"], "3");
        assert!(matches!(read(r#"{"done":true,"latencies_ms":[1,2],"versions":{}}"#), Line::Latency { .. }));
    }

    #[test]
    fn every_peer_has_its_folder() {
        for peer in PEERS {
            assert!(root().join("bench/peers").join(peer.name).join("run.mjs").exists(), "{}", peer.name);
        }
    }
}
