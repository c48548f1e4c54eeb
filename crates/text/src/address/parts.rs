//! Which building, unit, floor or room does a part of an address name?

use std::borrow::Cow;
use std::fmt::Write;

use crate::numerals;

/// A numeral or letters at the beginning of a text, and its length in bytes. Displayed it is in canonical form.
pub(super) struct Numeral<'t> {
    sign: Sign<'t>,
    pub(super) length: usize,
}

/// How a number is written.
enum Sign<'t> {
    /// In digits and letters, which keep their leading zeros.
    Ascii(&'t str),
    /// In Chinese.
    Value(u32),
}

impl std::fmt::Display for Numeral<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.sign {
            Sign::Ascii(text) => text.chars().try_for_each(|c| f.write_char(c.to_ascii_uppercase())),
            Sign::Value(value) => write!(f, "{value}"),
        }
    }
}

/// Takes a number off the beginning: `12`, `A`, `B2`, `12A`, `十二`, `叁`.
pub(super) fn numeral(text: &str) -> Option<Numeral<'_>> {
    let ascii = text.bytes().take_while(u8::is_ascii_alphanumeric).count();
    if ascii > 0 {
        return (ascii <= 8).then(|| Numeral { sign: Sign::Ascii(&text[..ascii]), length: ascii });
    }
    let length = text.char_indices().find(|&(_, c)| !numerals::is_chinese_numeral(c)).map_or(text.len(), |(at, _)| at);
    let value = numerals::value(&text[..length])?;
    Some(Numeral { sign: Sign::Value(value), length })
}

/// `之2` as `之二`, which does not run together with digits that follow.
pub(super) fn in_words(sub_number: &str) -> String {
    let number = sub_number.strip_prefix('之').and_then(|digits| digits.parse::<usize>().ok()).and_then(below_hundred);
    number.map_or_else(|| sub_number.to_owned(), |number| format!("之{number}"))
}

/// A number from 1 to 99 in Chinese.
fn below_hundred(number: usize) -> Option<String> {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    match (number / 10, number % 10) {
        (0, 0) | (10.., _) => None,
        (0, ones) => Some(DIGITS[ones].to_owned()),
        (1, ones) => Some(format!("十{}", DIGITS[ones])),
        (tens, ones) => Some(format!("{}十{}", DIGITS[tens], DIGITS[ones])),
    }
}

/// The name of a road as signs have it: what counts it is in Chinese (二坊, 中山五路), but for the numbers of highways (107国道).
pub(super) fn road_name(written: &str) -> Cow<'_, str> {
    const COUNTED: [&str; 12] = ["坊", "巷", "里", "弄", "街", "路", "横", "直", "条", "马路", "大街", "胡同"];
    let Some(start) = written.find(|c: char| c.is_ascii_digit()) else { return Cow::Borrowed(written) };
    let length = written[start..].bytes().take_while(u8::is_ascii_digit).count();
    let (digits, after) = written[start..].split_at(length);
    let is_counted = !digits.starts_with('0')
        && !written[..start].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-')
        && COUNTED.iter().any(|word| after.starts_with(word));
    let number = digits.parse().ok().filter(|_| is_counted).and_then(below_hundred);
    number.map_or(Cow::Borrowed(written), |number| Cow::Owned(format!("{}{number}{}", &written[..start], road_name(after))))
}

/// Whether the name of a road only counts: 一巷, 东二坊, 西一.
pub(super) fn is_counted_lane(road: &str) -> bool {
    let stem = road.trim_end_matches(['巷', '坊', '里', '弄', '街', '路', '条']);
    let counts = |c: char| numerals::is_chinese_numeral(c) || c.is_ascii_digit() || SIDES.contains(&c) || matches!(c, '横' | '直' | '第');
    !stem.is_empty() && stem.chars().all(counts)
}

