//! What must hold: the invariants of ARCHITECTURE.md that a model can see, and two bounds.

use stateright::Property;

use crate::checked::Checked;

/// A rule that a step may break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Rule {
    /// Invariant 1.
    Counts,
    /// Invariant 2.
    NothingLost,
    /// Invariant 3.
    Once,
    /// Invariant 3, of claims: what a lease holds only its holder may fail, and nobody else is given it.
    Lease,
    /// Invariant 4.
    Letters,
    /// Invariant 5.
    Neighbours,
    /// A cancel holds.
    Canceled,
    /// Every history ends, well, and in time.
    Ends,
    /// Messages of one pack (which is one attempt of its tasks).
    Messages,
    /// Deliveries of one message.
    Deliveries,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 10] = [
        Self::Counts,
        Self::NothingLost,
        Self::Once,
        Self::Lease,
        Self::Letters,
        Self::Neighbours,
        Self::Canceled,
        Self::Ends,
        Self::Messages,
        Self::Deliveries,
    ];

    /// The rule in words; the name of its property.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counts => "1: the counts add up, and to what was settled",
            Self::NothingLost => "2: an accepted task has ended or is in exactly one pack",
            Self::Once => "3: nothing ends, is charged or counts twice; a Done counts; what ended is not handed out",
            Self::Lease => "3: what a lease holds is nobody else's to run or to fail",
            Self::Letters => "4: every dead letter is in the outbox or in the archive",
            Self::Neighbours => "5: only poison, or who ran in quarantine when a fault struck, is charged a crash",
            Self::Canceled => "what is canceled and does not run has ended",
            Self::Ends => "every history ends in time, with all tasks ended, all letters archived and an empty outbox",
            Self::Messages => "messages of one pack stay under their bound",
            Self::Deliveries => "deliveries of one message stay under their bound",
        }
    }
}

/// The rules that a history has broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Broken(u16);

impl Broken {
    /// Notes that `rule` is broken.
    pub fn note(&mut self, rule: Rule) {
        self.0 |= 1 << rule as u8;
    }

    /// Notes that `rule` is broken unless it `holds`.
    pub fn unless(&mut self, holds: bool, rule: Rule) {
        if !holds {
            self.note(rule);
        }
    }

    /// Whether `rule` is broken.
    pub const fn is(self, rule: Rule) -> bool {
        self.0 & (1 << rule as u8) != 0
    }

    /// Whether any rule is broken.
    pub const fn any(self) -> bool {
        self.0 != 0
    }
}

/// A property for each rule.
pub fn properties() -> Vec<Property<Checked>> {
    macro_rules! properties {
        ($($rule:ident),*) => {
            vec![$(Property::<Checked>::always(Rule::$rule.name(), |_, world| !world.broken.is(Rule::$rule))),*]
        };
    }
    properties![Counts, NothingLost, Once, Lease, Letters, Neighbours, Canceled, Ends, Messages, Deliveries]
}
