//! What did a name field say, and what in it is not a name?

use encoding_rs::GBK;

use super::filler::{is_filler, is_somebodys, is_unnamed};
use super::remarks::{Told, cut_remark, sex_of};
use crate::characters::{is_han, is_lost, is_masked, is_placeholder, is_space, narrow, tells_lost_characters, tidy_name};
use crate::surnames;

/// Something in a name field that a steward should look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NameIssue {
    /// A word that stands for "no name".
    Placeholder,
    /// Parts of it were hidden on the way (张*).
    Masked,
    /// One character only: mononyms exist, but most are lost data.
    TooShort,
    /// A digit inside.
    Digit,
    /// A title was cut off (先生, 女士).
    Honorific,
    /// A remark in brackets was cut off.
    Remark,
    /// A remark tells which of two people of the name this one is (（子）, （大）): it stays.
    WhichOne,
    /// The text says whose child or spouse somebody is (麦永年之子), or that a child has none yet (新生儿1), and no name.
    Somebodys,
    /// A rare character was lost and replaced by a sign (?, □, 〓).
    LostCharacter,
    /// A private-use character: it means something in one system only.
    PrivateUse,
    /// Decoded with the wrong character set.
    Mojibake,
    /// Traditional characters: kept as written, compared simplified.
    Traditional,
    /// The name stood there twice, in characters and in letters, or had another one in letters beside it; the letters were cut off.
    Romanised,
    /// Two or more people in one field.
    Several,
    /// A number was glued on and cut off.
    NumberGlued,
}

/// A name as read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameReading {
    /// The name, normalised; empty when the field holds none that can be used.
    pub name: String,
    /// What was left of a name of which the rest was hidden on the way, with a star for each character that was, one at least: 李* of 李某,
    /// 李先生; only where the surname was left.
    pub masked: Option<String>,
    /// The former name that a remark told.
    pub former: Option<String>,
    /// The status that a remark told, as a code of [`crate::code_list::person_statuses`].
    pub status: Option<&'static str>,
    /// The sex that a remark told, as a code of [`crate::code_list::sexes`].
    pub sex: Option<&'static str>,
    /// A number that was glued on: a citizen number or a telephone.
    pub number: Option<String>,
    /// What was noticed, each thing once.
    pub issues: Vec<NameIssue>,
}

/// The name with spaces, width and the separator of minority names brought to one form: spaces inside Han names go,
/// Latin words keep one, every dot between Han characters becomes `·` U+00B7 (民委发〔2016〕33号). Ideographs stay as
/// written, with their variation selectors and compatibility ideographs too.
#[must_use]
pub fn normalise(text: &str) -> String {
    let text = tidy_name(text);
    if text.chars().all(is_han) {
        return text.into_owned();
    }
    let characters: Vec<char> = text.chars().map(narrow).collect();
    let has_han = characters.iter().any(|&c| is_han(c));
    let mut name = String::with_capacity(text.len());
    let mut dot = false;
    let mut space = false;
    for (at, &c) in characters.iter().enumerate() {
        let is_dot = match c {
            '。' => has_han,
            '.' => has_han && neighbours_are_han(&characters, at),
            c => is_separator(c),
        };
        if is_dot {
            dot = !name.is_empty();
        } else if is_space(c) {
            space = !name.is_empty();
        } else {
            let latin_both = name.chars().next_back().is_some_and(|last| !is_han(last)) && !is_han(c);
            if dot {
                name.push('·');
            } else if space && latin_both {
                name.push(' ');
            }
            (dot, space) = (false, false);
            name.push(c);
        }
    }
    name
}

/// The dots that stand between the parts of minority and transliterated names.
const fn is_separator(c: char) -> bool {
    matches!(c, '·' | '•' | '・' | '‧' | '∙' | '⋅' | '･' | '●' | 'ꞏ' | '᛫' | '˙')
}

/// Whether a full stop stands between Han characters, or after the last one.
fn neighbours_are_han(characters: &[char], at: usize) -> bool {
    let counts = |c: &&char| !is_space(**c) && !is_separator(**c) && **c != '.';
    let before = characters[..at].iter().rev().find(counts);
    let after = characters[at + 1..].iter().find(counts);
    before.is_some_and(|&c| is_han(c)) && after.is_none_or(|&c| is_han(c))
}

