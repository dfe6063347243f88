//! Jobs in parts that were cut off.

#[cfg(target_os = "linux")]
use std::fs;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use crate::fake_server::{FakeServer, Reply, parts::Jobs};
use crate::parts::{Folder, later, lines, numbers};
use crate::{code, run, stderr, stdout};

/// Holds parts back until it is opened.
#[derive(Clone, Default)]
pub struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    /// Lets them pass.
    pub fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    /// Waits until it is open.
    pub fn pass(&self) {
        drop(self.0.1.wait_while(self.0.0.lock().unwrap(), |is_open| !*is_open).unwrap());
    }
}

#[test]
fn the_same_command_sends_what_an_outage_left_out() {
    let down = Arc::new(AtomicBool::new(true));
    let is_down = Arc::clone(&down);
    let (server, _) = Jobs::serve(move |jobs, part| {
        // The first part is there before the outage, the third one before the second.
        if part == 2 {
            jobs.wait_until_there(2);
        }
        if is_down.load(Ordering::Relaxed) && part == 2 { later() } else { None }
    });
    let folder = Folder::new("resume");
    let file = folder.tasks();
    let cut_off = run(folder.monotask(&server, &["submit", &file, "--lane", "bulk"]), "");
    assert_eq!((code(&cut_off), stdout(&cut_off)), (4, ""));
    let left = format!("job {} was left open with 146 tasks", Jobs::id(0));
    assert!(stderr(&cut_off).contains(&left), "{}", stderr(&cut_off));
    assert!(stderr(&cut_off).contains("run the same command again"), "{}", stderr(&cut_off));
    assert_eq!(numbers(&server.requests()), ["1", "2", "3"]);

    down.store(false, Ordering::Relaxed);
    let before = server.requests().len();
    let resumed = run(folder.monotask(&server, &["submit", &file, "--lane", "bulk"]), "");
    assert_eq!((code(&resumed), stdout(&resumed)), (0, format!("{}\n", Jobs::id(0)).as_str()));
    let said = format!("resuming job {}: 146 tasks in 2 parts are there, 58 % of the file", Jobs::id(0));
    assert!(stderr(&resumed).starts_with(&said), "{}", stderr(&resumed));
    let requests = server.requests();
    assert_eq!(
        (numbers(&requests[before..]), requests.len() - before),
        (vec!["2"], 2),
        "the missing part and the seal"
    );
    assert_eq!(requests.last().unwrap().body, br#"{"accepted":250}"#);
    assert_eq!(folder.kept(), 0);
}

#[test]
fn a_file_that_was_changed_is_not_resumed() {
    let (server, _) = Jobs::serve(|_, part| if part == 2 { later() } else { None });
    let folder = Folder::new("changed");
    let file = folder.tasks();
    assert_eq!(code(&run(folder.monotask(&server, &["submit", &file]), "")), 4);

    // Also where what is left of it fits one request.
    for content in [lines(249), lines(2)] {
        folder.file(&content);
        let before = server.requests().len();
        let refused = run(folder.monotask(&server, &["submit", &file]), "");
        assert_eq!((code(&refused), server.requests().len()), (2, before));
        let text = stderr(&refused);
        assert!(text.contains("was changed after") && text.contains("--restart"), "{text}");
        assert!(text.contains(&format!("monotask cancel {} --url", Jobs::id(0))), "{text}");
    }
}

#[test]
fn a_restart_begins_a_new_job_and_names_the_old_one() {
    let down = Arc::new(AtomicBool::new(true));
    let is_down = Arc::clone(&down);
    let (server, _) = Jobs::serve(move |_, _| if is_down.load(Ordering::Relaxed) { later() } else { None });
    let folder = Folder::new("restart");
    let file = folder.tasks();
    assert_eq!(code(&run(folder.monotask(&server, &["submit", &file]), "")), 4);
    down.store(false, Ordering::Relaxed);
    folder.file(&lines(251));
    let output = run(folder.monotask(&server, &["submit", &file, "--restart"]), "");
    assert_eq!((code(&output), stdout(&output)), (0, format!("{}\n", Jobs::id(1)).as_str()), "{}", stderr(&output));
    assert!(stderr(&output).contains(&format!("monotask cancel {}", Jobs::id(0))), "{}", stderr(&output));
    assert_eq!(folder.kept(), 0);
}

#[test]
fn another_api_key_does_not_resume() {
    let (server, _) = Jobs::serve(|_, part| if part == 2 { later() } else { None });
    let folder = Folder::new("other-key");
    let file = folder.tasks();
    assert_eq!(code(&run(folder.monotask(&server, &["submit", &file]), "")), 4);
    let refused = run(folder.monotask(&server, &["submit", &file, "--key", "other"]), "");
    assert_eq!(code(&refused), 2);
    assert!(stderr(&refused).contains("MONOTASK_KEY"), "{}", stderr(&refused));
}

#[test]
fn a_job_that_was_canceled_meanwhile_is_begun_anew_by_a_restart() {
    let canceled = || Some(Reply::Answer(409, "", r#"{"detail":"the job is canceled"}"#.to_owned()));
    let (server, _) = Jobs::serve(move |_, part| if part > 1 { canceled() } else { None });
    let folder = Folder::new("canceled");
    let output = run(folder.monotask(&server, &["submit", &folder.tasks()]), "");
    let text = stderr(&output);
    assert_eq!(code(&output), 3);
    assert!(text.contains("(409): the job is canceled\n") && text.contains("--restart"), "{text}");
    assert!(!text.contains("open"), "{text}");
}

#[test]
fn a_repeat_under_the_same_key_adds_nothing() {
    let (server, _) = Jobs::faultless();
    let folder = Folder::new("repeat");
    let file = folder.tasks();
    let submit = || run(folder.monotask(&server, &["submit", &file, "--idempotency-key", "nightly 7"]), "");
    assert!(!stderr(&submit()).contains("known before"));
    let again = submit();
    assert_eq!((code(&again), stdout(&again)), (0, format!("{}\n", Jobs::id(0)).as_str()));
    assert!(stderr(&again).contains("known before: nothing was added"), "{}", stderr(&again));
    assert_eq!(server.requests()[1].header("idempotency-key").split('/').next(), Some("nightly 7"));
}

#[cfg(unix)]
#[test]
fn ctrl_c_says_that_the_same_command_goes_on() {
    let gate = Gate::default();
    let held = gate.clone();
    let (server, jobs) = Jobs::serve(move |_, part| {
        if part > 1 {
            held.pass();
        }
        None
    });
    let folder = Folder::new("interrupt");
    let file = folder.tasks();
    let mut submit = folder.monotask(&server, &["submit", &file]);
    let child = submit.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    jobs.wait_until_there(1);
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!((code(&output), stdout(&output)), (130, ""));
    let text = stderr(&output);
    assert!(text.contains("was left open") && text.contains("Running the same command again"), "{text}");

    gate.open();
    let resumed = run(folder.monotask(&server, &["submit", &file]), "");
    assert_eq!(code(&resumed), 0, "{}", stderr(&resumed));
    assert!(stderr(&resumed).starts_with("resuming job"), "{}", stderr(&resumed));
}

#[test]
fn ctrl_c_in_a_small_submission_says_how_to_repeat_it_safely() {
    let gate = Gate::default();
    let held = gate.clone();
    let server = FakeServer::answering(move |_| {
        held.pass();
        Reply::Hang
    });
    let folder = Folder::new("small");
    let file = folder.file("{}\n");
    let mut submit = folder.monotask(&server, &["submit", &file, "--kind", "simulate"]);
    let child = submit.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let arrived = (0..60_000).any(|_| {
        thread::sleep(Duration::from_millis(1));
        !server.requests().is_empty()
    });
    assert!(arrived, "the request never came");
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    gate.open();
    let key = server.requests()[0].header("idempotency-key").to_owned();
    let again = format!("monotask submit {file} --idempotency-key {key}");
    assert_eq!((code(&output), stdout(&output)), (130, ""));
    assert!(!key.is_empty() && stderr(&output).contains(&again), "{}", stderr(&output));
}

#[test]
fn a_second_run_is_turned_away_until_the_first_is_dead() {
    let gate = Gate::default();
    let held = gate.clone();
    let (server, jobs) = Jobs::serve(move |_, _| {
        held.pass();
        None
    });
    let folder = Folder::new("second");
    let file = folder.tasks();
    let mut first = folder.monotask(&server, &["submit", &file]).stderr(Stdio::null()).spawn().unwrap();
    jobs.wait_until_under_way(2);
    let second = run(folder.monotask(&server, &["submit", &file]), "");
    assert_eq!(code(&second), 2);
    assert!(stderr(&second).contains("another run"), "{}", stderr(&second));

    first.kill().unwrap();
    first.wait().unwrap();
    gate.open();
    let third = run(folder.monotask(&server, &["submit", &file]), "");
    assert_eq!((code(&third), stdout(&third)), (0, format!("{}\n", Jobs::id(0)).as_str()), "{}", stderr(&third));
}

/// Waits until `process` would hear of a Ctrl-C.
#[cfg(target_os = "linux")]
fn wait_until_it_heeds_ctrl_c(process: u32) {
    let heeds = || {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap().trim().to_owned();
        // SIGINT is signal 2.
        u64::from_str_radix(&caught, 16).unwrap() & 0b10 != 0
    };
    let heeded = (0..60_000).any(|_| {
        thread::sleep(Duration::from_millis(1));
        heeds()
    });
    assert!(heeded, "it never would");
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_while_a_file_is_checked_says_that_nothing_was_sent() {
    let (server, _) = Jobs::faultless();
    let folder = Folder::new("check");
    // Many lines take long to check.
    let file = folder.file(&"{}\n".repeat(8 << 20));
    let mut submit = folder.monotask(&server, &["submit", &file, "--kind", "simulate"]);
    let child = submit.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until_it_heeds_ctrl_c(child.id());
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let said = "stopped while the file was checked: nothing was sent.\n";
    assert_eq!((code(&output), stdout(&output), stderr(&output)), (130, "", said));
    assert_eq!(server.requests().len(), 0);
}
