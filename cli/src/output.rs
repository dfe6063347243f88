//! Standard output, for what was asked for, and standard error, for everything else.

use std::io::{self, Write};

use crate::failure::Failure;
use crate::shown::shown;

/// Writes `text` and a line break to standard output.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(shown(text).trim_end_matches('\n').as_bytes())
        .and_then(|()| out.write_all(b"\n"))
        .and_then(|()| out.flush())
        .map_err(Failure::Unwritable)
}

/// Asks the person at the terminal, who answers in the same line.
pub(crate) fn ask(question: &str) {
    let mut err = io::stderr();
    let _ = write!(err, "{} ", shown(question)).and_then(|()| err.flush());
}

/// Tells the person at the terminal. If nobody listens there is nobody to tell that to either.
pub(crate) fn tell(text: &str) {
    let _ = writeln!(io::stderr(), "{}", shown(text));
}
