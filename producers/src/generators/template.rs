//! The generator `template` at work.

use domain::generators::{Firing, Template};
use domain::kinds::http_request::HostRule;

use super::{Generate, GenerateError, Made};
use crate::room::Hold;

impl Generate for Template<'_> {
    async fn generate(&self, firing: &Firing<'_>, _hosts: &HostRule) -> Result<Made, GenerateError> {
        let hold = Hold::generated();
        hold.grow(self.bytes())?;
        Ok(Made { ndjson: self.ndjson(firing)?, kind: None, hold })
    }
}
