//! How is a value of a column shown?
//!
//! As it is kept, with what its code means beside it: `1` is 男, `440106` is 广东省广州市天河区. A code that is a word of a program, such as
//! `moved-away`, stands behind what it means.

use jiku_model::Kind;
use jiku_registry::ParcelRight;

use super::Language;
use super::difference::{self, Piece};

/// A value on a page.
#[derive(Clone, Default)]
pub(crate) struct Value {
    /// The value in pieces: what differs from the one beside it is marked.
    pub(crate) pieces: Vec<Piece>,
    /// What its code means.
    pub(crate) meaning: String,
    /// Whether the one beside it says another thing, be it only that it says more.
    pub(crate) differs: bool,
}

impl Value {
    /// A value alone.
    pub(crate) fn new(l: Language, kind: Kind, column: &str, text: &str) -> Self {
        let (text, meaning) = told(l, kind, column, text);
        let pieces = if text.is_empty() { Vec::new() } else { difference::whole(&text) };
        Self { pieces, meaning, differs: false }
    }

    /// A value beside another one; a mask hides what differs, so that nothing is marked behind it.
    pub(crate) fn beside(l: Language, kind: Kind, column: &str, text: &str, other: &str) -> Self {
        let veiled = difference::is_masked(text) || difference::is_masked(other);
        if text.is_empty() || other.is_empty() || veiled || is_of_the_source(column) {
            return Self::new(l, kind, column, text);
        }
        let differs = shown(kind, column, text) != shown(kind, column, other);
        let [_, marked] = pieces(l, kind, column, [other, text]);
        Self { pieces: marked, meaning: told(l, kind, column, text).1, differs }
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }
}

/// Whether each source has a value of its own in this column: that they differ says nothing about the entity.
pub(crate) fn is_of_the_source(column: &str) -> bool {
    matches!(column, "valid_from" | "valid_to" | "source_crs")
}

/// The rights in a parcel, which are kept as a list for programs.
fn in_words(kind: Kind, column: &str, text: &str) -> Option<String> {
    let rights: Vec<ParcelRight> = serde_json::from_str(text).ok().filter(|_| kind == Kind::Parcel && column == "rights")?;
    let one = |right: ParcelRight| {
        let times = [right.valid_from, right.valid_to].map(Option::unwrap_or_default).join("–");
        let told = [right.right_type, right.right_holder, right.right_holder_id, right.right_share, right.certificate, Some(times)];
        told.into_iter().flatten().filter(|text| text != "–" && !text.is_empty()).collect::<Vec<_>>().join(" ")
    };
    Some(rights.into_iter().map(one).collect::<Vec<_>>().join("；"))
}

/// A value as people read it.
fn shown(kind: Kind, column: &str, text: &str) -> String {
    in_words(kind, column, text).unwrap_or_else(|| text.to_owned())
}

/// Two values side by side. Words of programs differ as a whole: what they mean says nothing by its letters.
pub(crate) fn pieces(l: Language, kind: Kind, column: &str, sides: [&str; 2]) -> [Vec<Piece>; 2] {
    let shown = sides.map(|text| told(l, kind, column, text).0);
    if sides.iter().all(|text| difference::is_word(text)) {
        return shown.map(|text| vec![Piece { text, differs: sides[0] != sides[1] }]);
    }
    let (left, right) = difference::pieces(&shown[0], &shown[1]);
    [left, right]
}

/// A value, and what stands beside it.
pub(crate) fn told(l: Language, kind: Kind, column: &str, text: &str) -> (String, String) {
    let (text, meaning) = (shown(kind, column, text), meaning(l, kind, column, text));
    if difference::is_word(&text) && !meaning.is_empty() { (meaning, text) } else { (text, meaning) }
}

/// What a code means, when the value is one.
pub(crate) fn meaning(l: Language, kind: Kind, column: &str, text: &str) -> String {
    let Some((zh, en)) = jiku_registry::code_name(kind, column, text) else { return String::new() };
    let name = if en.is_empty() { zh } else { l.say(&zh, en).to_owned() };
    if name == text { String::new() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_says_less_differs_too_and_what_is_the_sources_own_does_not() {
        let differs = |column, text, other| Value::beside(Language::Zh, Kind::Person, column, text, other).differs;
        assert!(differs("address", "天河路1号", "天河路1号2栋"));
        assert!(!differs("address", "天河路1号", "天河路1号"));
        assert!(!differs("address", "天河路1号", ""));
        assert!(!differs("name", "张*", "李*"), "nothing is told of what a mask hides");
        assert!(!differs("valid_from", "2020-01-01", "2021-01-01"));
    }

    #[test]
    fn words_of_programs_differ_as_a_whole_whatever_they_mean() {
        let whole = |left, right| {
            let sides = pieces(Language::En, Kind::Person, "status", [left, right]);
            sides.map(|side| side.iter().map(|piece| (piece.text.clone(), piece.differs)).collect::<Vec<_>>())
        };
        assert_eq!(whole("moved-away", "active"), [[("moved away".to_owned(), true)], [("registered".to_owned(), true)]]);
        assert_eq!(whole("active", "active")[0], [("registered".to_owned(), false)]);
    }

    #[test]
    fn a_code_stands_before_what_it_means_and_a_word_of_programs_behind() {
        for (column, text, expected) in
            [("sex", "1", ("1", "男性")), ("status", "moved-away", ("迁出", "moved-away")), ("name", "moved-away", ("moved-away", ""))]
        {
            let (text, meaning) = told(Language::Zh, Kind::Person, column, text);
            assert_eq!((text.as_str(), meaning.as_str()), expected);
        }
    }

    #[test]
    fn rights_are_shown_in_words() {
        let list = r#"[{"category":"right","right_type":"宅基地使用权","right_holder":"张*","right_share":"1/2"},{"category":"restriction","right_type":"抵押权","right_holder":"某银行","valid_from":"2020-01-01"}]"#;
        assert_eq!(in_words(Kind::Parcel, "rights", list).as_deref(), Some("宅基地使用权 张* 1/2；抵押权 某银行 2020-01-01–"));
        assert_eq!(in_words(Kind::Parcel, "location", "天河路1号"), None);
    }
}
