//! Which characters carry no meaning of their own, and which stand for a narrower one?

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// Whether the character is a Han ideograph (unified, compatibility or the iteration mark 〇 of numerals).
#[must_use]
pub const fn is_han(c: char) -> bool {
    matches!(c,
        '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '\u{3007}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{2FA1F}' | '\u{30000}'..='\u{323AF}')
}

/// Whether the character has no agreed meaning: old systems put rare ideographs there.
#[must_use]
pub const fn is_private_use(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{FFFFD}' | '\u{100000}'..='\u{10FFFD}')
}

/// Whether the character is a radical of a dictionary (⼤ U+2F24), which text that was copied from a document has in place of the
/// ideograph (大).
const fn is_radical(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{2FD5}')
}

/// The radicals of the supplement that stand for a whole ideograph, by their names in Unicode, which has no mapping for them.
const SUPPLEMENT: [(char, char); 33] = [
    ('⺠', '民'),
    ('⺟', '母'),
    ('⺼', '肉'),
    ('⻄', '西'),
    ('⻁', '虎'),
    ('⻅', '见'),
    ('⻆', '角'),
    ('⻇', '角'),
    ('⻉', '贝'),
    ('⻋', '车'),
    ('⻑', '長'),
    ('⻒', '镸'),
    ('⻓', '长'),
    ('⻔', '门'),
    ('⻗', '雨'),
    ('⻘', '青'),
    ('⻙', '韦'),
    ('⻚', '页'),
    ('⻛', '风'),
    ('⻜', '飞'),
    ('⻝', '食'),
    ('⻡', '首'),
    ('⻢', '马'),
    ('⻣', '骨'),
    ('⻤', '鬼'),
    ('⻥', '鱼'),
    ('⻦', '鸟'),
    ('⻨', '麦'),
    ('⻩', '黄'),
    ('⻬', '齐'),
    ('⻮', '齿'),
    ('⻰', '龙'),
    ('⻳', '龟'),
];

/// The ideograph that a radical stands for (the compatibility mapping of Unicode, and for those that it leaves out their names); any other
/// character is itself.
#[must_use]
pub fn without_radical(c: char) -> char {
    if !is_radical(c) {
        return c;
    }
    let named = SUPPLEMENT.iter().find(|(radical, _)| *radical == c).map(|(_, ideograph)| *ideograph);
    named.or_else(|| std::iter::once(c).nfkc().next()).unwrap_or(c)
}

/// Whether the character stands for one that some system could not write.
#[must_use]
pub const fn is_lost(c: char) -> bool {
    matches!(c, '?' | '？' | '□' | '〓' | '\u{FFFD}')
}

/// Whether the character is invisible and only there by accident: zero-width space, joiners, byte-order mark, soft hyphen.
#[must_use]
pub const fn is_zero_width(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}' | '\u{00AD}' | '\u{180E}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// Whether the character chooses a written form of the ideograph before it (Unicode, Ideographic Variation Database).
pub(crate) const fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// Whether the character is a second code point of an ideograph that is another to no reader.
const fn is_compatibility_ideograph(c: char) -> bool {
    matches!(c, '\u{F900}'..='\u{FAFF}' | '\u{2F800}'..='\u{2FA1F}')
}

/// A name in the ideographs that it is compared in: without variation selectors, compatibility ideographs as the unified ones.
///
/// ```
/// assert_eq!(jiku_text::characters::plain_ideographs("葛\u{E0100}\u{F9E1}"), "葛李");
/// ```
#[must_use]
pub fn plain_ideographs(name: &str) -> Cow<'_, str> {
    let is_plain = |c: char| !is_variation_selector(c) && !is_compatibility_ideograph(c);
    if name.is_ascii() || name.chars().all(is_plain) {
        return Cow::Borrowed(name);
    }
    let characters = name.chars().filter(|&c| !is_variation_selector(c));
    Cow::Owned(characters.map(|c| if is_compatibility_ideograph(c) { std::iter::once(c).nfc().next().unwrap_or(c) } else { c }).collect())
}

/// Whether the character changes the direction of text without being seen.
#[must_use]
pub const fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Whether the character is a space of any width.
#[must_use]
pub fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{3000}' | '\u{2800}' | '\u{3164}')
}

/// The narrow form of a full-width Latin letter, digit or sign; any other character is itself.
#[must_use]
pub const fn narrow(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => match char::from_u32(c as u32 - 0xFEE0) {
            Some(narrow) => narrow,
            None => c,
        },
        '\u{3000}' => ' ',
        '\u{FFE5}' => '\u{00A5}',
        _ => c,
    }
}

