//! How long a job takes, and its messages, by the size of batches.

use plotters::prelude::*;

use super::PlotError;
use super::axes::{Axis, COLOURS, Line, Marks, from_zero, lines, svg};
use crate::document::Results;
use crate::study::Group;
use crate::summary::Summary;

pub(super) fn draw(results: &Results) -> Result<String, PlotError> {
    svg(|area| {
        let (left, right) = area.split_horizontally(430);
        let took = |summary: &Summary| summary.job_median.as_secs_f64();
        half(results, (0.0, &left), "Median job of 10,000 tasks, none fails", "seconds", COLOURS[0], took)?;
        half(results, (0.1, &right), "Messages for each pack, 10 % fail", "messages", COLOURS[1], |summary| {
            summary.deliveries
        })
    })
}

fn half(
    results: &Results,
    (failing, area): (f64, &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>),
    title: &str,
    unit: &str,
    colour: RGBColor,
    value: impl Fn(&Summary) -> f64,
) -> Result<(), PlotError> {
    let points = results.failing(Group::Batches, failing).into_iter();
    let points = points.map(|ran| (ran.case.label.parse().unwrap_or(0.0), value(&ran.summary)));
    let line = Line { name: title.to_owned(), colour, points: points.collect(), marks: Marks::Circles };
    let top = from_zero(line.points.iter().map(|(_, y)| *y));
    lines(
        area,
        title,
        (0.0..21.0, Axis { label: "max_batch_size (1 M tasks/h)", format: &|x| x.to_string() }),
        (top, Axis { label: unit, format: &|y| y.to_string() }),
        &[line],
        SeriesLabelPosition::UpperLeft,
    )
}
