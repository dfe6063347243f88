//! `monotask schedules` and the pipeline: what the one says the other does.

use std::process::Output;

use domain::id::JobId;
use serde_json::json;
use tests::command_line::monotask;
use tests::schedules::path;

use super::{Day, client, pipeline};

fn schedules(args: &[&str]) -> Output {
    monotask(pipeline()).arg("schedules").args(args).output().unwrap()
}

/// What it prints where all is well.
#[track_caller]
fn printed(args: &[&str]) -> String {
    let output = schedules(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_schedule_is_kept_by_the_command_line_from_its_making_to_its_end() {
    let (client, _alone) = (client(), Day::begin());
    let folder = std::env::temp_dir().join(format!("monotask-schedules-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("tasks.ndjson");
    std::fs::write(&file, "{\"kind\":\"simulate\",\"ref\":\"one\"}\n{\"kind\":\"simulate\",\"ref\":\"two\"}\n")
        .unwrap();
    let file = file.to_str().unwrap();
    let put =
        ["put", "typed", "--cron", "0 2 1 1 *", "--timezone", "Europe/Berlin", "--tasks", file, "--overlap", "skip"];
    assert!(printed(&put).starts_with("created typed\n"));
    assert!(printed(&put).starts_with("changed typed\n"));
    let shown = client.schedules().get("typed");
    assert_eq!(
        (&shown["timezone"], &shown["overlap"], &shown["input"]["tasks"][1]["ref"]),
        (&json!("Europe/Berlin"), &json!("skip"), &json!("two"))
    );
    assert!(printed(&["list"]).contains("typed"));

    let output = schedules(&["run", "typed", "--watch"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let runs = client.schedules().runs("typed");
    let job: JobId = runs[0].job.unwrap();
    assert_eq!((runs.len(), client.job(job).counts.succeeded), (1, 2), "it has watched to the end");
    let listed = printed(&["runs", "typed"]);
    assert!(listed.contains("fired") && listed.contains(&job.to_string()), "{listed}");

    printed(&["pause", "typed"]);
    assert_eq!(client.schedules().get("typed")["paused"], true);
    printed(&["resume", "typed"]);
    assert_eq!(client.schedules().get("typed")["paused"], false);
    printed(&["backfill", "typed", "--from", "2025-12-31T00:00:00Z", "--to", "2026-01-02T00:00:00Z"]);

    let bad = schedules(&["put", "typed", "--cron", "0 0 30 2 *", "--tasks", file]);
    let said = String::from_utf8(bad.stderr).unwrap();
    assert!(!bad.status.success() && said.contains("cron") && said.contains("never fires"), "{said}");
    assert_eq!(client.schedules().get("typed")["cron"], "0 2 1 1 *");

    assert_eq!(printed(&["delete", "typed", "--yes"]), "deleted typed\n");
    assert_eq!(client.get(&path("typed")).status, 404);
    assert!(!schedules(&["run", "typed"]).status.success());
    std::fs::remove_dir_all(&folder).unwrap();
}