/// What was found in a text that a reader would not see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Oddities {
    /// Zero-width characters; they are left out of comparisons.
    pub zero_width: bool,
    /// Direction controls; they are left out of comparisons and of what is shown.
    pub bidi: bool,
    /// Control characters such as carriage return or escape.
    pub control: bool,
    /// U+0000, which no database text can hold.
    pub nul: bool,
    /// Private-use characters.
    pub private_use: bool,
    /// U+FFFD: a character was lost on the way.
    pub replacement: bool,
}

impl Oddities {
    /// What `text` holds of them.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut found = Self::default();
        if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
            return found;
        }
        let mut before = '\0';
        for c in text.chars() {
            match std::mem::replace(&mut before, c) {
                // It tells which form of the ideograph is meant.
                last if is_han(last) && is_variation_selector(c) => continue,
                _ => {}
            }
            match c {
                '\0' => found.nul = true,
                '\u{FFFD}' => found.replacement = true,
                _ if is_zero_width(c) => found.zero_width = true,
                _ if is_bidi_control(c) => found.bidi = true,
                _ if c.is_control() => found.control = true,
                _ if is_private_use(c) => found.private_use = true,
                _ => {}
            }
        }
        found
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The text without what cannot be seen, each run of spaces and control characters as one space, trimmed; composed to
/// NFC where it was not. Letters and ideographs stay as they were.
///
/// ```
/// assert_eq!(jiku_text::characters::tidy(" 李\u{200B}娜\u{3000} "), "李娜");
/// ```
#[must_use]
pub fn tidy(text: &str) -> Cow<'_, str> {
    tidy_as(text, false)
}

/// As [`tidy`], for a name, which is shown as it was written: compatibility ideographs and the variation selectors behind ideographs stay.
/// [`plain_ideographs`] is what such names are compared by.
#[must_use]
pub fn tidy_name(text: &str) -> Cow<'_, str> {
    tidy_as(text, true)
}

fn tidy_as(text: &str, exact: bool) -> Cow<'_, str> {
    let untidy = |c: char| is_zero_width(c) || is_bidi_control(c) || c.is_control() || (is_space(c) && c != ' ');
    let stays = |c: char| exact && is_compatibility_ideograph(c);
    let composed = |c: char| {
        !is_radical(c) && !matches!(c, '\u{0300}'..='\u{036F}' | '\u{3099}' | '\u{309A}') && (exact || !is_compatibility_ideograph(c))
    };
    if !text.contains("  ") && text.chars().all(|c| !untidy(c) && composed(c)) {
        return Cow::Borrowed(text.trim());
    }
    let mut tidy = String::with_capacity(text.len());
    let mut put = |c: char| {
        let is_chosen_form = exact && is_variation_selector(c) && tidy.ends_with(is_han);
        if (is_zero_width(c) || is_bidi_control(c)) && !is_chosen_form {
            return;
        }
        if is_space(c) || c.is_control() {
            if !tidy.is_empty() && !tidy.ends_with(' ') {
                tidy.push(' ');
            }
        } else {
            tidy.push(without_radical(c));
        }
    };
    // What stays as it is is composed with nothing.
    for part in text.split_inclusive(stays) {
        let end = part.char_indices().next_back().filter(|(_, last)| stays(*last)).map_or(part.len(), |(at, _)| at);
        part[..end].nfc().chain(part[end..].chars()).for_each(&mut put);
    }
    tidy.truncate(tidy.trim_end().len());
    Cow::Owned(tidy)
}

/// The text narrowed, upper-cased and without spaces, zero-width characters and hyphens: how identity numbers, credit
/// codes and other numbers are brought to one form before they are read.
#[must_use]
pub fn compact_number(text: &str) -> String {
    let mut compact = String::with_capacity(text.len());
    for c in text.chars() {
        match narrow(c) {
            '-' | '\'' | '’' | '‘' | '`' | '‐' | '‑' | '‒' | '–' | '—' | '−' | '＿' => {}
            c if is_space(c) || is_zero_width(c) || is_bidi_control(c) || c.is_control() => {}
            c if c.is_ascii() => compact.push(c.to_ascii_uppercase()),
            'Ⅹ' | 'ⅹ' | 'Х' | 'х' | '×' | 'Χ' | 'χ' | '✕' | '╳' => compact.push('X'),
            c => compact.push(c),
        }
    }
    compact
}

