//! Asks the person at the terminal before something is done.

use std::io::{self, BufRead, IsTerminal};

use crate::interrupt::on_interrupt;
use crate::output::{ask, tell};

/// Whether somebody is there to be asked.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal()
}

/// Asks; a no, and Ctrl-C until other last words are set, says `nothing_done`.
pub(crate) fn confirmed(question: &str, nothing_done: &'static str) -> bool {
    on_interrupt(move || tell(&format!("\n{nothing_done}")));
    ask(&format!("{question} [y/N]"));
    let yes = says_yes(&mut io::stdin().lock());
    if !yes {
        tell(nothing_done);
    }
    yes
}

fn says_yes(input: &mut impl BufRead) -> bool {
    let mut line = String::new();
    let read = input.read_line(&mut line).is_ok();
    read && matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_yes_is_a_yes() {
        for (line, yes) in
            [("y\n", true), ("Yes\n", true), ("\n", false), ("", false), ("yep\n", false), ("n\n", false)]
        {
            assert_eq!(says_yes(&mut line.as_bytes()), yes, "{line:?}");
        }
    }
}