/// What tells apart the parts of an estate or what stands behind one number, where its name does: the phase (二期), the section (东区, A区), and
/// that the place is beside the house (对面). Takes the name of an estate that counts in digits.
pub(super) fn sections(estate: &str) -> impl Iterator<Item = &str> {
    const BESIDE: [&str; 11] = ["斜对面", "对面", "隔壁", "旁边", "旁", "左侧", "右侧", "侧", "后面", "前面", "背后"];
    let counted = move |word: char| {
        let end = estate.rfind(word)?;
        let before = &estate[..end];
        let start = before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let start = if start == end && word == '区' {
            before.trim_end_matches(SIDES).trim_end_matches(|c: char| c.is_ascii_alphabetic()).len()
        } else {
            start
        };
        (start < end).then(|| &estate[start..end + word.len_utf8()])
    };
    let beside = BESIDE.iter().find_map(|word| estate.ends_with(word).then(|| &estate[estate.len() - word.len()..]));
    // 12号东一
    let beside = beside.or_else(|| is_counted_lane(estate).then_some(estate));
    ['期', '区'].into_iter().filter_map(counted).chain(beside)
}

/// The letter of a section: A of A区.
pub(super) fn lettered_section(block: &str) -> Option<&str> {
    block.strip_suffix('区').filter(|letter| !letter.is_empty() && letter.bytes().all(|byte| byte.is_ascii_uppercase()))
}

pub(super) fn is_number(block: &str) -> bool {
    block.starts_with(|c: char| c.is_ascii_digit()) && block.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The name of a block that is counted behind the letter of its tower in one way: A座3 is A3.
pub(super) fn without_tower(block: &str) -> String {
    let counted = block
        .split_once('座')
        .filter(|(tower, number)| !tower.is_empty() && tower.bytes().all(|byte| byte.is_ascii_uppercase()) && is_number(number));
    counted.map_or_else(|| block.to_owned(), |(tower, number)| format!("{tower}{number}"))
}

/// The name of an estate without the letter of a section behind it: 翠湖花园 of 翠湖花园A区.
pub(super) fn without_section(estate: &str) -> &str {
    let stem = estate.strip_suffix('区').map(|rest| rest.trim_end_matches(|c: char| c.is_ascii_uppercase()));
    stem.filter(|stem| stem.len() + '区'.len_utf8() < estate.len() && !stem.is_empty()).unwrap_or(estate)
}

/// The name of an estate with the count of its phase or section in digits: 翠湖花园一期 is 翠湖花园1期.
pub(super) fn count_in_digits(estate: &str) -> Cow<'_, str> {
    for (at, _) in estate.match_indices(['期', '区']) {
        let before = &estate[..at];
        let start = before.trim_end_matches(numerals::is_chinese_numeral).len();
        if let Some(number) = numerals::value(&before[start..]) {
            return Cow::Owned(format!("{}{number}{}", &before[..start], &estate[at..]));
        }
    }
    Cow::Borrowed(estate)
}

/// What tells the wings of one house apart.
const SIDES: [char; 9] = ['东', '西', '南', '北', '中', '前', '后', '左', '右'];

/// The stems that count like letters: 甲座, 12号乙.
const STEMS: [char; 10] = ['甲', '乙', '丙', '丁', '戊', '己', '庚', '辛', '壬', '癸'];

/// `之二` behind a floor or a room, and its length.
pub(super) fn sub_part(text: &str) -> Part {
    let taken = numeral(text.strip_prefix('之')?)?;
    Some((in_words(&format!("之{taken}")), '之'.len_utf8() + taken.length))
}

/// A part and its length in bytes.
type Part = Option<(String, usize)>;

fn with_suffix(text: &str, suffixes: &[(&str, &str)]) -> Part {
    let start = text.strip_prefix('第').unwrap_or(text);
    let numeral = numeral(start)?;
    let rest = &start[numeral.length..];
    let (written, canonical) = suffixes.iter().find(|(written, _)| rest.starts_with(written))?;
    Some((format!("{numeral}{canonical}"), text.len() - rest.len() + written.len()))
}