/// The text without the dress a spreadsheet gave to a number or code: of `'020` the mark of text in front, of `13611112222.0` and
/// `1.3611112222E+10` what made a decimal number of it. A number of which digits were rounded away stays as it is.
///
/// ```
/// use jiku_text::characters::undressed;
/// assert_eq!(["'020", "1.0", "1.3611112222E10", "9.14E+17"].map(undressed), ["020", "1", "13611112222", "9.14E+17"]);
/// ```
#[must_use]
pub fn undressed(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim();
    let plain = trimmed.strip_prefix('\'').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || is_han(c))).unwrap_or(trimmed);
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((whole, decimals)) = plain.split_once('.')
        && is_digits(whole)
    {
        if !decimals.is_empty() && decimals.bytes().all(|byte| byte == b'0') {
            return Cow::Borrowed(whole);
        }
        if let Some((digits, exponent)) = decimals.split_once(['E', 'e'])
            && whole.len() == 1
            && is_digits(digits)
            && exponent.trim_start_matches('+').parse() == Ok(digits.len())
        {
            return Cow::Owned(format!("{whole}{digits}"));
        }
    }
    if plain.len() < trimmed.len() { Cow::Borrowed(plain) } else { Cow::Borrowed(text) }
}

/// Whether the text is a value that was masked somewhere on its way and so is none.
#[must_use]
pub fn is_masked(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '*' | '＊' | '●' | '※' | '■'))
}

/// Whether the text stands for "no value" in forms and exports.
#[must_use]
pub fn is_placeholder(text: &str) -> bool {
    // What a spreadsheet shows where a formula failed.
    const FAILED: [&str; 7] = ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"];
    const WORDS: [&str; 41] = [
        "无",
        "無",
        "未知",
        "不详",
        "不詳",
        "空",
        "暂无",
        "没有",
        "同上",
        "详见附件",
        "见附件",
        "待定",
        "待补",
        "待补充",
        "其他",
        "测试",
        "无名氏",
        "无名",
        "未填",
        "未填写",
        "未登记",
        "不明",
        "保密",
        "略",
        "NULL",
        "null",
        "N/A",
        "n/a",
        "NA",
        "None",
        "none",
        "NONE",
        "nan",
        "NaN",
        "-",
        "--",
        "/",
        "\\",
        "?",
        "x",
        "X",
    ];
    WORDS.contains(&text)
        || text.eq_ignore_ascii_case("null")
        || text.starts_with(['#', '＃']) && FAILED.iter().any(|word| text.trim_start_matches(['#', '＃']).eq_ignore_ascii_case(&word[1..]))
        || (!text.is_empty() && text.chars().all(|c| matches!(c, '-' | '—' | '/' | '.' | '。' | '?' | '？' | '□' | '〓' | '_' | ' ' | '#')))
}

/// Whether the text shows what is left of lost characters and is no word: the mark for them (U+FFFD in UTF-8) read as GBK, 锟斤拷, or as Latin-1, ï¿½;
/// and memory that was never written (0xCC, 0xCD) read as GBK, 烫烫烫 and 屯屯屯.
pub(crate) fn tells_lost_characters(text: &str) -> bool {
    ["锟斤", "斤拷", "ï¿½", "烫烫烫", "屯屯屯"].iter().any(|trace| text.contains(trace))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tidy_text_is_left_as_it_is() {
        assert!(matches!(tidy("张伟"), Cow::Borrowed("张伟")));
        assert!(matches!(tidy(" JOHN SMITH "), Cow::Borrowed("JOHN SMITH")));
    }

    #[test]
    fn what_cannot_be_seen_goes_and_spaces_collapse() {
        assert_eq!(tidy("a\u{202E}b\u{0007} \r\n c"), "ab c");
        assert_eq!(tidy("e\u{0301}"), "é");
        assert_eq!(tidy("王⼤⼒"), "王大力");
    }

    #[test]
    fn a_name_keeps_the_form_of_its_ideographs() {
        for name in ["王\u{2F800}", "葛\u{E0100}明", "\u{F9E1}\u{2F81A}"] {
            assert_eq!(tidy_name(name), name);
            assert_eq!(tidy_name(&format!(" {name}\u{200B} ")), name);
            assert_ne!(plain_ideographs(name), name);
            assert_eq!(tidy(name), plain_ideographs(name));
            assert!(!Oddities::of(name).zero_width);
        }
        // Behind anything else it is invisible and no more.
        assert_eq!(tidy_name("A\u{E0100}B e\u{0301}"), "AB é");
        assert!(Oddities::of("A\u{E0100}").zero_width);
    }

    #[test]
    fn rare_ideographs_are_han() {
        for c in ['𠮷', '㐂', '䶮', '〇', '\u{31350}'] {
            assert!(is_han(c), "{c}");
        }
        assert!(!is_han('A') && !is_han('。') && !is_han('\u{E000}'));
    }

    #[test]
    fn oddities_are_named() {
        let odd = Oddities::of("张\u{200B}\u{E816}\u{FFFD}\u{202E}");
        assert!(odd.zero_width && odd.private_use && odd.replacement && odd.bidi && !odd.control);
        assert!(Oddities::of("张伟 ZHANG").is_empty());
        assert!(Oddities::of("a\0b").nul);
    }
}