/// Reads a name field: normalises it, cuts off what is not name, and says what was noticed.
#[must_use]
pub fn read(text: &str) -> NameReading {
    let mut name = normalise(text);
    let mut issues = Vec::new();
    if name.is_empty() {
        return NameReading::default();
    }
    cut_prefix(&mut name, &mut issues);
    if is_somebodys(&name) || is_unnamed(&name) {
        return NameReading { issues: vec![NameIssue::Somebodys], ..NameReading::default() };
    }
    if is_placeholder(&name) || is_filler(&name) {
        return NameReading { issues: vec![NameIssue::Placeholder], ..NameReading::default() };
    }
    let known_start = name.chars().next().is_some_and(|first| surnames::single(first).is_some());
    if tells_lost_characters(&name) || !known_start && is_mojibake(&name) {
        return NameReading { issues: vec![NameIssue::Mojibake], ..NameReading::default() };
    }
    let listed_sex = cut_sex(&mut name, &mut issues);
    let number = cut_number(&mut name, &mut issues);
    let Told { former, status, sex } = cut_remark(&mut name, &mut issues);
    let titled_sex = cut_honorific(&mut name, &mut issues);
    let sex = sex.or(listed_sex).or(titled_sex);
    let hidden = |name: &str| NameReading { masked: left_of(name), status, sex, issues: vec![NameIssue::Masked], ..NameReading::default() };
    if is_hidden(&name) {
        return hidden(&name);
    }
    cut_romanisation(&mut name, &mut issues);
    if !issues.is_empty() {
        // A full stop that stood before a remark stands at the end now.
        name = normalise(&name);
    }
    name.truncate(name.trim_end_matches(['·', ' ', ',', '，', ';', '；', '。', '、', '’', '”', '"']).len());
    if name.starts_with(['‘', '“', '"']) {
        name = name.trim_start_matches(['‘', '“', '"']).to_owned();
    }
    if !name.chars().any(|c| c.is_alphabetic() || crate::characters::is_private_use(c) || matches!(c, '□' | '〓' | '\u{FFFD}'))
        && !is_masked(&name)
    {
        return NameReading { issues: vec![NameIssue::Placeholder], ..NameReading::default() };
    }
    if is_masked(&name) {
        return hidden(&name);
    }
    // A surname with a title names nobody.
    if issues.contains(&NameIssue::Honorific) && is_surname(&name) {
        issues.push(NameIssue::TooShort);
        return NameReading { masked: left_of(&name), status, sex, issues, ..NameReading::default() };
    }
    let (mut characters, mut han) = (0, 0);
    let mut notice = |issue: NameIssue| {
        if !issues.contains(&issue) {
            issues.push(issue);
        }
    };
    for c in name.chars() {
        characters += 1;
        han += usize::from(is_han(c));
        match c {
            '0'..='9' => notice(NameIssue::Digit),
            c if is_lost(c) => notice(NameIssue::LostCharacter),
            c if crate::characters::is_private_use(c) => notice(NameIssue::PrivateUse),
            c if is_han(c) && crate::simplified::simplify_char(c) != c => notice(NameIssue::Traditional),
            _ => {}
        }
    }
    if characters == 1 && han == 1 {
        notice(NameIssue::TooShort);
    }
    if names_several(&name) {
        notice(NameIssue::Several);
    }
    NameReading { name, masked: None, former, status, sex, number, issues }
}

/// Cuts off what stands before a name: 户主：麦永年, （已故）麦永年.
fn cut_prefix(name: &mut String, issues: &mut Vec<NameIssue>) {
    let colon =
        name.find([':', '：']).filter(|&at| matches!(&name[..at], "姓名" | "户主" | "户主姓名" | "本人" | "申请人" | "联系人" | "经办人"));
    let bracket = || name.find([')', '）']).filter(|_| name.starts_with(['(', '（']));
    let Some(at) = colon.or_else(bracket) else { return };
    let rest = name[at..].trim_start_matches([':', '：', ')', '）', ' ']);
    if !rest.is_empty() {
        *name = rest.to_owned();
        issues.push(NameIssue::Remark);
    }
}

/// Cuts off the sex that a list wrote behind the name: 麦永年，女.
fn cut_sex(name: &mut String, issues: &mut Vec<NameIssue>) -> Option<&'static str> {
    let is_sign = |c: char| matches!(c, ',' | '，' | '、' | ';' | '；' | '/' | ' ');
    let rest = name.strip_suffix(['男', '女']).filter(|rest| rest.ends_with(is_sign))?.trim_end_matches(is_sign);
    rest.chars().nth(1)?;
    let sex = sex_of(&name[name.len() - '男'.len_utf8()..]);
    name.truncate(rest.len());
    issues.push(NameIssue::Remark);
    sex
}

