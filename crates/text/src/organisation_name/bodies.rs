//! What are the bodies of a county or town called that are spoken of in short: its first school, its hospital, its congress, its traffic police?

use super::parse::parse;
use super::place::whole_division;
use super::words::{BRANCHES, COMPANY_WORDS, COUNTED_BODIES, COUNTY_BODIES, SECOND_NAMES};
use crate::divisions::{self, Division, Level};
use crate::numerals;

/// Whether what a name leaves behind its county is what every county has one of, and no name of its own: 第1中学, 中医院. Of 五华中学 it is the name.
pub(super) fn is_countys(rest: &str) -> bool {
    let counted = |rest: &str| {
        let body = rest.trim_start_matches(is_numeral);
        body.len() < rest.len() && COUNTED_BODIES.contains(&body)
    };
    COUNTY_BODIES.contains(&rest) || rest.strip_prefix('第').is_some_and(counted)
}

fn is_numeral(c: char) -> bool {
    numerals::is_chinese_numeral(c) || c.is_ascii_digit()
}

/// Writes the bodies out whose names are told in short after their county or city is known: 高州一中 is 高州市第一中学, 五华县医院 五华县人民医院, 信宜市交警大队
/// 信宜市公安局交通警察大队, 信宜市供销社 信宜市供销合作社联合社, 佛山红会 佛山红十字会; and what is attached to a university in one order (第三附属医院, 附属第三医院).
pub(super) fn write_body_out(key: &mut String) {
    write_attached_alike(key);
    for (short, long) in
        [("交警大队", "交通警察大队"), ("交警支队", "交通警察支队"), ("消防大队", "消防救援大队"), ("消防支队", "消防救援支队")]
    {
        if key.contains(short) {
            *key = key.replace(short, long);
        }
    }
    for police in ["交通警察大队", "交通警察支队"] {
        if let Some(at) = key.strip_suffix(police).filter(|place| whole_division(place).is_some()).map(str::len) {
            key.insert_str(at, "公安局");
        }
    }
    if let Some(place) = key.strip_suffix("医院").filter(|place| is_county(place) || is_town(place)) {
        *key = format!("{place}人民医院");
    }
    for short in ["供销社", "供销合作联社", "供销合作社"] {
        if let Some(county) = key.strip_suffix(short).filter(|place| is_county(place)) {
            *key = format!("{county}供销合作社联合社");
        }
    }
    for (short, long) in [("红会", "红十字会"), ("妇幼", "妇幼保健院")] {
        if let Some(place) = key.strip_suffix(short).filter(|place| !place.is_empty() && whole_division(place).is_some()) {
            *key = format!("{place}{long}");
        }
    }
    for short in ["人大", "人大常委会"] {
        if let Some(place) = key.strip_suffix(short).filter(|place| whole_division(place).is_some()) {
            *key = format!("{place}人民代表大会常务委员会");
        }
    }
    write_county_out(key);
}

/// Writes the committees of the party, of the youth league and of the consultative conference in one way, which name their place in the middle or in
/// front: 中共化州市委员会, 化州市委; 共青团化州市委员会, 团化州市委, 化州市团委; 政协阳山县委员会, 阳山县政协.
pub(super) fn write_party_out(key: &mut String) {
    const BODIES: [(&str, &[&str], &[&str]); 3] = [
        ("中国共产党委员会", &["中国共产党", "中共"], &["委"]),
        ("共产主义青年团委员会", &["中国共产主义青年团", "共产主义青年团", "共青团", "团"], &["团委", "共青团委员会"]),
        ("政治协商会议委员会", &["中国人民政治协商会议", "政协"], &["政协", "政协委员会"]),
    ];
    if !key.ends_with(['委', '会', '协']) {
        return;
    }
    let is_place = |place: &&str| !place.is_empty() && whole_division(place).is_some();
    for (long, before, behind) in BODIES {
        let inner = |prefix: &&str| {
            let rest = key.strip_prefix(*prefix)?;
            rest.strip_suffix("委员会").or_else(|| rest.strip_suffix('委')).filter(is_place)
        };
        let place = before.iter().find_map(inner).or_else(|| behind.iter().find_map(|short| key.strip_suffix(*short).filter(is_place)));
        if let Some(place) = place {
            *key = format!("{place}{long}");
            return;
        }
    }
}

/// The name of an institution and its second one, which stands in brackets behind it: 疾病预防控制中心（卫生检验中心）. Of companies, branches and campuses
/// nothing is a second name, and what does not begin with its place is none either. Takes a normalised name.
///
/// ```
/// use jiku_text::organisation_name::second_name;
/// assert_eq!(second_name("五华县职业技术学校（五华县技工学校）"), Some(("五华县职业技术学校", "五华县技工学校")));
/// assert_eq!(second_name("广州云山科技有限公司（天河分公司）"), None);
/// ```
#[must_use]
pub fn second_name(name: &str) -> Option<(&str, &str)> {
    let (first, second) = name.strip_suffix('）')?.rsplit_once('（')?;
    let is_one = SECOND_NAMES.iter().any(|end| second.ends_with(end))
        && !BRANCHES.iter().any(|end| second.ends_with(end) && *end != "大队")
        && !COMPANY_WORDS.iter().any(|word| first.contains(word))
        && first.chars().nth(3).is_some()
        && !second.contains(first)
        && !parse(second).division.is_empty();
    is_one.then_some((first, second))
}

