//! Pages: each entry once, and cursors that no page handed out.

use serde_json::Value;
use tests::pipeline::Pipeline;
use tests::triage::{dies, names};

use crate::refusals::problem;

const LETTERS: &str = "/v1/dead-letters";
const GROUPS: &str = "/v1/dead-letters/groups";
const EXPORT: &str = "/v1/dead-letters/export";

#[test]
fn paging_shows_each_letter_once_while_new_ones_arrive() {
    let client = Pipeline::shared().client();
    let triage = client.triage();
    let old: Vec<Value> = (0..30).map(|n| dies("paged", &format!("letter {n}"))).collect();
    let job = triage.let_die(&old);
    for path in [LETTERS, EXPORT] {
        let (mut seen, mut pages, mut cursor) = (Vec::new(), 0, String::new());
        loop {
            let (page, next) = triage.page(path, &format!("q=paged&until=2999-01-01T00:00:00Z&limit=7{cursor}"));
            seen.extend(page);
            pages += 1;
            triage.let_die([&dies("paged", "one more")]);
            match next {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let tasks = names(&seen, "task");
        let missing: Vec<String> = (0..30).map(|n| format!("{job}-{n}")).filter(|task| !tasks.contains(task)).collect();
        assert_eq!(missing, [""; 0], "{path}");
        assert_eq!(pages, seen.len().div_ceil(7), "{path}: every page but the last is full");
    }
}

#[test]
fn paging_groups_shows_each_once_and_the_largest_first_while_new_letters_arrive() {
    let client = Pipeline::shared().client();
    let triage = client.triage();
    let causes = ["ash", "birch", "cedar", "dogwood", "elm", "fir", "gum", "hazel"];
    let tasks: Vec<Value> = causes
        .iter()
        .enumerate()
        .flat_map(|(n, tree)| vec![dies("forest", &format!("a fallen {tree}")); n + 1])
        .collect();
    triage.let_die(&tasks);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let (page, next) = triage.page(GROUPS, &format!("q=forest&limit=3{cursor}"));
        seen.extend(page);
        // The smallest cause grows beyond all, and a new one appears.
        triage.let_die(&vec![dies("forest", "a fallen ash"); 20]);
        triage.let_die(&vec![dies("forest", "a fallen yew"); 20]);
        match next {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    names(&seen, "fingerprint");
    let counts: Vec<u64> = seen.iter().map(|group| group["count"].as_u64().unwrap()).collect();
    assert_eq!(counts, [8, 7, 6, 5, 4, 3, 2, 1], "as it was when the first page was read");
}

#[test]
fn a_cursor_is_good_for_the_list_that_handed_it_out_and_for_no_other() {
    let client = Pipeline::shared().client();
    let triage = client.triage();
    let job = triage.let_die(&[dies("cursor", "a"), dies("cursor", "b"), dies("cursor", "c")]);
    let other = triage.let_die(&[dies("cursor", "a"), dies("cursor", "b")]);
    let cursor = |path: &str, query: &str| triage.page(path, &format!("{query}&limit=1")).1.expect("there is more");
    let letters = cursor(LETTERS, &format!("job={job}"));
    let groups = cursor(GROUPS, &format!("job={job}"));
    for (path, query, good) in [
        (LETTERS, format!("job={job}&cursor={letters}"), true),
        (LETTERS, format!("job={job}&limit=2&cursor={letters}"), true),
        (GROUPS, format!("job={job}&cursor={groups}"), true),
        (LETTERS, format!("job={other}&cursor={letters}"), false),
        (LETTERS, format!("job={job}&state=open&cursor={letters}"), false),
        (LETTERS, format!("cursor={letters}"), false),
        (LETTERS, format!("job={job}&cursor={groups}"), false),
        (GROUPS, format!("job={job}&cursor={letters}"), false),
        (GROUPS, format!("job={other}&cursor={groups}"), false),
        ("/v1/journal", format!("cursor={letters}"), false),
        ("/v1/replays", format!("cursor={letters}"), false),
        ("/v1/jobs", format!("cursor={letters}"), false),
        (LETTERS, format!("job={job}&cursor={}", letters.to_uppercase()), false),
        (LETTERS, format!("job={job}&cursor={}", &letters[1..]), false),
        (LETTERS, format!("job={job}&cursor={}", &letters[..letters.len() - 1]), false),
        (LETTERS, format!("job={job}&cursor=00{letters}"), false),
        (LETTERS, format!("job={job}&cursor={letters}%00"), false),
    ] {
        let answer = client.get(&format!("{path}?{query}"));
        if good {
            assert_eq!(answer.status, 200, "{path}?{query}: {}", answer.text());
        } else {
            assert_eq!(problem(&query, &answer, 422)[0]["field"], "cursor", "{path}?{query}");
        }
    }
    for made_up in [
        "",
        "0",
        "7",
        "null",
        "eyJpZCI6MX0=",
        "%F0%9F%98%80",
        "..",
        "00000000",
        "5b312c315d00000000",
        &"f".repeat(5_000),
    ] {
        for path in [LETTERS, GROUPS, EXPORT, "/v1/journal", "/v1/replays"] {
            let answer = client.get(&format!("{path}?cursor={made_up}"));
            assert_eq!(problem(made_up, &answer, 422)[0]["field"], "cursor", "{path}: {made_up}");
        }
    }
}
