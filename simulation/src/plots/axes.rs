//! What the plots share: size, colours, letters, and lines with their points.

use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};

use plotters::prelude::*;

use super::PlotError;

/// Width and height, in pixels.
pub(super) const SIZE: (u32, u32) = (860, 440);
/// Told apart also by who sees few colours.
pub(super) const COLOURS: [RGBColor; 3] = [RGBColor(0, 114, 178), RGBColor(230, 159, 0), RGBColor(200, 60, 60)];
/// The font of all letters.
pub(super) const FONT: &str = "sans-serif";

/// Draws on white, whatever the page is: `draw` gets the area.
pub(super) fn svg(
    draw: impl FnOnce(&DrawingArea<SVGBackend<'_>, plotters::coord::Shift>) -> Result<(), PlotError>,
) -> Result<String, PlotError> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        area.fill(&WHITE)?;
        draw(&area)?;
        area.present()?;
    }
    Ok(text)
}

/// A line with its name.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) colour: RGBColor,
    pub(super) points: Vec<(f64, f64)>,
    pub(super) marks: Marks,
}

/// Whether the points of a line are marked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Marks {
    Circles,
    None,
}

/// What an axis says.
pub(super) struct Axis<'a> {
    pub(super) label: &'a str,
    pub(super) format: &'a dyn Fn(&f64) -> String,
}

/// Draws lines over two axes, with their names.
pub(super) fn lines<X, Y>(
    area: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
    title: &str,
    (x, x_axis): (X, Axis<'_>),
    (y, y_axis): (Y, Axis<'_>),
    lines: &[Line],
    names: SeriesLabelPosition,
) -> Result<(), PlotError>
where
    X: AsRangedCoord<Value = f64>,
    Y: AsRangedCoord<Value = f64>,
    X::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
    Y::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
{
    let mut chart = ChartBuilder::on(area)
        .caption(title, (FONT, 20))
        .margin(14)
        .x_label_area_size(46)
        .y_label_area_size(70)
        .build_cartesian_2d(x, y)?;
    chart
        .configure_mesh()
        .x_desc(x_axis.label)
        .y_desc(y_axis.label)
        .x_label_formatter(x_axis.format)
        .y_label_formatter(y_axis.format)
        .label_style((FONT, 14))
        .axis_desc_style((FONT, 15))
        .light_line_style(WHITE)
        .bold_line_style(RGBColor(225, 225, 225))
        .draw()?;
    for line in lines {
        let colour = line.colour;
        chart
            .draw_series(LineSeries::new(line.points.iter().copied(), colour.stroke_width(2)))?
            .label(line.name.as_str())
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 22, y)], colour.stroke_width(3)));
        if line.marks == Marks::Circles {
            chart.draw_series(line.points.iter().map(|point| Circle::new(*point, 4, colour.filled())))?;
        }
    }
    if lines.len() > 1 {
        chart
            .configure_series_labels()
            .position(names)
            .background_style(WHITE.mix(0.9))
            .border_style(RGBColor(200, 200, 200))
            .label_font((FONT, 14))
            .draw()?;
    }
    Ok(())
}

/// An axis from 0 on.
pub(super) fn from_zero(points: impl Iterator<Item = f64>) -> std::ops::Range<f64> {
    0.0..points.fold(0.0, f64::max) * 1.08
}