/// `1201-1205室`, `1201、1203室`: several rooms or floors.
fn range_with_suffix(text: &str, suffixes: &[(&str, &str)]) -> Part {
    let first = numeral(text)?;
    let rest = &text[first.length..];
    let sign = if rest.starts_with('、') { '、' } else { '-' };
    let rest = rest.strip_prefix(['-', '至', '、'])?;
    let (last, length) = range_with_suffix(rest, suffixes).or_else(|| with_suffix(rest, suffixes))?;
    Some((format!("{first}{sign}{last}"), text.len() - rest.len() + length))
}

/// `3号楼`, `3幢`, `B栋`, `一座`, `前座`, `东楼`, `南翼`, `后院`, `乙栋`, `新楼`, `附楼` at the beginning.
pub(super) fn building(text: &str) -> Part {
    const WINGS: [&str; 6] = ["附楼", "副楼", "裙楼", "配楼", "辅楼", "主楼"];
    const AGES: [char; 3] = ['新', '旧', '老'];
    const SIZES: [char; 3] = ['大', '细', '小'];
    let is_told = |c: &char| [SIDES.as_slice(), &STEMS, &AGES, &SIZES].iter().any(|list| list.contains(c));
    if let Some(side) = text.chars().next().filter(is_told) {
        let rest = &text[side.len_utf8()..];
        // 左边楼 is the left one of two.
        if let Some(word) = ["边楼", "侧楼", "面楼"].into_iter().find(|word| rest.starts_with(word)).filter(|_| SIDES.contains(&side))
        {
            return Some((format!("{side}楼"), side.len_utf8() + word.len()));
        }
        let is_house = |word: &&str| match *word {
            // Of 大楼, 东楼村, 南楼梯, 新楼盘 it is no building.
            "楼" => !SIZES.contains(&side) && !rest[word.len()..].starts_with(['村', '街', '路', '巷', '市', '梯', '盘', '道']),
            "翼" | "院" | "屋" | "厢" => SIDES.contains(&side) && is_end_of_name(&rest[word.len()..]),
            _ => true,
        };
        let word = ["座", "栋", "幢", "塔", "楼", "翼", "院", "屋", "厢"].into_iter().find(|word| rest.starts_with(word)).filter(is_house);
        if let Some(word) = word {
            return Some((format!("{side}{}", if word == "幢" { "栋" } else { word }), side.len_utf8() + word.len()));
        }
    }
    if let Some(wing) = WINGS.into_iter().find(|wing| text.starts_with(wing)) {
        return Some((wing.to_owned(), wing.len()));
    }
    with_suffix(text, &[("号楼", "栋"), ("#楼", "栋"), ("栋楼", "栋"), ("栋", "栋"), ("幢楼", "栋"), ("幢", "栋"), ("座", "座")])
}

/// `2单元`, `三梯`, `东梯`, `左边`, `上手` at the beginning.
pub(super) fn unit(text: &str) -> Part {
    if let Some(storey) = ["楼上", "楼下"].into_iter().find(|storey| text.strip_prefix(storey).is_some_and(is_end_of_name)) {
        return Some((storey.to_owned(), storey.len()));
    }
    if let Some(side) = text.chars().next().filter(|c| SIDES.contains(c) || STEMS.contains(c) || matches!(c, '上' | '下')) {
        let rest = &text[side.len_utf8()..];
        const WORDS: [(&str, &str); 11] = [
            ("楼梯", "梯"),
            ("梯", "梯"),
            ("单元", "单元"),
            ("手边", "手"),
            ("手", "手"),
            ("边", "边"),
            ("面", "边"),
            ("侧", "边"),
            ("头", "边"),
            ("门", "门"),
            ("廊", "廊"),
        ];
        // 上边, 上面 is upstairs, which no door is called; 东面 is often a word for where the house lies.
        let is_one = |word: &str| match word {
            "手" | "手边" => matches!(side, '上' | '下' | '左' | '右'),
            "楼梯" | "梯" | "单元" => !matches!(side, '上' | '下'),
            _ => SIDES.contains(&side) && is_end_of_name(&rest[word.len()..]),
        };
        return WORDS
            .iter()
            .find(|(word, _)| rest.starts_with(word) && is_one(word))
            .map(|(word, canonical)| (format!("{side}{canonical}"), side.len_utf8() + word.len()));
    }
    // 2305单元 is a room of an office tower.
    if text.bytes().take_while(u8::is_ascii_digit).count() > 2 {
        return None;
    }
    with_suffix(text, &[("号单元", "单元"), ("单元", "单元"), ("号梯", "梯"), ("梯", "梯")])
}

