//! The generator `template` at work.

use domain::generators::{Firing, Template};
use domain::kinds::http_request::HostRule;

use super::room::room;
use super::{Generate, GenerateError, Made};

impl Generate for Template<'_> {
    async fn generate(&self, firing: &Firing<'_>, _hosts: &HostRule) -> Result<Made, GenerateError> {
        let room = room(self.bytes()).await;
        Ok(Made { ndjson: self.ndjson(firing)?, kind: None, room })
    }
}
