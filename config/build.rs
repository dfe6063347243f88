//! Reads and checks the settings of every environment, so that a wrong one never gets as far as a deploy, and leaves
//! them as Rust: a Worker that read them itself would start later and be a fortieth larger.

#[path = "src/check.rs"]
mod check;
#[path = "src/check_schedules.rs"]
mod check_schedules;
#[path = "src/settings.rs"]
mod settings;

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use domain::kinds::http_request::HostRule;
use sha2::{Digest, Sha256};

fn main() -> Result<(), Box<dyn Error>> {
    let out = std::env::var("OUT_DIR")?;
    println!("cargo::rerun-if-changed=schedules.toml");
    let schedules = std::fs::read_to_string("schedules.toml")?;
    for environment in ["development", "production"] {
        let path = format!("settings/{environment}.toml");
        println!("cargo::rerun-if-changed={path}");
        let text = std::fs::read_to_string(&path)?;
        let (settings, queues) = read(&text).map_err(|error| format!("config/{path}: {error}"))?;
        for error in check::check(&settings, &queues) {
            println!("cargo::error=config/{path}: {error}");
        }
        std::fs::write(Path::new(&out).join(format!("{environment}.rs")), rust(&settings))?;
        std::fs::write(Path::new(&out).join(format!("{environment}_queues.rs")), rust_queues(&queues))?;
        let schedules = check_schedules::check_schedules(&schedules, environment, &settings).unwrap_or_else(|errors| {
            for error in errors {
                println!("cargo::error=config/schedules.toml: {environment}: {}", error.replace('\n', " "));
            }
            Vec::new()
        });
        std::fs::write(Path::new(&out).join(format!("{environment}_schedules.rs")), rust_schedules(&schedules))?;
    }
    println!("cargo::rerun-if-changed=src");
    Ok(())
}

/// The settings of a file, and its queues.
fn read(text: &str) -> Result<(settings::Settings, settings::Queues), toml::de::Error> {
    let mut file: toml::Table = toml::from_str(text)?;
    let queues = ["lanes", "dead_letters"].into_iter().filter_map(|name| Some((name.to_owned(), file.remove(name)?)));
    let queues: toml::Table = queues.collect();
    Ok((file.try_into()?, queues.try_into()?))
}

/// Queues as an expression.
fn rust_queues(queues: &settings::Queues) -> String {
    let lanes = queues.lanes.iter().map(|(lane, found)| format!("(Lane::{lane:?}, {})", queue(found)));
    format!("Queues {{ lanes: {}, dead_letters: {} }}", map(lanes), queue(&queues.dead_letters))
}

/// Schedules as an expression.
fn rust_schedules(schedules: &[(String, String)]) -> String {
    let schedules = schedules.iter().map(|(name, body)| {
        let hash = Sha256::digest(body).iter().fold(String::new(), |hash, byte| format!("{hash}{byte:02x}"));
        format!("ConfigSchedule {{ name: {name:?}, body: {body:?}, hash: {hash:?} }}")
    });
    format!("&[{}]", schedules.collect::<Vec<_>>().join(", "))
}

/// The settings as an expression. Whatever is left out here does not compile there.
fn rust(settings: &settings::Settings) -> String {
    let settings::Settings { claims, recovery, expiry, outbox, archive, replays, schedules, .. } = settings;
    let keys = settings.quotas.keys.iter().map(|(key, quota)| format!("({key:?}.to_owned(), {quota:?})"));
    let (keys, job_requests) = (map(keys), settings.quotas.job_requests);
    let kinds = settings.kinds.iter().map(|(kind, found)| format!("(Kind::{kind:?}, {})", self::kind(found)));
    let hosts = match &settings.hosts {
        HostRule::Any => "HostRule::Any".to_owned(),
        HostRule::HttpsTo(hosts) => format!("HostRule::HttpsTo({hosts:?}.map(str::to_owned).to_vec())"),
    };
    format!(
        "Settings {{ hosts: {hosts}, \
         claims: Claims {{ lease: {}, margin: {}, slice: {} }}, \
         recovery: Recovery {{ grace: {}, quiet: {}, quiet_max: {}, crash: {}, check: {} }}, \
         expiry: Expiry {{ open: {}, keep: {}, remember: {} }}, outbox: Outbox {{ resend: {}, resend_max: {} }}, \
         archive: Archive {{ keep: {}, retry: {}, retry_max: {} }}, replays: Replays {{ poll: {}, poll_max: {} }}, schedules: Schedules {{ keep: {}, retry: {}, max_attempts: {} }}, \
         quotas: Quotas {{ keys: {keys}, job_requests: {job_requests:?} }}, kinds: {} }}",
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
        time(expiry.remember),
        time(outbox.resend),
        time(outbox.resend_max),
        time(archive.keep),
        time(archive.retry),
        time(archive.retry_max),
        time(replays.poll),
        time(replays.poll_max),
        time(schedules.keep),
        time(schedules.retry),
        schedules.max_attempts,
        map(kinds),
    )
}

/// A map as an expression that inserts one by one: `BTreeMap::from` sorts first, which is a kilobyte in every Worker.
fn map(entries: impl Iterator<Item = String>) -> String {
    let inserts = entries.map(|entry| format!("map.insert{entry};")).collect::<String>();
    if inserts.is_empty() {
        return "BTreeMap::new()".to_owned();
    }
    format!("{{ let mut map = BTreeMap::new(); {inserts} map }}")
}

fn queue(queue: &settings::QueueSettings) -> String {
    // Numbers only: as Rust writes them down for debugging they can be read again.
    format!("{queue:?}")
}

fn kind(kind: &settings::KindSettings) -> String {
    let (concurrency, pack_tasks) = (kind.concurrency, kind.pack_tasks);
    format!("KindSettings {{ concurrency: {concurrency}, pack_tasks: {pack_tasks}, retry: {} }}", retry(&kind.retry))
}

fn retry(retry: &domain::retry::RetryPolicy) -> String {
    let max_elapsed = retry.max_elapsed.map(time);
    format!(
        "RetryPolicy {{ initial_interval: {}, multiplier: {:?}, randomization_factor: {:?}, max_interval: {}, \
         max_attempts: {}, max_elapsed: {} }}",
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
