use super::*;
use crate::limits::OUTPUT_BYTES;
use crate::verdict::Reason;
use crate::views::ResultView;

const JOB: &str = "0199f0c2a0007abc8def0123456789ab";

fn job() -> JobId {
    JOB.parse().unwrap()
}

fn output(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

fn everything() -> Asked {
    Asked { state: None, lines: usize::MAX, bytes: usize::MAX }
}

fn written(window: &Window, asked: &Asked) -> (Vec<String>, Written) {
    let mut page = Vec::new();
    let written = window.write(job(), asked, &mut page);
    (String::from_utf8(page).unwrap().lines().map(str::to_owned).collect(), written)
}

/// Tasks 10 to 15: one of each ending, with and without a `ref`.
fn window() -> Window {
    let mut window = Window::new(10, 16, WINDOW_BYTES);
    window.add_settled(SettlementRecord {
        attempt: 1,
        done: [9, 10].into_iter().collect(),
        outputs: vec![(11, output("{\"a\":[1,\"é\"]}"))],
        retried: vec![(12, 0), (13, 0), (14, 0)],
        errors: vec![TaskError::new("boom", "it \"broke\"\n")],
        ..SettlementRecord::default()
    });
    window.add_settled(SettlementRecord {
        attempt: 2,
        done: [12].into_iter().collect(),
        dead: vec![(13, Reason::Permanent, 0)],
        canceled: [14, 20].into_iter().collect(),
        errors: vec![TaskError::new("gone", "")],
        ..SettlementRecord::default()
    });
    for index in 9..20 {
        let line = match index % 2 {
            0 => format!("{{\"i\":{index},\"p\":{{}},\"r\":\"o\\\"rder {index}\"}}"),
            _ => format!("{{\"i\":{index}}}"),
        };
        window.add_line(Kind::Simulate, &serde_json::from_str(&line).unwrap());
    }
    window
}

#[test]
fn a_line_is_what_a_single_task_is_answered_with() {
    let window = window();
    let (lines, all) = written(&window, &everything());
    assert_eq!((lines.len(), all), (6, Written { lines: 6, next: 16 }));
    for (index, line) in (10..).zip(&lines) {
        let view = ResultView::of(job(), index, Kind::Simulate, window.task(index).unwrap());
        assert_eq!(*line, serde_json::to_string(&view).unwrap());
    }
    let says = |index: usize, text: &str| assert!(lines[index - 10].contains(text), "{}", lines[index - 10]);
    says(10, r#""status":"succeeded","attempts":1,"output":null"#);
    says(11, r#""ref":null,"kind":"simulate","status":"succeeded","attempts":1,"output":{"a":[1,"é"]}"#);
    says(12, r#""status":"succeeded","attempts":2,"output":null}"#);
    says(13, r#""status":"dead","attempts":2,"error":{"class":"gone","message":""}"#);
    says(14, r#""status":"canceled","attempts":1,"error":{"class":"boom""#);
    says(15, r#""status":"queued","attempts":0}"#);
}

#[test]
fn a_page_ends_where_it_is_full_and_says_where_to_go_on() {
    let window = window();
    let asked = Asked { lines: 2, ..everything() };
    assert_eq!(written(&window, &asked).1, Written { lines: 2, next: 12 });
    let asked = Asked { bytes: 1, ..everything() };
    assert_eq!(written(&window, &asked).1, Written { lines: 1, next: 11 });
    let asked = Asked { state: Some(TaskState::Dead), ..everything() };
    assert_eq!(written(&window, &asked).1, Written { lines: 1, next: 16 });
    let asked = Asked { state: Some(TaskState::Succeeded), lines: 3, ..everything() };
    assert_eq!(written(&window, &asked).1, Written { lines: 3, next: 16 }, "what is left out needs no other page");
}

#[test]
fn a_window_holds_no_more_than_it_may_whatever_the_outputs() {
    let largest = output(&format!("\"{}\"", "x".repeat(OUTPUT_BYTES - 2)));
    let mut window = Window::new(0, 30_000, WINDOW_BYTES);
    for from in (0..30_000).step_by(50) {
        let outputs = (from..from + 50).map(|index| (index, largest.clone())).collect();
        window.add_settled(SettlementRecord { outputs, ..SettlementRecord::default() });
        assert!(window.bytes <= WINDOW_BYTES);
    }
    let held: usize =
        window.tasks.iter().filter_map(|task| task.output.as_ref()).map(|output| output.get().len()).sum();
    assert_eq!(held, window.bytes);
    assert!((200..=488).contains(&window.to()), "{}", window.to());
    let mut single = Window::new(7, 8, 10);
    single.add_settled(SettlementRecord { outputs: vec![(7, largest)], ..SettlementRecord::default() });
    assert_eq!(single.to(), 8, "one task is always there");
}

#[test]
fn errors_that_tasks_share_are_held_once() {
    let mut window = Window::new(0, 30_000, WINDOW_BYTES);
    for from in (0..30_000).step_by(2_000) {
        let dead = (from..from + 2_000).map(|index| (index, Reason::Exhausted, 0)).collect();
        let errors = vec![TaskError::new("boom", &"x".repeat(1_000))];
        window.add_settled(SettlementRecord { dead, errors, ..SettlementRecord::default() });
    }
    assert_eq!((window.to(), window.bytes), (30_000, 15 * 1_004));
}
