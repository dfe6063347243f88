//! What tasks are accepted in this environment.

use config::Settings;
use domain::kinds::Kind;
use domain::submission::Rules;
use domain::time::Timestamp;

/// The settings that submissions are held against.
pub(crate) struct Acceptance<'s> {
    settings: &'s Settings,
    kinds: Vec<Kind>,
    cap: Box<dyn Fn(Kind) -> usize + 's>,
}

impl<'s> Acceptance<'s> {
    pub(crate) fn of(settings: &'s Settings) -> Self {
        let cap = |kind: Kind| settings.kinds.get(&kind).map_or(1, |found| found.pack_tasks);
        Self { settings, kinds: settings.kinds.keys().copied().collect(), cap: Box::new(cap) }
    }

    /// The rules for tasks submitted at `now`, of which those that do not say run from `start` on.
    pub(crate) fn rules(&self, now: Timestamp, start: Option<Timestamp>) -> Rules<'_> {
        Rules { now, start, kinds: &self.kinds, hosts: &self.settings.hosts, cap: &*self.cap }
    }
}
