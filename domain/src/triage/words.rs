//! The words of an error, as the index keeps them and searches are held against them: runs of letters and digits, in lower
//! case, a blank before and after each. A search is then a look for a piece of text, which needs no index of words: SQLite
//! looks through 100,000 letters in some 40 ms, and a full-text index would cost a row written for each.

/// What stands between the words of the class and those of the message: no phrase reaches over it.
const BETWEEN: &str = "\n";

/// The words of an error.
pub(super) fn words(class: &str, message: &str) -> String {
    let mut all = String::with_capacity(class.len() + message.len() + 4);
    push_words(class, &mut all);
    all.push_str(BETWEEN);
    push_words(message, &mut all);
    all
}

/// `text` as it stands in [`words`], if it is in there: ` word word `.
pub(super) fn phrase(text: &str) -> String {
    let mut phrase = String::with_capacity(text.len() + 2);
    push_words(text, &mut phrase);
    phrase
}

fn push_words(text: &str, words: &mut String) {
    words.push(' ');
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        // What a letter becomes in lower case may be more than letters.
        words.extend(word.chars().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()));
        words.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_letters_and_digits_in_lower_case() {
        let found = words("http.503", "Größe: order_id=4711,\0 'NOT' found");
        assert_eq!(found, " http 503 \n größe order id 4711 not found ");
        assert_eq!(words("", "--"), " \n ");
        assert!(found.contains(&phrase("ORDER_ID=4711")));
        assert!(!found.contains(&phrase("503 größe")), "class and message are two texts");
    }
}
