//! Pages of lists: cursors that callers hand back as they are.

use std::fmt::Write;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// Text that no page handed out, or one of another list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the cursor of a page of this list: give what the page before said, with the same filter")]
pub struct MadeUpCursor;

/// A list that is read page by page: its name and what it is filtered by. A cursor is good for this list only.
#[derive(Clone, Debug)]
pub struct Page {
    list: String,
}

impl Page {
    /// The list `name` filtered by `filter`.
    pub fn of(name: &str, filter: &impl Serialize) -> Self {
        Self { list: format!("{name} {}", serde_json::to_string(filter).unwrap_or_default()) }
    }

    /// The cursor of a page that begins after `place`: numbers or text.
    pub fn cursor(&self, place: &impl Serialize) -> String {
        let place = serde_json::to_string(place).unwrap_or_default();
        let mut cursor = String::new();
        for byte in place.bytes() {
            // Writing to a String cannot fail.
            let _ = write!(cursor, "{byte:02x}");
        }
        cursor + &self.check(&place)
    }

    /// Where a page begins that `cursor` asks for.
    ///
    /// # Errors
    /// [`MadeUpCursor`].
    pub fn place<T: DeserializeOwned>(&self, cursor: &str) -> Result<T, MadeUpCursor> {
        let (place, check) = cursor.split_at_checked(cursor.len().saturating_sub(CHECK)).ok_or(MadeUpCursor)?;
        let place = read_hexadecimal(place).ok_or(MadeUpCursor)?;
        if self.check(&place) != check {
            return Err(MadeUpCursor);
        }
        serde_json::from_str(&place).map_err(|_| MadeUpCursor)
    }

    fn check(&self, place: &str) -> String {
        let digest = Sha256::new().chain_update(place).chain_update("\n").chain_update(&self.list).finalize();
        digest.iter().take(CHECK / 2).fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

/// Digits that tell a cursor of this list from others. It keeps nobody out: a cursor gives no rights.
const CHECK: usize = 8;

fn read_hexadecimal(text: &str) -> Option<String> {
    let digit = |byte: u8| (byte as char).to_digit(16).filter(|_| !byte.is_ascii_uppercase());
    let bytes = text.as_bytes().chunks(2).map(|pair| {
        let [high, low] = *pair else { return None };
        u8::try_from(digit(high)? * 16 + digit(low)?).ok()
    });
    String::from_utf8(bytes.collect::<Option<Vec<u8>>>()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_good_for_the_list_that_handed_it_out() {
        let page = Page::of("dead-letters", &"open");
        let cursor = page.cursor(&(7, "ü"));
        assert_eq!(page.place::<(u32, String)>(&cursor), Ok((7, "ü".to_owned())));
        for other in [Page::of("dead-letters", &"discarded"), Page::of("groups", &"open")] {
            assert_eq!(other.place::<(u32, String)>(&cursor), Err(MadeUpCursor));
        }
    }

    #[test]
    fn made_up_cursors_are_refused() {
        let page = Page::of("journal", &());
        let real = page.cursor(&7);
        let shouted = real.to_uppercase() + "A";
        for cursor in ["", "7", "zz", "ü", "ffffffff", "37ffffffff", &real[1..], &shouted, &format!("{real}00")] {
            assert_eq!(page.place::<u32>(cursor), Err(MadeUpCursor), "{cursor}");
        }
    }
}
