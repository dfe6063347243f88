//! Figures, each held against what the project promises.

use std::fmt;

/// What a figure must be.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
    /// This and nothing else.
    Exactly(f64),
    /// It is only shown.
    None,
}

/// Something that was measured.
#[derive(Clone, Debug)]
pub struct Figure {
    /// What it is.
    pub name: String,
    /// How much.
    pub value: f64,
    /// Of what.
    pub unit: &'static str,
    /// What it must be.
    pub target: Target,
}

impl Figure {
    /// A figure.
    pub fn new(name: impl Into<String>, value: f64, unit: &'static str, target: Target) -> Self {
        Self { name: name.into(), value, unit, target }
    }

    /// Whether it is as it must be.
    pub fn is_met(&self) -> bool {
        match self.target {
            Target::AtLeast(least) => self.value >= least,
            Target::AtMost(most) => self.value <= most,
            Target::Exactly(wanted) => self.value == wanted,
            Target::None => true,
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  {:58} {:>10} {:12}", self.name, number(self.value), self.unit)?;
        let (sign, target) = match self.target {
            Target::AtLeast(least) => (">=", least),
            Target::AtMost(most) => ("<=", most),
            Target::Exactly(wanted) => ("=", wanted),
            Target::None => return Ok(()),
        };
        write!(f, " target {sign:2} {:<8} {}", number(target), if self.is_met() { "met" } else { "MISSED" })
    }
}

/// Three digits of what is small, no fraction of what is large.
fn number(value: f64) -> String {
    match value {
        value if value.fract() == 0.0 || value >= 1_000.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

/// Prints figures as they come, and remembers which are not as they must be.
#[derive(Debug, Default)]
pub struct Report {
    missed: Vec<Figure>,
}

impl Report {
    /// Shows a figure.
    pub fn add(&mut self, figure: Figure) {
        println!("{figure}");
        if !figure.is_met() {
            self.missed.push(figure);
        }
    }

    /// Shows what was missed; whether nothing was.
    pub fn conclude(&self) -> bool {
        println!("\n{}", if self.missed.is_empty() { "every target is met" } else { "missed:" });
        self.missed.iter().for_each(|figure| println!("{figure}"));
        self.missed.is_empty()
    }
}

/// The value below or at which this share of `values` is, by the nearest rank.
///
/// # Panics
/// If there are none.
pub fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    sorted[rank.clamp(1, sorted.len()) - 1]
}
