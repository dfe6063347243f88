//! A million tasks from one file, by the command line. In a binary of its own, so that nothing else runs meanwhile.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at what it did not expect")]

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::time::Duration;

use domain::id::JobId;
use tests::command_line::monotask;
use tests::pipeline::Pipeline;
use tests::root;

const TASKS: u32 = 1_000_000;
/// How long they may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(240);

#[test]
fn a_million_tasks_of_one_file_are_taken_in_parts_and_all_succeed() {
    let pipeline = Pipeline::shared();
    let folder = root().join("target/pipelines").join(format!("million-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("tasks.ndjson");
    let mut lines = BufWriter::new(File::create(&file).unwrap());
    for index in 0..TASKS {
        writeln!(lines, "{{\"kind\":\"simulate\",\"payload\":{{\"output\":{index}}},\"ref\":\"order-{index:07}\"}}")
            .unwrap();
    }
    drop(lines);

    let mut command = monotask(pipeline);
    command.arg("submit").arg(&file).args(["--lane", "bulk"]);
    command.env("XDG_STATE_HOME", &folder);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let job: JobId = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap();

    let client = pipeline.client();
    let counts = client.wait_until_ended(job, LIMIT).counts;
    assert_eq!((counts.accepted, counts.succeeded), (TASKS, TASKS));
    let audit = client.get(&format!("/v1/jobs/{job}/audit")).expect(200).json();
    assert_eq!(audit["clean"], true, "{audit}");
    fs::remove_dir_all(&folder).unwrap();
}
