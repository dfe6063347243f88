//! Jobs in parts.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use crate::fake_server::{FakeServer, Reply, Request, parts::Jobs};
use crate::{code, monotask, problem, run, stderr, stdout};

/// Bytes of a line: 104 lines make a part.
const LINE: usize = 40_000;

/// A folder of its own for a test.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// Three parts: 250 tasks.
    fn tasks(&self) -> String {
        self.file(&lines(250))
    }

    fn file(&self, content: &str) -> String {
        let path = self.0.join("tasks.ndjson");
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn monotask(&self, server: &FakeServer, args: &[&str]) -> Command {
        let mut command = monotask(server, args);
        command.env("XDG_STATE_HOME", self.0.join("state"));
        command
    }

    /// What is kept to resume.
    fn kept(&self) -> usize {
        fs::read_dir(self.0.join("state/monotask")).map_or(0, Iterator::count)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn lines(tasks: usize) -> String {
    (0..tasks).map(line).collect()
}

fn line(at: usize) -> String {
    let mut line = format!(r#"{{"kind":"http.request","ref":"{at}","payload":{{"url":"http://a/","body":""#);
    let _ = write!(line, "{}\"}}}}", "x".repeat(LINE - line.len() - 4));
    line + "\n"
}

fn parts(requests: &[Request]) -> Vec<&Request> {
    requests.iter().filter(|request| request.line.contains("/tasks")).collect()
}

fn numbers(requests: &[Request]) -> Vec<&str> {
    let mut numbers: Vec<_> =
        parts(requests).iter().map(|part| part.header("idempotency-key").rsplit('/').next().unwrap()).collect();
    numbers.sort_unstable();
    numbers
}

fn later() -> Option<Reply> {
    Some(Reply::Answer(503, "retry-after: 60\r\n", String::new()))
}

#[test]
fn a_large_file_is_opened_sent_in_parts_and_sealed() {
    let (server, _) = Jobs::faultless();
    let folder = Folder::new("whole");
    let options = ["--name", "n", "--lane", "bulk", "--kind", "http.request", "--callback", "http://c/"];
    let output = run(folder.monotask(&server, &[&["submit", &folder.tasks()], &options[..]].concat()), "");
    assert_eq!((code(&output), stdout(&output)), (0, format!("{}\n", Jobs::id(0)).as_str()), "{}", stderr(&output));
    assert!(stderr(&output).starts_with("accepted 250 tasks as job"), "{}", stderr(&output));

    let requests = server.requests();
    let (open, seal) = (&requests[0], &requests[4]);
    assert_eq!(open.line, "POST /v1/jobs?open=true&name=n&lane=bulk&callback=http%3A%2F%2Fc%2F");
    assert!(open.body.is_empty());
    assert_eq!(seal.line, format!("POST /v1/jobs/{}/seal", Jobs::id(0)));
    assert_eq!(seal.body, br#"{"accepted":250}"#);
    let key = open.header("idempotency-key");
    let mut sent = parts(&requests);
    sent.sort_by_key(|part| part.header("idempotency-key"));
    for (part, (at, tasks)) in sent.iter().zip([(0, 104), (104, 104), (208, 42)]) {
        assert_eq!(part.line, format!("POST /v1/jobs/{}/tasks?kind=http.request", Jobs::id(0)));
        assert_eq!(part.header("idempotency-key"), format!("{key}/{}", at / 104 + 1));
        assert_eq!(part.header("content-type"), "application/x-ndjson");
        let body: String = (at..at + tasks).map(line).collect();
        assert!(part.body == body.as_bytes(), "part from line {at}");
    }
    assert_eq!(folder.kept(), 0, "what is sealed is forgotten");
}

#[test]
fn two_parts_are_under_way_at_a_time() {
    let (server, jobs) = Jobs::serve(|jobs, _| {
        jobs.wait_until_under_way(2);
        None
    });
    let folder = Folder::new("two");
    let output = run(folder.monotask(&server, &["submit", &folder.file(&lines(600))]), "");
    assert_eq!((code(&output), jobs.most_under_way()), (0, 2), "{}", stderr(&output));
}

#[test]
fn json_of_a_job_in_parts_is_that_of_one_in_a_single_request() {
    let (server, _) = Jobs::faultless();
    let folder = Folder::new("json");
    let output = run(folder.monotask(&server, &["submit", &folder.tasks(), "--json"]), "");
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&answer["accepted"], &answer["state"]), (&250.into(), &"running".into()));
    assert_eq!(answer["links"]["results"], format!("/v1/jobs/{}/results", Jobs::id(0)));
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
fn the_lines_that_the_server_refuses_are_those_of_the_file() {
    let refusal = r#","errors":[{"line":3,"field":"payload.url","detail":"not on the list"}]"#;
    let (server, _) = Jobs::serve(move |jobs, part| {
        if part == 2 {
            jobs.wait_until_there(1);
        }
        (part == 2).then(|| problem(422, refusal))
    });
    let folder = Folder::new("refused");
    let output = run(folder.monotask(&server, &["submit", &folder.tasks()]), "");
    let text = stderr(&output);
    assert_eq!(code(&output), 3, "{text}");
    assert!(text.contains("(422)\n  line 107: payload.url: not on the list\n"), "{text}");
    assert!(text.contains("was left open with ") && text.contains("--restart"), "{text}");
    assert!(!text.contains("Nothing was accepted"), "{text}");
}

#[test]
fn a_large_file_with_a_wrong_line_is_refused_before_anything_is_sent() {
    let (server, _) = Jobs::faultless();
    let folder = Folder::new("wrong");
    let file = folder.file(&(lines(210) + "{\"kind\":\"simulate\"\n" + &lines(20) + "{}\n"));
    let output = run(folder.monotask(&server, &["submit", &file]), "");
    assert_eq!((code(&output), server.requests().len(), folder.kept()), (2, 0, 0));
    let text = stderr(&output);
    assert!(text.contains("\n  line 211: not valid JSON") && text.contains("\n  line 232: kind: missing"), "{text}");
    assert!(text.contains("Nothing was sent"), "{text}");
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

#[test]
fn standard_input_is_sent_in_parts_and_what_is_cut_off_says_how_to_cancel() {
    let (server, _) = Jobs::faultless();
    let folder = Folder::new("stream");
    let output = run(folder.monotask(&server, &["submit", "-"]), &lines(250));
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!((numbers(&server.requests()), folder.kept()), (vec!["1", "2", "3"], 0));

    let (server, _) = Jobs::serve(|_, part| if part == 2 { later() } else { None });
    let cut_off = run(folder.monotask(&server, &["submit", "-"]), &lines(250));
    let text = stderr(&cut_off);
    assert_eq!(code(&cut_off), 4);
    assert!(text.contains("cannot be resumed") && text.contains("monotask cancel"), "{text}");
    assert!(!text.contains("same command"), "{text}");
}

#[test]
fn a_json_body_too_large_for_a_request_says_to_use_ndjson() {
    let (server, _) = Jobs::faultless();
    let folder = Folder::new("document");
    let path = folder.0.join("job.json");
    fs::write(&path, " ".repeat((16 << 20) + 1)).unwrap();
    let output = run(folder.monotask(&server, &["submit", path.to_str().unwrap()]), "");
    assert_eq!((code(&output), server.requests().len()), (2, 0));
    assert!(stderr(&output).contains("larger than 16 MiB") && stderr(&output).contains("NDJSON"));
}

/// Holds parts back until it is opened.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    fn pass(&self) {
        drop(self.0.1.wait_while(self.0.0.lock().unwrap(), |is_open| !*is_open).unwrap());
    }
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