/// Whether a name is of several people: 麦永年、何小妹.
#[must_use]
pub fn names_several(name: &str) -> bool {
    let is_name = |part: &str| {
        let part = part.trim();
        (2..=4).contains(&part.chars().count())
            && part.chars().all(is_han)
            && part.chars().next().is_some_and(|first| surnames::single(first).is_some())
    };
    let mut parts = name.split(['、', ',', '，', ';', '；', '/', '|', '｜', '和', '与', '及']);
    parts.by_ref().take(2).filter(|part| is_name(part)).count() == 2 && parts.all(is_name)
}

/// Cuts off a citizen number or a telephone behind a name, with or without brackets: 张伟(13800138000).
fn cut_number(name: &mut String, issues: &mut Vec<NameIssue>) -> Option<String> {
    let is_end = |c: char| matches!(c, ')' | '）' | ']' | '】' | ' ');
    let is_border = |c: char| matches!(c, '(' | '（' | '[' | '【' | ' ' | ':' | '：' | ',' | '，' | '-' | '/');
    let trimmed = name.trim_end_matches(is_end);
    let whole = trimmed.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, 'x' | 'X'));
    let number = &trimmed[whole.len()..];
    if !matches!(number.len(), 11 | 15 | 18) || !number[..number.len() - 1].bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (number, length) = (number.to_uppercase(), whole.trim_end_matches(is_border).len());
    if length == 0 {
        return None;
    }
    name.truncate(length);
    issues.push(NameIssue::NumberGlued);
    Some(number)
}

/// Cuts off a title; gives back the sex that it tells.
fn cut_honorific(name: &mut String, issues: &mut Vec<NameIssue>) -> Option<&'static str> {
    const TITLES: [(&str, &str); 8] =
        [("先生", "男"), ("女士", "女"), ("同志", ""), ("小姐", "女"), ("太太", "女"), ("老师", ""), ("师傅", ""), ("阿姨", "女")];
    for (title, sex) in TITLES {
        if let Some(rest) = name.strip_suffix(title)
            && (rest.chars().count() >= 2 || is_surname(rest))
        {
            name.truncate(rest.len());
            issues.push(NameIssue::Honorific);
            return sex_of(sex);
        }
    }
    None
}

/// Whether the text is a surname and nothing else.
fn is_surname(text: &str) -> bool {
    let mut characters = text.chars();
    match (characters.next(), characters.next(), characters.next()) {
        (Some(only), None, _) => surnames::single(only).is_some(),
        (Some(first), Some(second), None) => surnames::compound(first, second).is_some(),
        _ => false,
    }
}

/// The surname that was left of a hidden name, with a star for each character that was not; none where it was hidden itself.
fn left_of(name: &str) -> Option<String> {
    let is_left = |c: char| is_han_name(c) && !is_masked(c.encode_utf8(&mut [0; 4]));
    let mut left: String = name.chars().map(|c| if is_left(c) { c } else { '*' }).collect();
    if !left.contains('*') {
        left.push('*');
    }
    left.starts_with(is_left).then_some(left)
}

/// Cuts off the name in letters that stands beside the same name in characters: 张春梅 ZHANG CHUNMEI.
fn cut_romanisation(name: &mut String, issues: &mut Vec<NameIssue>) {
    let is_between = |c: char| matches!(c, ' ' | '/' | '|' | ',' | '·');
    let starts_han = name.starts_with(is_han);
    let Some(border) = name.find(|c: char| is_han(c) != starts_han && !is_between(c)) else { return };
    let (first, second) = (name[..border].trim_matches(is_between), name[border..].trim_matches(is_between));
    let (han, latin) = if starts_han { (first, second) } else { (second, first) };
    let pure = han.chars().all(|c| is_han(c) || c == '·') && !latin.chars().any(is_han) && han.chars().nth(1).is_some();
    if !pure {
        return;
    }
    let read = super::full_reading(&latin.to_uppercase());
    let key = super::comparison_key(han);
    // 周杰伦 JAY CHOU: a Chinese name of full length is the name, what stands behind it in letters is what its bearer is called elsewhere.
    let is_whole = starts_han
        && (2..=4).contains(&han.chars().count())
        && han.chars().next().is_some_and(|first| surnames::single(first).is_some())
        && latin.chars().filter(|c| c.is_alphabetic()).count() > 1
        && latin.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | ',' | '-' | '\'' | '.'));
    if is_whole || super::full_reading(&key) == read || super::other_readings(&key).contains(&read) {
        *name = han.to_owned();
        issues.push(NameIssue::Romanised);
    }
}

fn is_han_name(c: char) -> bool {
    is_han(c) && c != '某'
}

