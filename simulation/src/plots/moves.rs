//! What moves the first wall: a bar for each setting.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::PlotError;
use super::axes::{COLOURS, FONT, from_zero, svg};
use crate::document::Results;
use crate::numbers::digits;
use crate::study::Group;

pub(super) fn draw(results: &Results) -> Result<String, PlotError> {
    let bars: Vec<(String, f64)> = results
        .failing(Group::Moves, 0.0)
        .into_iter()
        .map(|ran| (ran.case.label.replace('`', ""), ran.summary.pace / 1e6))
        .collect();
    let count = bars.len() as f64;
    svg(|area| {
        let mut chart = ChartBuilder::on(area)
            .caption("What one lane can do, one thing changed (no failures)", (FONT, 20))
            .margin(14)
            .x_label_area_size(46)
            .y_label_area_size(290)
            .build_cartesian_2d(from_zero(bars.iter().map(|(_, pace)| *pace * 1.05)), count..0.0)?;
        chart
            .configure_mesh()
            .disable_y_mesh()
            .disable_y_axis()
            .x_desc("million tasks ended in an hour")
            .x_label_formatter(&|x| digits(*x))
            .label_style((FONT, 14))
            .axis_desc_style((FONT, 15))
            .light_line_style(WHITE)
            .bold_line_style(RGBColor(225, 225, 225))
            .draw()?;
        let left = |at: f64| chart.backend_coord(&(0.0, at + 0.5));
        let name = TextStyle::from((FONT, 14)).pos(Pos::new(HPos::Right, VPos::Center));
        for (at, (label, _)) in bars.iter().enumerate() {
            let (x, y) = left(at as f64);
            area.draw(&Text::new(label.as_str(), (x - 8, y), name.clone()))?;
        }
        chart.draw_series(bars.iter().enumerate().map(|(at, (_, pace))| {
            let at = at as f64;
            Rectangle::new([(0.0, at + 0.2), (*pace, at + 0.8)], COLOURS[0].filled())
        }))?;
        let number = TextStyle::from((FONT, 14)).pos(Pos::new(HPos::Left, VPos::Center));
        chart.draw_series(bars.iter().enumerate().map(|(at, (_, pace))| {
            EmptyElement::at((*pace, at as f64 + 0.5)) + Text::new(digits(*pace), (6, 0), number.clone())
        }))?;
        Ok(())
    })
}
