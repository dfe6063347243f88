//! Tasks that have not ended, over time.

use plotters::prelude::*;

use super::PlotError;
use super::axes::{Axis, COLOURS, Line, Marks, from_zero, lines, svg};
use crate::document::Results;
use crate::numbers::{digits, percent};
use crate::study::{FAILING, Group};

pub(super) fn draw(results: &Results) -> Result<String, PlotError> {
    let line = |(failing, colour): (f64, RGBColor)| {
        let ran = results.failing(Group::Scenario, failing);
        let ran = ran.into_iter().find(|ran| ran.case.plan.tasks_per_hour == 100_000_000);
        let open = ran.map(|ran| &*ran.summary.open).unwrap_or_default();
        let last = open.iter().rposition(|open| *open > 0).map_or(0, |last| last + 2);
        let points = open.iter().enumerate().take(last);
        let points = points.map(|(minute, open)| ((minute + 1) as f64 / 60.0, *open as f64 / 1e6)).collect();
        let name =
            if failing == 0.0 { "none fails".to_owned() } else { format!("{} of attempts fail", percent(failing)) };
        Line { name, colour, points, marks: Marks::None }
    };
    let all: Vec<Line> = FAILING.into_iter().zip(COLOURS).map(line).collect();
    let points = || all.iter().flat_map(|line| &line.points);
    svg(|area| {
        lines(
            area,
            "100 million tasks in an hour, one lane: tasks that have not ended",
            (from_zero(points().map(|(x, _)| *x)), Axis { label: "hours", format: &|x| digits(*x) }),
            (from_zero(points().map(|(_, y)| *y)), Axis { label: "million tasks", format: &|y| digits(*y) }),
            &all,
            SeriesLabelPosition::UpperRight,
        )
    })
}