/// Whether a character stands for what nobody is to see: 李某某, 王某, 张XX, 张××.
fn is_hidden(name: &str) -> bool {
    let hides = |c: char| matches!(c, 'x' | 'X' | '×' | '✕' | '某');
    let behind = name.trim_start_matches(is_han_name).trim_end_matches(hides);
    if behind.is_empty() && name.ends_with(|c| hides(c) && c != '某') && name.starts_with(is_han_name) {
        return true;
    }
    name.strip_suffix('某').is_some_and(|rest| (1..=3).contains(&rest.chars().count()) && rest.chars().all(is_han))
}

/// Whether the text is UTF-8 that was read as Latin-1 or as GBK.
fn is_mojibake(text: &str) -> bool {
    let latin_lead = |c: char| matches!(c, '\u{E3}'..='\u{E9}' | '\u{F0}');
    let latin_trail = |c: char| matches!(c, '\u{80}'..='\u{BF}' | '\u{2013}'..='\u{2122}' | '\u{152}'..='\u{192}');
    let pairs = text.chars().zip(text.chars().skip(1)).filter(|&(first, second)| latin_lead(first) && latin_trail(second)).count();
    if pairs >= 1 && !text.chars().any(is_han) {
        return true;
    }
    if text.chars().count() < 3 || !text.chars().all(is_han) {
        return false;
    }
    let (bytes, _, unmappable) = GBK.encode(text);
    !unmappable && std::str::from_utf8(&bytes).is_ok_and(|decoded| decoded.chars().all(is_han))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, name: &str, issues: &[NameIssue]) {
        let reading = read(text);
        assert_eq!((reading.name.as_str(), reading.issues.as_slice()), (name, issues), "{text}");
    }

    #[test]
    fn marks_of_lost_characters_read_as_another_character_set_are_no_name() {
        check("李锟斤拷", "", &[NameIssue::Mojibake]);
        check("锟斤拷锟斤拷", "", &[NameIssue::Mojibake]);
        for text in ["烫烫烫", "屯屯屯屯", "ï¿½ï¿½", "李ï¿½"] {
            check(text, "", &[NameIssue::Mojibake]);
        }
        check("屯屯", "屯屯", &[]);
    }

    #[test]
    fn a_name_in_characters_and_in_letters_is_one_name() {
        for text in ["张春梅 ZHANG CHUNMEI", "张春梅/Zhang Chunmei", "CHUNMEI ZHANG 张春梅", "张春梅ZHANGCHUNMEI"] {
            check(text, "张春梅", &[NameIssue::Romanised]);
        }
        check("吕秀英 LYU XIUYING", "吕秀英", &[NameIssue::Romanised]);
        // Another name in letters is what she is called elsewhere.
        check("张春梅 ANNA", "张春梅", &[NameIssue::Romanised]);
        check("周杰伦 JAY CHOU", "周杰伦", &[NameIssue::Romanised]);
        // A single letter may be part of a name, and of a name that begins with letters none can be told.
        check("王伟B", "王伟B", &[]);
        check("MARIA 陈", "MARIA陈", &[]);
    }

    #[test]
    fn what_stands_before_a_name_is_cut_off_and_what_stands_for_one_is_none() {
        for text in ["（已故）麦永年", "户主：麦永年", "姓名:麦永年"] {
            check(text, "麦永年", &[NameIssue::Remark]);
        }
        for text in ["姓名", "测试人员", "测试用户", "某某", "先生", "女士", "#N/A", "#REF!", "Null", "＃N/A"] {
            check(text, "", &[NameIssue::Placeholder]);
        }
        for text in [
            "未命名",
            "待取名",
            "男婴",
            "新生儿1",
            "未取名2",
            "张丽新生儿（大）",
            "李氏女婴",
            "A婴",
            "BABY GIRL",
            "双胞胎小",
            "尚未取名",
            "待上户",
            "陈BB",
            "陈丽华BB仔",
            "陈b",
            "BB女",
        ] {
            check(text, "", &[NameIssue::Somebodys]);
        }
        for text in ["王宝宝", "张大婴", "李一", "王子女", "目的", "陈伟B"] {
            check(text, text, &[]);
        }
        check("之女", "之女", &[]);
    }

    #[test]
    fn what_hides_a_name_is_none() {
        for (text, masked, sex) in [
            ("李某某", "李**", None),
            ("李某", "李*", None),
            ("李**", "李**", None),
            ("张*伟", "张*伟", None),
            ("李XX", "李**", None),
            ("李先生", "李*", Some("1")),
            ("欧阳女士", "欧阳*", Some("2")),
            ("李某（男）", "李*", Some("1")),
        ] {
            let reading = read(text);
            assert_eq!((reading.name.as_str(), reading.masked.as_deref(), reading.sex), ("", Some(masked), sex), "{text}");
        }
        for text in ["*伟", "**", "某某", "李某某伟", "李伟", "张三先生"] {
            assert_eq!(read(text).masked, None, "{text}");
        }
        assert_eq!(read("王伟女士").sex, Some("2"));
        check("李某某", "", &[NameIssue::Masked]);
        check("王某", "", &[NameIssue::Masked]);
        check("王先生", "", &[NameIssue::Honorific, NameIssue::TooShort]);
        check("王伟先生", "王伟", &[NameIssue::Honorific]);
    }

    #[test]
    fn what_stands_behind_a_name_is_kept_for_its_own_column() {
        let told = |text: &str| {
            let reading = read(text);
            (reading.name, reading.status, reading.number)
        };
        assert_eq!(told("钟文斌（已故）"), ("钟文斌".to_owned(), Some("deceased"), None));
        assert_eq!(told("张伟(440106198003070123)"), ("张伟".to_owned(), None, Some("440106198003070123".to_owned())));
        assert_eq!(told("张伟强13800138000"), ("张伟强".to_owned(), None, Some("13800138000".to_owned())));
    }

    #[test]
    fn a_remark_that_tells_two_apart_stays() {
        for (text, name) in
            [("张伟（子）", "张伟(子)"), ("张伟(大双)", "张伟(大双)"), ("张伟【2】", "张伟(2)"), ("张伟（监护人）", "张伟(监护人)")]
        {
            let reading = read(text);
            assert_eq!(reading.name, name, "{text}");
            assert!(reading.issues.contains(&NameIssue::WhichOne), "{text}");
        }
        let reading = read("张伟（女）");
        assert_eq!((reading.name.as_str(), reading.sex), ("张伟", Some("2")));
        assert_eq!(read("麦永年，男").sex, Some("1"));
    }

    #[test]
    fn newborns_masks_and_spelt_characters_are_known() {
        for text in
            ["李雅之长女", "李雅之女A", "李雅之女（大）", "司马燕双胎小", "李雅大女", "李雅之大", "李雅之大宝", "李雅之子①", "麦永年之子"]
                .into_iter()
                .chain(["李雅的儿子", "李雅的女儿2", "李雅儿子", "李雅的大宝", "李雅的老二", "麦永年妻子", "麦永年之父亲", "李雅的次女"])
        {
            check(text, "", &[NameIssue::Somebodys]);
        }
        for text in ["张XX", "张××", "张x", "欧阳XX"] {
            check(text, "", &[NameIssue::Masked]);
        }
        check("张（王+月）", "张(王+月)", &[NameIssue::LostCharacter]);
        check("王之大", "王之大", &[]);
    }

    #[test]
    fn the_sex_behind_a_name_is_cut_off_and_two_names_are_told() {
        for text in ["麦永年，女", "麦永年,女", "麦永年/女"] {
            check(text, "麦永年", &[NameIssue::Remark]);
        }
        check("陈慧女", "陈慧女", &[]);
        for text in ["麦永年、何小妹", "麦永年/何小妹", "麦永年|何小妹", "麦永年和何小妹"] {
            assert_eq!(read(text).issues, [NameIssue::Several], "{text}");
        }
        for text in ["孟和平", "温与", "SMITH, JOHN"] {
            check(text, text, &[]);
        }
    }

    #[test]
    fn a_former_name_behind_the_name_is_told_apart() {
        for text in ["张春梅 曾用名张招娣", "张春梅（曾用名：张招娣）", "张春梅曾用名:张招娣", "张春梅又名张招娣", "张春梅（又名张招娣）"]
        {
            let reading = read(text);
            assert_eq!((reading.name.as_str(), reading.former.as_deref()), ("张春梅", Some("张招娣")), "{text}");
        }
        let reading = read("张招娣（现名张春梅）");
        assert_eq!((reading.name.as_str(), reading.former.as_deref()), ("张春梅", Some("张招娣")));
        for text in ["曾用名张招娣 现名张春梅", "曾用名：张招娣，现名：张春梅", "原名张招娣现名张春梅", "张招娣 现名张春梅"]
        {
            let reading = read(text);
            assert_eq!((reading.name.as_str(), reading.former.as_deref()), ("张春梅", Some("张招娣")), "{text}");
        }
        // Without a name of today nothing is told that can be used as one.
        assert_eq!(read("曾用名张招娣").former, None);
        assert_eq!(read("张春梅（曾用名：张招娣、张小妹）").former.as_deref(), Some("张招娣;张小妹"));
    }
}
