//! The generator `tasks` at work.

use domain::generators::{Firing, Tasks};
use domain::kinds::http_request::HostRule;

use super::room::room;
use super::{Generate, GenerateError, Made};

impl Generate for Tasks<'_> {
    async fn generate(&self, _firing: &Firing<'_>, _hosts: &HostRule) -> Result<Made, GenerateError> {
        let ndjson = self.ndjson();
        Ok(Made { room: room(ndjson.len()).await, ndjson, kind: None })
    }
}
