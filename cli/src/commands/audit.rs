//! `monotask audit`: does every task add up?

use clap::Args;
use domain::audit::Audit;
use domain::id::JobId;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{Format, job, jobs};
use crate::exit::Exit;
use crate::failure::{Broken, Failure};
use crate::output::print;
use crate::server::Server;
use crate::table::{grouped, render};

pub(crate) const EXAMPLES: &str = "\
Examples:
  monotask audit 0199f0c2a0007abc8def0123456789ab
  monotask audit \"$job\" --json | jq .differences
  monotask audit --all
  monotask audit --all --json | jq -r '.differing[].job'

--all audits every listed job; tasks submitted alone are not listed. A job that the server cannot audit now is named,
and the others are still audited.

Ends with exit code 1 if anything differs, and with 4 if a job could not be audited.";

/// The arguments of `monotask audit`.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct AuditArgs {
    /// The job's id
    job: Option<JobId>,
    /// Every listed job, one after the other; tasks submitted alone are not listed
    #[arg(long)]
    all: bool,
}

impl AuditArgs {
    pub(super) fn run(self, server: &Server, format: Format) -> Result<Exit, Failure> {
        match self.job {
            Some(job) => one(server, job, format),
            None => all(server, format),
        }
    }
}

fn one(server: &Server, id: JobId, format: Format) -> Result<Exit, Failure> {
    let body = server.get(&path(id), &[])?;
    let audit: Audit = server.parse(&body)?;
    match format {
        Format::Json => print(&body)?,
        Format::Text => print(&text(&audit))?,
    }
    Ok(if audit.clean { Exit::Fine } else { Exit::TasksFailed })
}

/// What the audits of all listed jobs found.
#[derive(Debug, Default, Serialize)]
struct Findings {
    /// Jobs that were audited.
    audited: u64,
    /// Jobs that were gone when their turn came.
    vanished: u64,
    /// Those that differ.
    differing: Vec<Finding>,
    /// Those that the server could not audit.
    unreadable: Vec<Unreadable>,
}

#[derive(Debug, Serialize)]
struct Finding {
    job: JobId,
    audit: Box<RawValue>,
}

#[derive(Debug, Serialize)]
struct Unreadable {
    job: JobId,
    error: String,
}

fn all(server: &Server, format: Format) -> Result<Exit, Failure> {
    let bar = bar(format);
    let audited = audit_all(server, format, &bar);
    bar.finish_and_clear();
    let findings = audited?;
    match format {
        Format::Json => print(&serde_json::json!(findings).to_string())?,
        Format::Text => print(&findings.summary())?,
    }
    Ok(findings.exit())
}

fn audit_all(server: &Server, format: Format, bar: &ProgressBar) -> Result<Findings, Failure> {
    // All ids first: a page's cursor need not outlive the audits of its jobs.
    let jobs = jobs::ids(server)?;
    bar.set_length(jobs.len() as u64);
    let mut findings = Findings::default();
    for job in jobs {
        let say = |what: &str| match format {
            Format::Text => bar.suspend(|| print(&format!("{job}  {what}"))),
            Format::Json => Ok(()),
        };
        let answer = server.get(&path(job), &[]);
        bar.inc(1);
        let body = match answer {
            Err(Failure::Refused(404 | 410, _)) => {
                findings.vanished += 1;
                continue;
            }
            Err(failure) if is_of_one_job(&failure) => {
                let error = failure.to_string().lines().next().unwrap_or_default().to_owned();
                say(&format!("unreadable: {error}"))?;
                findings.unreadable.push(Unreadable { job, error });
                bar.set_message(findings.troubles());
                continue;
            }
            answer => answer?,
        };
        let audit: Audit = server.parse(&body)?;
        findings.audited += 1;
        if !audit.clean {
            say(&audit.differences.join("; "))?;
            findings.differing.push(Finding { job, audit: server.parse(&body)? });
            bar.set_message(findings.troubles());
        }
    }
    Ok(findings)
}

