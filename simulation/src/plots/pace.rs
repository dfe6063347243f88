//! Tasks ended in an hour by tasks submitted in an hour.

use plotters::prelude::*;

use super::PlotError;
use super::axes::{Axis, COLOURS, Line, Marks, lines, svg};
use crate::document::Results;
use crate::numbers::{digits, percent};
use crate::study::{FAILING, Group};

pub(super) fn draw(results: &Results) -> Result<String, PlotError> {
    let line = |(failing, colour): (f64, RGBColor)| {
        let ran = results.failing(Group::Rates, failing);
        let points = ran.iter().map(|ran| (ran.summary.tasks_per_hour / 1e6, ran.summary.pace / 1e6)).collect();
        let name =
            if failing == 0.0 { "none fails".to_owned() } else { format!("{} of attempts fail", percent(failing)) };
        Line { name, colour, points, marks: Marks::Circles }
    };
    let mut all: Vec<Line> = FAILING.into_iter().zip(COLOURS).map(line).collect();
    let even = Line {
        name: "as many as are submitted".to_owned(),
        colour: RGBColor(170, 170, 170),
        points: vec![(0.5, 0.5), (40.0, 40.0)],
        marks: Marks::None,
    };
    all.insert(0, even);
    svg(|area| {
        lines(
            area,
            "One lane, settings of production: where it stops keeping up",
            ((0.5..110.0).log_scale(), Axis { label: "million tasks submitted in an hour", format: &|x| digits(*x) }),
            ((0.4..50.0).log_scale(), Axis { label: "million tasks ended in an hour", format: &|y| digits(*y) }),
            &all,
            SeriesLabelPosition::UpperLeft,
        )
    })
}
