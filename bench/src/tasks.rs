//! The tasks as MonoTask is given them.

/// The payload of task `index`, as `bench/peers/driver/tasks.mjs` makes it. `fill` bytes of it are only there to be carried.
fn payload(index: u32, fill: usize) -> String {
    // Looks like chance and is the same in each run (Knuth's multiplicative hash).
    let hash = index.wrapping_add(1).wrapping_mul(0x9e37_79b1);
    let (total, pad) = (index % 1_000, "x".repeat(fill));
    format!("{{\"order\":\"{index:08}-{hash:08x}\",\"total\":{total}.25,\"ref\":\"order-{index}\",\"pad\":\"{pad}\"}}")
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
        // A line has its size without its line break.
        match (bytes + 1).saturating_sub(bare.len()) {
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
        for (first, last) in [(0, 10), (9_990, 10_010), (999_000, 1_000_000)] {
            for index in first..last {
                for bytes in [116, 1_000] {
                    let line = format!("{{\"kind\":\"simulate\",\"payload\":{{\"output\":{}}}}}", payload(index, 0));
                    assert!(line.len() <= bytes, "{line}");
                }
            }
        }
        assert!(no_op(2_000, 116).lines().all(|line| line.len() == 116));
        assert!(no_op(2_000, 1_000).lines().all(|line| line.len() == 1_000));
    }

    #[test]
    fn a_payload_is_the_one_that_the_peers_are_given() {
        let expected = r#"{"order":"00000007-f1bbcd88","total":7.25,"ref":"order-7","pad":"xx"}"#;
        assert_eq!(payload(7, 2), expected);
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
