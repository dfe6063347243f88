//! `monotask audit`: does every task add up?

use domain::audit::Audit;
use domain::id::JobId;

use super::{Format, job};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::print;
use crate::server::Server;
use crate::table::{grouped, render};

pub(super) fn run(server: &Server, id: JobId, format: Format) -> Result<Exit, Failure> {
    let body = server.get(&format!("{}/audit", job::path(id)))?;
    let audit: Audit = server.parse(&body)?;
    match format {
        Format::Json => print(&body)?,
        Format::Text => print(&text(&audit))?,
    }
    Ok(if audit.clean { Exit::Fine } else { Exit::TasksFailed })
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
}
