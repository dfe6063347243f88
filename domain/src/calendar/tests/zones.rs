//! The table of zones, against chrono-tz.

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;
use proptest::prelude::*;
use proptest::sample::select;

use crate::calendar::zone::{DAY, FIRST, UnknownZone, Zone};

/// Zones where chrono-tz is behind our database (2025b, 2026e): 2026 ends the changes of clocks in Morocco and in parts
/// of Canada, and Moldova's changes of 2022 to 2025 were corrected by an hour. A test fails once it has caught up.
pub(super) const CHANGED_SINCE: [&str; 13] = [
    "Africa/Casablanca",
    "Africa/El_Aaiun",
    "America/Edmonton",
    "America/Inuvik",
    "America/Rainy_River",
    "America/Vancouver",
    "America/Winnipeg",
    "America/Yellowknife",
    "Canada/Central",
    "Canada/Mountain",
    "Canada/Pacific",
    "Europe/Chisinau",
    "Europe/Tiraspol",
];

/// 2091-01-01: beyond what any zone lists as changes of its own.
const FAR: i64 = 3_818_448_000;

/// The offset that chrono-tz has, in seconds.
pub(super) fn theirs(zone: Tz, instant: i64) -> i64 {
    let time = DateTime::from_timestamp(instant, 0).unwrap().naive_utc();
    i64::from(zone.offset_from_utc_datetime(&time).fix().local_minus_utc())
}

/// The instants up to `until` at which the offset of `zone` changes.
pub(super) fn changes(zone: Zone, until: i64) -> impl Iterator<Item = i64> {
    std::iter::successors(Some(zone.span(FIRST).end), move |at| Some(zone.span(*at).end))
        .take_while(move |at| *at < until)
}

#[test]
fn every_zone_has_the_offsets_of_chrono_tz() {
    for name in Zone::names() {
        let (ours, theirs_zone) = (Zone::find(name).unwrap(), name.parse::<Tz>().unwrap());
        // Just before and after each change that we know of; and, for any that we do not, twice a month.
        let changes = changes(ours, FAR).flat_map(|at| [at - 1, at]);
        let instants = changes.chain((FIRST..FAR).step_by(15 * DAY as usize));
        let differs = instants.into_iter().find(|at| ours.offset(*at) != theirs(theirs_zone, *at));
        let listed = CHANGED_SINCE.contains(&name);
        assert_eq!(differs.is_some(), listed, "{name} at {differs:?}: is chrono-tz older or newer? then CHANGED_SINCE");
    }
}

#[test]
fn spans_follow_each_other_without_a_hole() {
    for zone in Zone::names().map(|name| Zone::find(name).unwrap()) {
        let mut span = zone.span(FIRST);
        assert_eq!((span.start, span.before), (FIRST, span.offset), "{}", zone.name());
        assert_eq!(zone.span(0), span);
        while span.end < FAR {
            assert_eq!(zone.span(span.end - 1), span, "{}", zone.name());
            let next = zone.span(span.end);
            assert_eq!((next.start, next.before), (span.end, span.offset), "{}", zone.name());
            span = next;
        }
    }
}

#[test]
fn names_are_as_the_database_spells_them() {
    assert_eq!(Zone::names().count(), 597);
    assert!(Zone::names().is_sorted());
    for name in ["UTC", "Etc/GMT+5", "EST5EDT", "America/Argentina/ComodRivadavia", "Asia/Calcutta", "Asia/Kolkata"] {
        assert_eq!(Zone::find(name).unwrap().name(), name);
    }
    for name in ["", "Factory", "Europe/Berlin ", " Europe/Berlin", "Europe", "CEST", "+01:00", "Europe/Paderborn"] {
        assert_eq!(Zone::find(name).unwrap_err(), UnknownZone::Name { found: name.to_owned() });
    }
    let error = Zone::find("america/new_york").unwrap_err().to_string();
    assert_eq!(error, "unknown time zone \"america/new_york\"; did you mean America/New_York?");
    assert!(Zone::find(&"ü".repeat(100_000)).unwrap_err().to_string().len() < 200);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn any_instant_has_the_offset_of_chrono_tz(
        name in select(Zone::names().filter(|name| !CHANGED_SINCE.contains(name)).collect::<Vec<_>>()),
        instant in prop_oneof![9 => FIRST..2_145_916_800, 1 => FIRST..FAR],
    ) {
        prop_assert_eq!(Zone::find(name).unwrap().offset(instant), theirs(name.parse().unwrap(), instant));
    }
}
