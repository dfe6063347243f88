//! The tasks that are measured.

/// A body of `count` tasks that do nothing, one a line, of about `bytes` bytes each, line break included; what they
/// return is kept.
pub fn no_op(count: u32, bytes: usize) -> String {
    let mut body = String::with_capacity(count as usize * (bytes + 8));
    for index in 0..count {
        let order = format!("{index:08}-{:08}", index.wrapping_mul(2_654_435_761) % 100_000_000);
        let rest = format!("\"order\":\"{order}\",\"total\":{}.25", index % 1_000);
        let frame =
            format!("{{\"kind\":\"simulate\",\"payload\":{{\"output\":{{{rest}}}}},\"ref\":\"order-{index}\"}}\n");
        let missing = bytes.saturating_sub(frame.len());
        match missing.checked_sub(",\"pad\":\"\"".len()) {
            Some(pad) if pad > 0 => {
                let pad = "x".repeat(pad);
                body.push_str(&format!(
                    "{{\"kind\":\"simulate\",\"payload\":{{\"output\":{{{rest},\"pad\":\"{pad}\"}}}},\"ref\":\"order-{index}\"}}\n"
                ));
            }
            _ => body.push_str(&frame),
        }
    }
    body
}
