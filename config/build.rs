//! Reads and checks the settings of every environment, so that a wrong one never gets as far as a deploy, and leaves
//! them as Rust: a Worker that read them itself would start later and be a fortieth larger.

#[path = "src/check.rs"]
mod check;
#[path = "src/settings.rs"]
mod settings;

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use domain::kinds::http_request::HostRule;

fn main() -> Result<(), Box<dyn Error>> {
    let out = std::env::var("OUT_DIR")?;
    for environment in ["development", "production"] {
        let path = format!("settings/{environment}.toml");
        println!("cargo::rerun-if-changed={path}");
        let text = std::fs::read_to_string(&path)?;
        let settings: settings::Settings = toml::from_str(&text).map_err(|error| format!("config/{path}: {error}"))?;
        for error in check::check(&settings) {
            println!("cargo::error=config/{path}: {error}");
        }
        std::fs::write(Path::new(&out).join(format!("{environment}.rs")), rust(&settings))?;
    }
    println!("cargo::rerun-if-changed=src");
    Ok(())
}

/// The settings as an expression. Whatever is left out here does not compile there.
fn rust(settings: &settings::Settings) -> String {
    let settings::Settings { claims, recovery, expiry, outbox, archive, replays, .. } = settings;
    let lanes = settings.lanes.iter().map(|(lane, queue)| format!("(Lane::{lane:?}, {})", self::queue(queue)));
    let kinds = settings.kinds.iter().map(|(kind, found)| format!("(Kind::{kind:?}, {})", self::kind(found)));
    let hosts = match &settings.hosts {
        HostRule::Any => "HostRule::Any".to_owned(),
        HostRule::HttpsTo(hosts) => format!("HostRule::HttpsTo({hosts:?}.map(str::to_owned).to_vec())"),
    };
    format!(
        "Settings {{ hosts: {hosts}, \
         claims: Claims {{ lease: {}, margin: {}, slice: {} }}, \
         recovery: Recovery {{ grace: {}, quiet: {}, quiet_max: {}, crash: {}, check: {} }}, \
         expiry: Expiry {{ open: {}, keep: {} }}, outbox: Outbox {{ resend: {}, resend_max: {} }}, \
         archive: Archive {{ keep: {} }}, replays: Replays {{ poll: {}, poll_max: {} }}, \
         dead_letters: {}, lanes: BTreeMap::from([{}]), kinds: BTreeMap::from([{}]) }}",
        time(claims.lease),
        time(claims.margin),
        time(claims.slice),
        time(recovery.grace),
        time(recovery.quiet),
        time(recovery.quiet_max),
        time(recovery.crash),
        time(recovery.check),
        time(expiry.open),
        time(expiry.keep),
        time(outbox.resend),
        time(outbox.resend_max),
        time(archive.keep),
        time(replays.poll),
        time(replays.poll_max),
        queue(&settings.dead_letters),
        lanes.collect::<Vec<_>>().join(", "),
        kinds.collect::<Vec<_>>().join(", "),
    )
}

fn queue(queue: &settings::QueueSettings) -> String {
    // Numbers only: as Rust writes them down for debugging they can be read again.
    format!("{queue:?}")
}

fn kind(kind: &settings::KindSettings) -> String {
    let (retry, max_elapsed) = (&kind.retry, kind.retry.max_elapsed.map(time));
    format!(
        "KindSettings {{ concurrency: {}, pack_tasks: {}, retry: RetryPolicy {{ initial_interval: {}, multiplier: {:?}, \
         randomization_factor: {:?}, max_interval: {}, max_attempts: {}, max_elapsed: {} }} }}",
        kind.concurrency,
        kind.pack_tasks,
        time(retry.initial_interval),
        retry.multiplier,
        retry.randomization_factor,
        time(retry.max_interval),
        retry.max_attempts,
        max_elapsed.map_or("None".to_owned(), |time| format!("Some({time})")),
    )
}

fn time(duration: Duration) -> String {
    format!("Duration::from_millis({})", duration.as_millis())
}
