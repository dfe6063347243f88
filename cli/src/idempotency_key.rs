//! What names a request, so that it can be repeated safely.

use crate::failure::Failure;

/// Reads one from the command line. The limits are the server's.
pub(crate) fn read(text: &str) -> Result<String, &'static str> {
    let fits = (1..=255).contains(&text.len()) && text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    if fits { Ok(text.to_owned()) } else { Err("1 to 255 printable ASCII characters") }
}

/// One that nobody else has.
pub(crate) fn random() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| Failure::NoRandomness)?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn made_up_keys_differ() {
        let key = random().unwrap();
        assert_ne!(key, random().unwrap());
        assert!(key.parse::<Uuid>().is_ok());
    }
}
