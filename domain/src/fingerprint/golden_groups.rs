//! The errors of `golden/error-groups.txt` fall into its groups.

use std::collections::HashMap;

use super::*;

const GROUPS: &str = include_str!("../../golden/error-groups.txt");

fn groups() -> Vec<Vec<String>> {
    let mut groups = vec![Vec::new()];
    for line in GROUPS.lines().filter(|line| !line.starts_with('#')) {
        match (line, groups.last_mut()) {
            ("", Some(group)) if group.is_empty() => {}
            ("", _) => groups.push(Vec::new()),
            (text, Some(group)) => group.push(text.replace("\\n", "\n").replace("\\t", "\t")),
            (_, None) => unreachable!("there is a first group"),
        }
    }
    groups.retain(|group| !group.is_empty());
    groups
}

fn print(message: &str) -> Fingerprint {
    Fingerprint::of(Some(Kind::HttpRequest), Reason::Exhausted, &TaskError::new("http.503", message))
}

#[test]
fn the_texts_of_one_group_share_a_fingerprint_that_no_other_group_has() {
    let mut faults = Vec::new();
    let mut firsts: HashMap<Fingerprint, String> = HashMap::new();
    for group in groups() {
        for text in &group[1..] {
            if print(text) != print(&group[0]) {
                faults.push(("one cause, two fingerprints", group[0].clone(), text.clone()));
            }
        }
        if let Some(other) = firsts.insert(print(&group[0]), group[0].clone()) {
            faults.push(("two causes, one fingerprint", other, group[0].clone()));
        }
    }
    let told: String = faults
        .iter()
        .map(|(fault, one, other)| {
            format!("{fault}:\n  {one}\n= {}\n  {other}\n= {}\n", normalise(one), normalise(other))
        })
        .collect();
    assert!(faults.is_empty(), "{told}");
}

#[test]
fn there_are_groups_enough_to_mean_something() {
    let groups = groups();
    assert!(groups.len() >= 100, "{}", groups.len());
    assert!(groups.iter().map(Vec::len).sum::<usize>() >= 150);
}

#[test]
fn the_rules_of_version_1_are_as_they_were() {
    let golden = [
        ("no answer within 30 s", "1-d2f4465ff3be03cf"),
        (r#"{"error":{"code":"card_declined","message":"No such customer: 'cus_9f3KxL2'"}}"#, "1-31afd91344bc9d98"),
        ("[Errno 111] Connection refused to https://api.example.com/v1/orders/123?a=b", "1-a4eabc68b727ea82"),
    ];
    for (message, fingerprint) in golden {
        assert_eq!(
            print(message).to_string(),
            fingerprint,
            "the rules have changed: raise fingerprint::VERSION, then put today's fingerprints here; {message:?} is now {:?}",
            normalise(message),
        );
    }
    // All texts at once: a change of any rule that some group meets is seen here.
    let all = groups().concat().iter().map(|text| normalise(text) + "\n").collect::<String>();
    assert_eq!(
        print_whole(&all),
        "b8258ee02b7af604",
        "a normalised text has changed: raise fingerprint::VERSION; if only texts were added, put this hash here"
    );
}

/// A hash of texts, however long.
fn print_whole(text: &str) -> String {
    Sha256::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
