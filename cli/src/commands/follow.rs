//! Looks at what is under way until it has ended.

use std::thread::sleep;
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;

use crate::failure::Failure;
use crate::interrupt::on_interrupt;
use crate::output::tell;
use crate::progress::{Progress, UnderWay};
use crate::server::Server;

/// How long the server may be away, as for a restart.
const PATIENCE: Duration = Duration::from_secs(60);

/// What can be followed.
pub(super) trait Followed: UnderWay + DeserializeOwned {
    /// Whether there is nothing more to see.
    fn has_ended(&self) -> bool;
}

/// Shows the progress of what `path` names, and of which `body` is what the server said last, until it has ended: that,
/// and what the server said then. Ctrl-C ends the command with these last words.
pub(super) fn follow<T: Followed>(
    server: &Server,
    path: &str,
    mut body: String,
    last_words: String,
) -> Result<(T, String), Failure> {
    let begun = Instant::now();
    let mut seen: T = server.parse(&body)?;
    let mut progress = Progress::begin(seen.all());
    let bar = progress.bar();
    on_interrupt(move || {
        bar.finish_and_clear();
        tell(&last_words);
    });

    let mut heard = Instant::now();
    loop {
        progress.show(&seen, begun.elapsed());
        if seen.has_ended() {
            break;
        }
        sleep(interval(begun.elapsed()));
        match server.get_once(path) {
            Ok(answer) => {
                body = answer;
                seen = server.parse(&body)?;
                heard = Instant::now();
            }
            Err(failure) if failure.passes() && heard.elapsed() < PATIENCE => {
                progress.note("the server does not answer; trying again");
                sleep(failure.retry_after().unwrap_or_default().min(Duration::from_secs(5)));
            }
            Err(failure) => {
                progress.end();
                return Err(failure);
            }
        }
    }
    progress.end();
    Ok((seen, body))
}

/// How long to wait before the next look: what is short is over in a second or two.
fn interval(watched: Duration) -> Duration {
    if watched < Duration::from_secs(5) { Duration::from_millis(200) } else { Duration::from_secs(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_short_is_looked_at_more_often() {
        assert!(interval(Duration::ZERO) < interval(Duration::from_secs(10)));
    }
}
