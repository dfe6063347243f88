//! The only source of randomness of the Workers.

use rand::SeedableRng;
use rand::rngs::SmallRng;

use crate::PlatformError;

/// Fills `bytes` from the runtime's cryptographic generator.
///
/// # Errors
/// [`PlatformError::Randomness`] if the runtime has none to give.
pub fn fill(bytes: &mut [u8]) -> Result<(), PlatformError> {
    getrandom::fill(bytes).map_err(PlatformError::Randomness)
}

/// A fast generator for jitter, seeded anew.
///
/// # Errors
/// As [`fill`].
pub fn rng() -> Result<SmallRng, PlatformError> {
    let mut seed = [0; 8];
    fill(&mut seed)?;
    Ok(SmallRng::seed_from_u64(u64::from_le_bytes(seed)))
}
