//! The tasks as MonoTask is given them.

use std::fmt::Write;

/// What fills a task up to its size, without its text.
const PAD: &str = ",\"pad\":\"\"";

/// The payload of task `index`: the same for every system. `fill` bytes of it are only there to be carried.
fn payload(index: u32, fill: usize) -> String {
    let hash = u64::from(index) * 2_654_435_761 % 100_000_000;
    let mut payload =
        format!("{{\"order\":\"{index:08}-{hash:08}\",\"total\":{}.25,\"ref\":\"order-{index}\"", index % 1_000);
    if fill > PAD.len() {
        let _ = write!(payload, ",\"pad\":\"{}\"", "x".repeat(fill - PAD.len()));
    }
    payload.push('}');
    payload
}

/// `count` tasks that return what they were given, one a line, of about `bytes` bytes each.
pub fn no_op(count: u32, bytes: usize) -> String {
    lines(count, bytes, |payload| format!("{{\"kind\":\"simulate\",\"payload\":{{\"output\":{payload}}}}}\n"))
}

/// `count` tasks that post what they were given to `url`.
pub fn http(count: u32, bytes: usize, url: &str) -> String {
    lines(count, bytes, |payload| {
        format!("{{\"kind\":\"http.request\",\"payload\":{{\"url\":\"{url}\",\"body\":{payload}}}}}\n")
    })
}

fn lines(count: u32, bytes: usize, line: impl Fn(&str) -> String) -> String {
    let mut text = String::with_capacity(count as usize * (bytes + 16));
    for index in 0..count {
        let bare = line(&payload(index, 0));
        match bytes.saturating_sub(bare.len()) {
            0 => text.push_str(&bare),
            fill => text.push_str(&line(&payload(index, fill))),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_have_the_size_that_was_asked_for() {
        for bytes in [116, 1_000] {
            let average = no_op(10_000, bytes).len() as f64 / 10_000.0;
            assert!((average - bytes as f64).abs() < 8.0, "{average} bytes instead of {bytes}");
        }
    }

    #[test]
    fn each_task_is_its_own() {
        let text = no_op(1_000, 116);
        let mut lines: Vec<&str> = text.lines().collect();
        lines.sort_unstable();
        lines.dedup();
        assert_eq!(lines.len(), 1_000);
    }
}
