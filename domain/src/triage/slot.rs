//! Where the index has the letter of a task. Its row's id follows from the task, so that no other index has to find it.

use crate::id::TaskId;

/// The number of a callback's letter within its job. No task has it: a job has far fewer tasks.
pub(super) const CALLBACK: u32 = u32::MAX;

/// The owner of no letter.
const NOBODY: &str = "";

/// Where the letter of a task is: whose it is, and its number among those.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot<'t> {
    /// The job, or the message that nobody could decode.
    pub(super) owner: &'t str,
    /// The index of the task; [`CALLBACK`] for a callback; 0 for a message.
    pub(super) number: u32,
}

impl<'t> Slot<'t> {
    /// The slot of a task, as dead letters name it. Text that names none has a slot where no letter is.
    pub(super) fn of(task: &'t str) -> Self {
        match (task.split_once('-'), task.parse::<TaskId>()) {
            (Some((owner, "callback")), _) => Self { owner, number: CALLBACK },
            (Some((owner, _)), Ok(id)) => Self { owner, number: id.index },
            (Some(("message", _)), _) => Self { owner: task, number: 0 },
            _ => Self { owner: NOBODY, number: 0 },
        }
    }
}

/// The slots of `tasks` as JSON: `[[owner, number], …]`.
pub(super) fn slots<T: AsRef<str>>(tasks: &[T]) -> String {
    let slots = tasks.iter().map(|task| Slot::of(task.as_ref()));
    let slots: Vec<(&str, u32)> = slots.map(|slot| (slot.owner, slot.number)).collect();
    serde_json::to_string(&slots).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_that_a_letter_can_have_has_a_slot_of_its_own() {
        let job = "0199f0c2a0007abc8def0123456789ab";
        for (task, owner, number) in [
            (format!("{job}-7"), job, 7),
            (format!("{job}-callback"), job, CALLBACK),
            ("message-0a-7".to_owned(), "message-0a-7", 0),
            (format!("{job}-07"), NOBODY, 0),
            (format!("{job}-"), NOBODY, 0),
            (job.to_owned(), NOBODY, 0),
            ("x-7".to_owned(), NOBODY, 0),
            ("message".to_owned(), NOBODY, 0),
        ] {
            assert_eq!(Slot::of(&task), Slot { owner, number }, "{task}");
        }
    }
}
