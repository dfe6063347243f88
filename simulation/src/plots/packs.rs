//! Tasks ended in an hour by the downstream's latency, with packs and without.

use plotters::prelude::*;

use super::PlotError;
use super::axes::{Axis, COLOURS, Line, Marks, lines, svg};
use crate::document::Results;
use crate::numbers::digits;
use crate::study::Group;

pub(super) fn draw(results: &Results) -> Result<String, PlotError> {
    let line = |(name, group, colour): (&str, Group, RGBColor)| {
        let ran = results.group(group);
        let points = ran.map(|ran| (ran.case.plan.downstream.as_millis() as f64, ran.summary.pace / 1e6)).collect();
        Line { name: name.to_owned(), colour, points, marks: Marks::Circles }
    };
    let all = [("packs of 100 tasks", Group::Packs, COLOURS[0]), ("one task a message", Group::NoPacks, COLOURS[2])];
    let all: Vec<Line> = all.into_iter().map(line).collect();
    svg(|area| {
        lines(
            area,
            "What packs buy: a lane at twice what it can do",
            ((15.0..1_300.0).log_scale(), Axis { label: "milliseconds that the downstream takes", format: &some }),
            ((1.0..300.0).log_scale(), Axis { label: "million tasks ended in an hour", format: &|y| digits(*y) }),
            &all,
            SeriesLabelPosition::UpperRight,
        )
    })
}

/// Labels that do not run into each other.
fn some(x: &f64) -> String {
    if [20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0].contains(x) { digits(*x) } else { String::new() }
}
