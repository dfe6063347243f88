//! Lanes: the queues that tasks travel in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A queue that tasks travel in; one Cloudflare queue each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lane {
    /// For what somebody waits for.
    High,
    /// For what does not say.
    #[default]
    Default,
    /// For what may wait.
    Bulk,
    /// Internal: suspects of killing their isolate run here one by one. Nobody can submit to it.
    Quarantine,
}

impl Lane {
    /// Every lane, the internal one last.
    pub const ALL: [Self; 4] = [Self::High, Self::Default, Self::Bulk, Self::Quarantine];

    /// The lane's name in the API, the CLI and the queue's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Default => "default",
            Self::Bulk => "bulk",
            Self::Quarantine => "quarantine",
        }
    }

    /// The binding of the lane's queue in every Worker that sends to it.
    pub const fn binding(self) -> &'static str {
        match self {
            Self::High => "LANE_HIGH",
            Self::Default => "LANE_DEFAULT",
            Self::Bulk => "LANE_BULK",
            Self::Quarantine => "LANE_QUARANTINE",
        }
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Reads a lane that callers may submit to.
impl FromStr for Lane {
    type Err = UnknownLane;

    fn from_str(text: &str) -> Result<Self, UnknownLane> {
        match text {
            "high" => Ok(Self::High),
            "default" => Ok(Self::Default),
            "bulk" => Ok(Self::Bulk),
            _ => Err(UnknownLane),
        }
    }
}

/// Text that names no lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown lane: the lanes are high, default and bulk")]
pub struct UnknownLane;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_cannot_name_the_internal_lane() {
        for lane in Lane::ALL {
            let open = lane.name().parse::<Lane>().is_ok();
            assert_eq!(open, lane != Lane::Quarantine, "{lane}");
        }
    }

    #[test]
    fn the_wire_name_is_the_name() {
        for lane in Lane::ALL {
            assert_eq!(serde_json::to_string(&lane).unwrap(), format!("\"{lane}\""));
        }
    }
}
