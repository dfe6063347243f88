//! Jobs in parts.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::fake_server::{FakeServer, Reply, Request, parts::Jobs};
use crate::{code, monotask, problem, run, stderr, stdout};

/// Bytes of a line: 104 lines make a part.
const LINE: usize = 40_000;

/// A folder of its own for a test.
pub struct Folder(PathBuf);

impl Folder {
    /// An empty one.
    pub fn new(test: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// Three parts: 250 tasks.
    pub fn tasks(&self) -> String {
        self.file(&lines(250))
    }

    /// What a file in it is called.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Its file, with this in it.
    pub fn file(&self, content: &str) -> String {
        let path = self.0.join("tasks.ndjson");
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The command with what it keeps in this folder.
    pub fn monotask(&self, server: &FakeServer, args: &[&str]) -> Command {
        let mut command = monotask(server, args);
        command.env("XDG_STATE_HOME", self.0.join("state"));
        command
    }

    /// What is kept to resume.
    pub fn kept(&self) -> usize {
        fs::read_dir(self.0.join("state/monotask")).map_or(0, Iterator::count)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// So many tasks, a line each.
pub fn lines(tasks: usize) -> String {
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

/// The numbers of the parts among these requests.
pub fn numbers(requests: &[Request]) -> Vec<&str> {
    let mut numbers: Vec<_> =
        parts(requests).iter().map(|part| part.header("idempotency-key").rsplit('/').next().unwrap()).collect();
    numbers.sort_unstable();
    numbers
}

/// An answer that nobody waits for.
pub fn later() -> Option<Reply> {
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
fn what_is_too_much_for_one_job_becomes_several() {
    let full = || Reply::Answer(413, "", r#"{"code":"job_full","detail":"it takes no more"}"#.to_owned());
    for (name, of) in [("several", "file"), ("several-stream", "-")] {
        // The first job takes two parts, the second one two, the third the rest.
        let (server, _) = Jobs::serve(move |jobs, part| {
            let job = jobs.opened() - 1;
            (part as usize > 2 * (job + 1)).then(full)
        });
        let folder = Folder::new(name);
        let file = if of == "-" { "-".to_owned() } else { folder.file(&lines(500)) };
        let input = if of == "-" { lines(500) } else { String::new() };
        let output = run(folder.monotask(&server, &["submit", &file]), &input);
        let ids: String = (0..3).map(|at| Jobs::id(at) + "\n").collect();
        assert_eq!((code(&output), stdout(&output)), (0, &*ids), "{}", stderr(&output));
        assert!(stderr(&output).contains("accepted 500 tasks as jobs 0199"), "{}", stderr(&output));
        let seals: Vec<String> = server
            .requests()
            .iter()
            .filter(|request| request.line.contains("/seal"))
            .map(|request| String::from_utf8(request.body.clone()).unwrap())
            .collect();
        assert_eq!(seals, [r#"{"accepted":208}"#, r#"{"accepted":208}"#, r#"{"accepted":84}"#]);
        assert_eq!(folder.kept(), 0, "what is sealed is forgotten");
    }
}

#[test]
fn a_file_over_several_jobs_goes_on_where_it_was() {
    let folder = Folder::new("several-resumed");
    let file = folder.file(&lines(500));
    let broken = AtomicBool::new(true);
    let (server, _) = Jobs::serve(move |jobs, part| {
        let is_full = part as usize > 2 * jobs.opened();
        let full = Reply::Answer(413, "", r#"{"code":"job_full","detail":"it takes no more"}"#.to_owned());
        match part {
            _ if is_full => Some(full),
            4 if broken.swap(false, Ordering::Relaxed) => Some(problem(422, "")),
            _ => None,
        }
    });
    let submit = || run(folder.monotask(&server, &["submit", &file]), "");
    assert_eq!(code(&submit()), 3);
    let output = submit();
    let ids: String = (0..3).map(|at| Jobs::id(at) + "\n").collect();
    assert_eq!((code(&output), stdout(&output)), (0, &*ids), "{}", stderr(&output));
    assert!(stderr(&output).contains("accepted 500 tasks"), "{}", stderr(&output));
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