/// Whether the text is a county, a city without districts or a district, and nothing else.
fn is_county(place: &str) -> bool {
    place.ends_with(['县', '市', '区']) && whole_division(place).is_some_and(|code| code.len() == 6 && !code.ends_with("00"))
}

/// Whether the text is a town or sub-district behind the county that it lies in, and nothing else: 南海区西樵, 顺德区容桂街道. 广东省人民 is none, though there is a
/// 人民街道.
fn is_town(place: &str) -> bool {
    let ends = place.char_indices().map(|(at, _)| at).skip(2);
    let splits = ends.map(|at| place.split_at(at)).filter_map(|(county, town)| Some((whole_division(county)?, town)));
    splits.into_iter().any(|(county, town)| divisions::named(town).any(|found| found.level == Level::Township && found.parent == county))
}

/// Writes the word for its level behind a county that is told in short, where only one goes by the name and what follows is what every county has one of.
fn write_county_out(key: &mut String) {
    let ends = key.char_indices().map(|(at, c)| at + c.len_utf8()).skip(1).take(3);
    let county = ends.filter(|&end| is_countys(&key[end..])).find_map(|end| Some((end, only_place(&key[..end])?)));
    if let Some((end, county)) = county {
        key.replace_range(..end, county.name);
    }
}

/// The county that goes by a name without the word for its level, where no other division above the towns does.
fn only_place(short: &str) -> Option<&'static Division> {
    let mut found = divisions::named(short).filter(|found| found.level <= Level::County);
    let only = found.next().filter(|only| only.level == Level::County && only.name != short)?;
    found.next().is_none().then_some(only)
}

/// Writes what is attached to a university in one order, and leaves out the school of medicine between them.
fn write_attached_alike(key: &mut String) {
    if let Some(at) = key.find("大学医学院").map(|at| at + "大学".len())
        && key[at..].contains("附属")
    {
        key.replace_range(at..at + "医学院".len(), "");
    }
    let Some(at) = key.find("附属").filter(|_| key.contains("大学")) else { return };
    let stem = key[..at].trim_end_matches(is_numeral);
    if stem.len() < at && stem.ends_with('第') {
        let from = stem.len() - '第'.len_utf8();
        let counted = format!("附属{}", &key[from..at]);
        key.replace_range(from..at + "附属".len(), &counted);
    }
}

#[cfg(test)]
mod tests {
    use super::super::comparison_key;
    use super::*;

    #[test]
    fn committees_and_other_bodies_of_a_place_are_written_in_one_way() {
        for (one, other) in [
            ("化州市团委", "共青团化州市委员会"),
            ("化州市团委", "共产主义青年团化州市委员会"),
            ("团信宜市委", "共青团信宜市委员会"),
            ("阳山县委", "中国共产党阳山县委员会"),
            ("中共阳山县委", "中共阳山县委员会"),
            ("阳山县政协", "中国人民政治协商会议阳山县委员会"),
            ("阳山县人大", "阳山县人民代表大会常务委员会"),
            ("佛山市南海区西樵医院", "佛山市南海区西樵人民医院"),
            ("信宜市供销社", "信宜市供销合作社联合社"),
            ("信宜市交警大队", "信宜市公安局交通警察大队"),
            ("佛山市公安局交警支队南海大队", "佛山市公安局交通警察支队南海大队"),
        ] {
            assert_eq!(comparison_key(one), comparison_key(other), "{one}");
        }
        for (one, other) in [
            ("化州市团委", "中共化州市委员会"),
            ("化州市委员会", "中共化州市委员会"),
            ("五华县公安局", "五华县公安局交通警察大队"),
            ("五华中学", "五华县第一中学"),
            ("佛山市南海区西樵医院", "佛山市南海区九江医院"),
            ("广东省人民医院", "广东省人民人民医院"),
            ("高州市医院", "高州市中医院"),
        ] {
            assert_ne!(comparison_key(one), comparison_key(other), "{one}");
        }
        assert_eq!(parse("五华县公安局交通警察大队").branch, Some("交通警察大队"));
    }

    #[test]
    fn a_second_name_stands_in_brackets_behind_an_institution() {
        for (name, second) in [
            ("肇庆市疾病预防控制中心（肇庆市卫生检验中心）", Some("肇庆市卫生检验中心")),
            ("番禺区市桥阿强烧腊店（富华店）", None),
            ("佛山市第一医院（佛山市第一医院分院）", None),
            ("佛山市第一中学（佛山市第一中学附属小学）", None),
            ("北京市盈科（广州）律师事务所", None),
            ("广州市第一中学（南校区）", None),
        ] {
            assert_eq!(second_name(name).map(|(_, second)| second), second, "{name}");
        }
    }
}