/// Whether no name goes on there: a floor, a room or nothing follows.
fn is_end_of_name(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_alphanumeric() || numerals::is_chinese_numeral(c))
}

/// `23层`, `23楼`, `23F`, `负一层`, `B1层` at the beginning.
pub(super) fn floor(text: &str) -> Part {
    const WORDS: [(&str, &str); 2] = [("层", "层"), ("楼", "层")];
    if let Some(range) = range_with_suffix(text, &WORDS) {
        return Some(range);
    }
    let below =
        ["负", "-", "地下"].iter().find_map(|word| text.strip_prefix(word)).and_then(|rest| Some((rest, with_suffix(rest, &WORDS)?)));
    if let Some((rest, (part, length))) = below {
        return Some((format!("-{part}"), length + text.len() - rest.len()));
    }
    // 首层 is the first; what Guangdong calls 地下 may be that or the cellar, and is told apart from both.
    const NAMED: [(&str, &str); 13] = [
        ("首层", "1层"),
        ("首楼", "1层"),
        ("底层", "1层"),
        ("半地下", "半地下"),
        ("地下室", "地下室"),
        ("地下", "地下"),
        ("顶层", "顶层"),
        ("顶楼", "顶层"),
        ("夹层", "夹层"),
        ("天台", "天台"),
        ("天面", "天台"),
        ("阁楼", "阁楼"),
        ("架空层", "架空层"),
    ];
    if let Some((word, canonical)) = NAMED.iter().find(|(word, _)| text.starts_with(word)) {
        let rest = &text[word.len()..];
        let ends = is_end_of_name(rest) || rest.starts_with(['铺', '商', '室', '房', '屋', '之']) || rest.starts_with(SIDES);
        return ends.then(|| ((*canonical).to_owned(), word.len()));
    }
    let taken = numeral(text)?;
    let digits = text[..taken.length].strip_suffix(['F', 'f']);
    if let Some(digits) = digits.filter(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())) {
        return Some((format!("{digits}层"), taken.length));
    }
    let (part, length) = with_suffix(text, &WORDS)?;
    let below = part.strip_prefix('B').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())).map(|rest| format!("-{rest}"));
    Some((below.unwrap_or(part), length))
}

/// `1201室`, `1201房`, `1201号房`, `101铺` at the beginning.
pub(super) fn room(text: &str) -> Part {
    const WORDS: [(&str, &str); 11] = [
        ("号房", "室"),
        ("号室", "室"),
        ("房间", "室"),
        ("室", "室"),
        ("房", "室"),
        ("户", "室"),
        ("号铺", "铺"),
        ("铺", "铺"),
        ("号商铺", "铺"),
        ("商铺", "铺"),
        ("档", "档"),
    ];
    // Office towers call their rooms units: 2305单元, 03、04单元.
    const OFFICES: [(&str, &str); 1] = [("单元", "室")];
    let is_office = text.bytes().take_while(u8::is_ascii_digit).count() > 2;
    // 东户, 西户: the doors of one landing; 前房, 后房: the rooms of one floor.
    if let Some(side) = text.chars().next().filter(|c| SIDES.contains(c)) {
        const DOORS: [(&str, &str); 6] = [("户", "户"), ("房间", "室"), ("房", "室"), ("室", "室"), ("间", "室"), ("铺", "铺")];
        let rest = &text[side.len_utf8()..];
        if let Some((word, canonical)) = DOORS.iter().find(|(word, _)| rest.starts_with(word))
            && (*word == "户" || is_end_of_name(&rest[word.len()..]))
        {
            return Some((format!("{side}{canonical}"), side.len_utf8() + word.len()));
        }
    }
    range_with_suffix(text, &WORDS)
        .or_else(|| with_suffix(text, &WORDS))
        .or_else(|| range_with_suffix(text, &OFFICES))
        .or_else(|| is_office.then(|| with_suffix(text, &OFFICES)).flatten())
}

