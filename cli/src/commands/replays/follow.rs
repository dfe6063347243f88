//! Follows a replay until it has ended or halted.

use super::ReplayId;
use super::view::{ReplayState, ReplayView};
use crate::commands::{Format, follow, to_type};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::on_interrupt;
use crate::output::{print, tell};
use crate::server::Server;

/// Shows the progress of a replay until its end, then its summary. Ctrl-C stops that; the replay goes on.
pub(in crate::commands) fn follow(server: &Server, replay: ReplayId, format: Format) -> Result<Exit, Failure> {
    let goes_on = format!(
        "the replay goes on.\nTo look again:  {}\nTo cancel it:   {}",
        to_type("replays show", format!("{replay} --watch"), server.address()),
        to_type("replays cancel", replay, server.address())
    );
    let last_words = format!("stopped watching; {goes_on}");
    let at_once = last_words.clone();
    on_interrupt(move || tell(&at_once));
    let followed = server
        .get(&replay.path(), &[])
        .and_then(|body| follow::follow(server, &replay.path(), body, last_words))
        .inspect_err(|_| tell(&format!("the replay is not seen any more; if it was running, {goes_on}")));
    let (ended, body): (ReplayView, String) = followed?;
    match format {
        Format::Json => print(&body)?,
        Format::Text => print(&ended.text())?,
    }
    if let Some(next) = next(&ended, server) {
        tell(&next);
    }
    Ok(ended.exit())
}

/// What to do next, where not all is well.
fn next(replay: &ReplayView, server: &Server) -> Option<String> {
    let of = |command: &str, more: &str| {
        to_type(&format!("replays {command}"), format!("{}{more}", replay.replay), server.address())
    };
    let show = |verdict: &str| of("show", &format!(" --verdict {verdict}"));
    let mut lines = Vec::new();
    if let (ReplayState::Halted, Some(halted)) = (replay.state, replay.halted) {
        lines.push(format!("halted: {}", halted.text()));
    }
    if replay.counts.died_again > 0 {
        lines.push(format!("died again:  {}", show("died_again")));
        lines.push(format!("causes:      {}", to_type("dead", "groups", server.address())));
    }
    if replay.counts.refused > 0 {
        lines.push(format!("refused:     {}", show("refused")));
    }
    if replay.state == ReplayState::Halted {
        lines.push(format!("to go on:    {}", of("resume", "")));
        lines.push(format!("to cancel:   {}", of("cancel", "")));
    }
    if lines.is_empty() { None } else { Some(lines.join("\n")) }
}
