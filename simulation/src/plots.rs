//! The plots of `docs/scale.md`.

mod axes;
mod backlog;
mod batches;
mod moves;
mod pace;
mod packs;

use plotters::prelude::DrawingAreaErrorKind;

use crate::document::Results;

/// A plot that could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error("a plot cannot be drawn: {0}")]
pub struct PlotError(String);

impl<E: std::error::Error + Send + Sync> From<DrawingAreaErrorKind<E>> for PlotError {
    fn from(error: DrawingAreaErrorKind<E>) -> Self {
        Self(error.to_string())
    }
}

/// All plots: the name of each file, and what is in it.
///
/// # Errors
/// [`PlotError`].
pub fn all(results: &Results) -> Result<Vec<(&'static str, String)>, PlotError> {
    Ok(vec![
        ("pace.svg", pace::draw(results)?),
        ("backlog.svg", backlog::draw(results)?),
        ("moves.svg", moves::draw(results)?),
        ("batches.svg", batches::draw(results)?),
        ("packs.svg", packs::draw(results)?),
    ])
}