/// `12-3-402`: building, unit and room. Only where other evidence says that an address is meant.
pub(super) fn dashed(text: &str) -> Option<[String; 3]> {
    let mut parts = text.split('-');
    let mut next = || parts.next().filter(|part| (1..=5).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let (building, unit, room) = (next()?.to_ascii_uppercase(), next()?.to_ascii_uppercase(), next()?.to_ascii_uppercase());
    parts.next().is_none().then(|| [format!("{building}栋"), format!("{unit}单元"), format!("{room}室")])
}

/// `17-602`: building and room, where a road or a number stood before. A room has a floor, so three digits at least.
pub(super) fn dashed_pair(text: &str) -> Option<[String; 2]> {
    let (building, room) = text.split_once('-')?;
    let plausible = (1..=3).contains(&building.len()) && building.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_room = (3..=5).contains(&room.len()) && room.bytes().all(|byte| byte.is_ascii_digit());
    (plausible && is_room).then(|| [format!("{}栋", building.to_ascii_uppercase()), format!("{room}室")])
}

/// A house number at the beginning: `385号`, `甲93号院`, `100#`, `三百八十五号`, with its sub-number (`1号之二`, `219-2号`).
pub(super) struct HouseNumber {
    pub(super) number: String,
    pub(super) sub_number: Option<String>,
    pub(super) length: usize,
}

pub(super) fn house_number(text: &str) -> Option<HouseNumber> {
    let mut at = 0;
    let mut number = String::new();
    if let Some(prefix) = ["甲", "乙", "丙", "丁", "新", "第"].into_iter().find(|prefix| text.starts_with(prefix)) {
        if prefix != "第" {
            number.push_str(prefix);
        }
        at += prefix.len();
    }
    let taken = numeral(&text[at..])?;
    let length = taken.length;
    let taken = taken.to_string();
    if !taken.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let trimmed = taken.trim_start_matches('0');
    number.push_str(if trimmed.is_empty() { &taken } else { trimmed });
    at += length;
    // 12、14号: one house of two numbers.
    while let Some(next) = text[at..].strip_prefix('、').and_then(numeral) {
        number.push('、');
        number.push_str(&next.to_string());
        at += '、'.len_utf8() + next.length;
    }
    // 12甲号 and 12号甲 are the house that others write 甲12号.
    if let Some(stem) = stem_before(&text[at..], &["号", "#"]).filter(|_| number.starts_with(|c: char| c.is_ascii_digit())) {
        number.insert(0, stem);
        at += stem.len_utf8();
    }
    let mut sub_number = take_sub_number(&text[at..], &mut at);
    let rest = &text[at..];
    let (word, canonical) = [("号大院", "号院"), ("号院", "号院"), ("号", "号"), ("#", "号"), ("弄", "弄")]
        .into_iter()
        .find(|(word, _)| rest.starts_with(word))?;
    let after = &rest[word.len()..];
    let is_storey = after.starts_with("楼上") || after.starts_with("楼下");
    if canonical == "号"
        && !is_storey
        && (after.starts_with(['楼', '房', '室', '铺']) || after.starts_with("单元") || after.starts_with("商铺"))
    {
        return None;
    }
    at += word.len();
    if sub_number.is_none() {
        sub_number = take_sub_number(&text[at..], &mut at).or_else(|| take_letter(&text[at..], &mut at));
    }
    if canonical == "号"
        && sub_number.is_none()
        && number.starts_with(|c: char| c.is_ascii_digit())
        && let Some((stem, length)) = take_stem(&text[at..])
    {
        number.insert(0, stem);
        at += length;
    }
    // 12号A and 12-A号 are the house that others write 12A号.
    if canonical == "号"
        && number.ends_with(|c: char| c.is_ascii_digit())
        && let Some(letter) = sub_number.take_if(|part| part.len() == 1 && part.bytes().all(|byte| byte.is_ascii_uppercase()))
    {
        number.push_str(&letter);
    }
    number.push_str(canonical);
    // Houses of Shanghai are counted inside their lane: 690弄3号.
    if canonical == "弄"
        && sub_number.is_none()
        && let Some(inner) = house_number(&text[at..])
    {
        sub_number = Some(inner.number);
        at += inner.length;
    }
    Some(HouseNumber { number, sub_number, length: at })
}

/// The stem that one of the words follows.
fn stem_before(rest: &str, words: &[&str]) -> Option<char> {
    let stem = rest.chars().next().filter(|c| STEMS.contains(c))?;
    words.iter().any(|word| rest[stem.len_utf8()..].starts_with(word)).then_some(stem)
}

/// The stem of a house behind its number (12号乙, 12号之乙), and its length. In front of a word for a building or a room it is theirs (12号乙座).
fn take_stem(rest: &str) -> Option<(char, usize)> {
    let start = rest.strip_prefix('之').unwrap_or(rest);
    let stem = start.chars().next().filter(|c| STEMS.contains(c))?;
    let after = &start[stem.len_utf8()..];
    let is_others =
        after.starts_with(['座', '栋', '幢', '塔', '区', '单', '层', '楼', '室', '房', '铺', '档', '梯', '门', '馆', '号', '级']);
    let is_name = after.starts_with(|c: char| crate::characters::is_han(c) && !numerals::is_chinese_numeral(c))
        && !["首层", "地下", "负", "临街", "之"].iter().any(|word| after.starts_with(word));
    (!is_others && !is_name).then(|| (stem, rest.len() - after.len()))
}

/// The letter of a house behind its number: 12号A. In front of a numeral or of a word for a building or a room it is theirs (12号A座).
fn take_letter(rest: &str, at: &mut usize) -> Option<String> {
    let letter = rest.chars().next().filter(char::is_ascii_alphabetic)?;
    let after = &rest[1..];
    let is_others = after.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '#' | '号'))
        || building(rest).or_else(|| unit(rest)).or_else(|| floor(rest)).or_else(|| room(rest)).is_some()
        || after.starts_with(['区', '单', '层', '楼', '室', '房', '铺', '档', '梯', '门', '馆']);
    (!is_others).then(|| {
        *at += 1;
        letter.to_ascii_uppercase().to_string()
    })
}