/// Whether the audits of other jobs may fare better: the server is there.
fn is_of_one_job(failure: &Failure) -> bool {
    matches!(failure, Failure::Unavailable(..) | Failure::Unreachable(_, Broken::BrokeOff, _))
}

fn path(job: JobId) -> String {
    format!("{}/audit", job::path(job))
}

fn bar(format: Format) -> ProgressBar {
    let target = match format {
        Format::Text => ProgressDrawTarget::stderr(),
        Format::Json => ProgressDrawTarget::hidden(),
    };
    let bar = ProgressBar::with_draw_target(Some(0), target);
    if let Ok(style) = ProgressStyle::with_template("{bar:20} {human_pos} of {human_len} jobs  {wide_msg}") {
        bar.set_style(style);
    }
    bar
}

impl Findings {
    /// What was not audited weighs more than what differs: it may differ too.
    fn exit(&self) -> Exit {
        match (self.unreadable.is_empty(), self.differing.is_empty()) {
            (true, true) => Exit::Fine,
            (true, false) => Exit::TasksFailed,
            (false, _) => Exit::Unavailable,
        }
    }

    fn summary(&self) -> String {
        let jobs = if self.audited == 1 { "job" } else { "jobs" };
        let found = if self.exit() == Exit::Fine { "all clean".to_owned() } else { self.troubles() };
        let vanished = match self.vanished {
            0 => String::new(),
            vanished => format!("; {} vanished meanwhile", grouped(vanished)),
        };
        format!("{} {jobs}, {found}{vanished}", grouped(self.audited))
    }

    fn troubles(&self) -> String {
        let differing = format!("{} with differences", grouped(self.differing.len() as u64));
        match self.unreadable.len() {
            0 => differing,
            unreadable => format!("{differing}; {} unreadable", grouped(unreadable as u64)),
        }
    }
}

fn text(audit: &Audit) -> String {
    let tasks = grouped(audit.counted.accepted.into());
    let mut rows = vec![("audit", if audit.clean { "clean".to_owned() } else { "DIFFERENCES".to_owned() })];
    rows.push(("accepted", tasks));
    rows.extend(audit.differences.iter().map(|difference| ("difference", difference.clone())));
    render(&rows)
}

#[cfg(test)]
mod tests {
    use domain::ledger::Counts;

    use super::*;

    #[test]
    fn differences_are_listed_in_words() {
        let counts = Counts { accepted: 1_500, ..Counts::default() };
        let mut audit = Audit { clean: true, counted: counts, counters: counts, differences: vec![] };
        assert_eq!(text(&audit), "audit     clean\naccepted  1,500\n");
        audit.clean = false;
        audit.differences.push("2 tasks are nowhere".to_owned());
        assert!(text(&audit).contains("difference  2 tasks are nowhere"));
    }

    #[test]
    fn a_summary_counts_what_differs_and_what_vanished() {
        let mut findings = Findings { audited: 1_234, ..Findings::default() };
        assert_eq!(findings.summary(), "1,234 jobs, all clean");
        let job = "0199f0c2a0007abc8def0123456789ab".parse().unwrap();
        findings.differing.push(Finding { job, audit: RawValue::NULL.to_owned() });
        findings.vanished = 2;
        assert_eq!(findings.summary(), "1,234 jobs, 1 with differences; 2 vanished meanwhile");
        findings.unreadable.push(Unreadable { job, error: String::new() });
        assert_eq!(findings.summary(), "1,234 jobs, 1 with differences; 1 unreadable; 2 vanished meanwhile");
    }

    #[test]
    fn what_could_not_be_audited_is_never_called_clean() {
        let mut findings = Findings::default();
        assert_eq!(findings.exit(), Exit::Fine);
        let job = "0199f0c2a0007abc8def0123456789ab".parse().unwrap();
        findings.unreadable.push(Unreadable { job, error: String::new() });
        assert_eq!(
            (findings.exit(), findings.summary().as_str()),
            (Exit::Unavailable, "0 jobs, 0 with differences; 1 unreadable")
        );
    }
}
