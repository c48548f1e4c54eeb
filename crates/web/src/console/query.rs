//! What can somebody mean who types this into the one search box?

use jiku_model::Kind;
use jiku_registry::SearchField;

/// The readings of a text for a kind, the likeliest first; each is a question of its own.
pub(crate) fn readings(kind: Kind, text: &str) -> Vec<SearchField> {
    let text = text.trim();
    let ascii: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    let digits = ascii.chars().filter(char::is_ascii_digit).count();
    let is_date = ascii.len() == 10
        && ascii.bytes().enumerate().all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() });
    let fields: &[&str] = if text.is_empty() {
        &[]
    } else if is_date && kind == Kind::Person {
        &["birth_date"]
    } else if ascii.is_ascii() && digits * 2 >= ascii.len() && digits >= 4 {
        match kind {
            Kind::Parcel => &["code", "number"],
            _ if ascii.len() == 11 => &["phone", "number"],
            _ => &["number", "phone"],
        }
    } else if ascii.is_ascii() {
        match kind {
            Kind::Parcel => &["code", "name", "address"],
            _ if ascii.len() <= 4 => &["initials", "pinyin", "name", "name_begins"],
            _ => &["pinyin", "name", "number", "name_begins"],
        }
    } else if kind == Kind::Parcel {
        &["address", "name"]
    } else {
        &["name", "name_begins", "address"]
    };
    fields.iter().map(|field| SearchField { field: (*field).to_owned(), text: text.to_owned() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: Kind, text: &str, expected: &[&str]) {
        let fields: Vec<String> = readings(kind, text).into_iter().map(|reading| reading.field).collect();
        assert_eq!(fields, expected, "{text}");
    }

    #[test]
    fn a_text_is_read_by_its_shape() {
        check(Kind::Person, "张伟", &["name", "name_begins", "address"]);
        check(Kind::Person, "zw", &["initials", "pinyin", "name", "name_begins"]);
        check(Kind::Person, "zhang wei", &["pinyin", "name", "number", "name_begins"]);
        check(Kind::Person, "13800138000", &["phone", "number"]);
        check(Kind::Person, "11010119900307803X", &["number", "phone"]);
        check(Kind::Person, "1990-03-07", &["birth_date"]);
        check(Kind::LegalPerson, "91440101MA59ABCD1X", &["number", "phone"]);
        check(Kind::Parcel, "440106001001GB00001", &["code", "number"]);
        check(Kind::Parcel, "天河路", &["address", "name"]);
        check(Kind::Person, "  ", &[]);
    }
}