fn take_sub_number(rest: &str, at: &mut usize) -> Option<String> {
    let mark = ["之", "附", "-"].into_iter().find(|mark| rest.starts_with(mark))?;
    let taken = numeral(&rest[mark.len()..])?;
    // 5-3-402 is building, unit and room; 16号-1层 is a basement.
    let after = &rest[mark.len() + taken.length..];
    if mark == "-" && after.starts_with(['-', '层', '楼', '栋', '幢', '座', '单', '室', '房']) {
        return None;
    }
    *at += mark.len() + taken.length;
    if mark == "附" {
        // 12号附1号
        *at += if after.starts_with('号') { '号'.len_utf8() } else { 0 };
    }
    Some(if mark == "-" { taken.to_string() } else { format!("之{taken}") })
}

/// One part of an address by itself in canonical form; text that is none comes back as it was.
///
/// ```
/// assert_eq!(jiku_text::address::normalise_part("三号楼"), "3栋");
/// ```
#[must_use]
pub fn normalise_part(text: &str) -> String {
    let clean = super::parse::clean(text);
    if let Some(parts) = dashed(&clean) {
        return parts.concat();
    }
    let whole = |part: Part| part.filter(|(_, length)| *length == clean.len()).map(|(text, _)| text);
    whole(building(&clean))
        .or_else(|| whole(unit(&clean)))
        .or_else(|| whole(floor(&clean)))
        .or_else(|| whole(room(&clean)))
        .or_else(|| {
            house_number(&clean)
                .filter(|found| found.length == clean.len())
                .map(|found| found.number + &found.sub_number.unwrap_or_default())
        })
        .unwrap_or(clean)
}
