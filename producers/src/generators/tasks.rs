//! The generator `tasks` at work.

use domain::generators::{Firing, Tasks};
use domain::kinds::http_request::HostRule;

use super::{Generate, GenerateError, Made};
use crate::room::Hold;

impl Generate for Tasks<'_> {
    async fn generate(&self, _firing: &Firing<'_>, _hosts: &HostRule) -> Result<Made, GenerateError> {
        let (ndjson, hold) = (self.ndjson(), Hold::generated());
        hold.grow(ndjson.len())?;
        Ok(Made { ndjson, kind: None, hold })
    }
}
