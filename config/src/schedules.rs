//! Schedules of `config/schedules.toml`, as checked when built.

use crate::Environment;

/// A schedule that is deployed with the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfigSchedule {
    /// Its name.
    pub name: &'static str,
    /// What `PUT /v1/schedules/{name}` would be told, as JSON.
    pub body: &'static str,
    /// A hash of the body, by which a change is seen.
    pub hash: &'static str,
}

impl Environment {
    /// The schedules of this environment, by name.
    pub fn schedules(self) -> &'static [ConfigSchedule] {
        match self {
            Self::Development => include!(concat!(env!("OUT_DIR"), "/development_schedules.rs")),
            Self::Production => include!(concat!(env!("OUT_DIR"), "/production_schedules.rs")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_paused_and_in_development_only() {
        let development = Environment::Development.schedules();
        let example = development.iter().find(|schedule| schedule.name == "example").unwrap();
        assert!(
            example.body.contains(r#""paused":true"#) && !example.body.contains("environments"),
            "{}",
            example.body
        );
        assert_eq!(example.hash.len(), 64);
        assert!(Environment::Production.schedules().iter().all(|schedule| schedule.name != "example"));
    }

    #[test]
    fn schedules_are_in_order_of_their_names() {
        for environment in [Environment::Development, Environment::Production] {
            assert!(environment.schedules().is_sorted_by_key(|schedule| schedule.name));
        }
    }
}
