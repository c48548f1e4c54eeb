//! In which county or town lies a zone that a city governs beside its counties?
//!
//! The list of divisions has no zones. Only those are here of which that is known; of a zone that lies in several counties with all it has the city and
//! its towns are told, and of any other (佛山高新区) nothing but that it is another place than other zones.

use std::sync::LazyLock;

use crate::divisions::{self, Division, Level};

/// What kinds of zones are called, the longer first, and what they are called in short.
pub(crate) const KINDS: [(&str, &str); 10] = [
    ("高新技术产业开发区", "高新区"),
    ("高新技术开发区", "高新区"),
    ("高技术产业开发区", "高新区"),
    ("经济技术开发区", "开发区"),
    ("经济开发区", "开发区"),
    ("经开区", "开发区"),
    ("开发区", "开发区"),
    ("高新区", "高新区"),
    ("保税区", "保税区"),
    ("新区", "新区"),
];

/// A zone of Guangdong and where it lies.
struct Lies {
    /// What it is called in short behind the city.
    name: &'static str,
    /// Its own name, which a word for its kind follows. None where it goes by that of its city.
    own: &'static str,
    /// The kinds of zones, in short, that it is called.
    kinds: &'static [&'static str],
    /// What it is called besides, behind its own name; nothing where that is enough behind the city or county.
    also: &'static [&'static str],
    /// The code of the county or town; of the city where it lies in several.
    code: &'static str,
    /// Its towns without the words for their level, where they are known.
    towns: &'static [&'static str],
}

/// A zone that lies in one place with all that is known of it.
const fn zone(name: &'static str, own: &'static str, kinds: &'static [&'static str], code: &'static str) -> Lies {
    Lies { name, own, kinds, also: &[], code, towns: &[] }
}

const ZONES: [Lies; 25] = [
    zone("广州开发区", "", &["开发区", "高新区", "保税区"], "440112"),
    Lies { also: &["自由贸易区", "自贸区"], ..zone("南沙开发区", "南沙", &["开发区", "新区", "保税区"], "440115") },
    Lies { towns: &["葵涌", "大鹏", "南澳"], ..zone("大鹏新区", "大鹏", &["新区"], "440307") },
    Lies { also: &["深港现代服务业合作区", "深港合作区", "合作区"], ..zone("前海合作区", "前海", &[], "440300") },
    Lies { also: &["粤澳深度合作区"], ..zone("横琴新区", "横琴", &["新区"], "440402104") },
    Lies { towns: &["唐家湾"], ..zone("珠海高新区", "", &["高新区"], "440402") },
    zone("珠海保税区", "", &["保税区"], "440402"),
    Lies {
        also: &["海洋开发试验区", "试验区"], towns: &["桂山", "担杆", "万山"], ..zone("万山试验区", "万山", &[], "440402")
    },
    Lies { also: &["经济区", ""], towns: &["南水", "平沙"], ..zone("高栏港经济区", "高栏港", &[], "440404") },
    zone("汕头保税区", "", &["保税区"], "440512"),
    zone("江门高新区", "", &["高新区"], "440704"),
    Lies { towns: &["泉庄", "乐华", "东山", "东简", "民安", "硇洲"], ..zone("湛江开发区", "", &["开发区"], "440800") },
    Lies { also: &["试验区", ""], towns: &["东山", "东简", "民安"], ..zone("东海岛", "东海岛", &["开发区"], "440811") },
    zone("肇庆新区", "", &["新区"], "441203"),
    Lies { towns: &["大旺"], ..zone("大旺高新区", "大旺", &["高新区", "开发区"], "441284") },
    Lies { towns: &["大旺"], ..zone("大旺高新区", "", &["高新区"], "441284") },
    Lies { also: &["区", ""], ..DAYAWAN },
    Lies { own: "", ..DAYAWAN },
    Lies { also: &["区"], ..ZHONGKAI },
    Lies { own: "", ..ZHONGKAI },
    Lies {
        also: &["岛经济开发试验区", "试验区"], towns: &["闸坡", "海陵"], ..zone("海陵试验区", "海陵", &[], "441702")
    },
    zone("清远高新区", "", &["高新区"], "441802"),
    Lies { towns: &["中山港", "民众"], ..zone("火炬开发区", "火炬", &["高新区", "开发区"], "442000") },
    Lies { also: &["区"], towns: &["枫溪"], ..zone("枫溪区", "枫溪", &[], "445103") },
    Lies {
        also: &["经济区"],
        towns: &["渔湖", "溪南", "凤美", "京冈", "地都", "砲台", "登岗"],
        ..zone("空港经济区", "空港", &[], "445202")
    },
];

const DAYAWAN: Lies = Lies { towns: &["西区", "澳头", "霞涌"], ..zone("大亚湾开发区", "大亚湾", &["开发区"], "441303") };
const ZHONGKAI: Lies =
    Lies { towns: &["陈江", "惠环", "沥林", "潼湖", "潼侨"], ..zone("仲恺高新区", "仲恺", &["高新区"], "441302") };

/// A zone that a text begins with.
pub(crate) struct Zone {
    /// The county or town that it lies in, or its city.
    pub(crate) division: &'static Division,
    /// What it is called in short; the town, where it is one.
    pub(crate) name: &'static str,
    /// How long its name is in the text, in bytes.
    pub(crate) length: usize,
}

/// The zone that a text begins with, in the division told before it, where one is.
pub(crate) fn at_beginning(text: &str, scope: Option<&Division>) -> Option<Zone> {
    if beginning(text).is_none_or(|beginning| BEGINNINGS.binary_search(&beginning).is_err()) {
        return None;
    }
    ZONES.iter().find_map(|zone| {
        let length = zone.told_length(text, scope)?;
        let division = divisions::find(zone.code)?;
        let is_town = division.level == Level::Township;
        let is_in = scope.is_none_or(|scope| divisions::is_within(division.code, scope.code));
        is_in.then_some(Zone { division, name: if is_town { division.name } else { zone.name }, length })
    })
}

/// The first two characters, of three bytes each, of what zones and their kinds are called, sorted: few texts go on behind them.
static BEGINNINGS: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let names = ZONES.iter().flat_map(|zone| [zone.name, zone.own]).chain(KINDS.map(|(word, _)| word));
    let mut beginnings: Vec<u64> = names.filter_map(beginning).collect();
    beginnings.sort_unstable();
    beginnings.dedup();
    beginnings
});

/// The first six bytes of a text as a number.
fn beginning(text: &str) -> Option<u64> {
    let bytes = text.as_bytes().first_chunk::<6>()?;
    Some(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

impl Lies {
    /// How long its name is at the beginning of a text behind a division, in bytes.
    fn told_length(&self, text: &str, scope: Option<&Division>) -> Option<usize> {
        if text.starts_with(self.name) {
            return Some(self.name.len());
        }
        let kind = text.strip_prefix(self.own)?;
        let is_citys = |scope: &Division| scope.level >= Level::City && self.code.starts_with(scope.code.trim_end_matches("00"));
        if self.own.is_empty() && !scope.is_some_and(is_citys) {
            return None;
        }
        let word = self.also.iter().copied().find(|word| kind.starts_with(word) && (!word.is_empty() || scope.is_some()));
        let word = kind_at_beginning(kind).filter(|(_, short)| self.kinds.contains(short)).map(|(word, _)| word).or(word)?;
        Some(self.own.len() + word.len())
    }
}

/// The word for a kind of zone that a text begins with, as written and in short.
fn kind_at_beginning(text: &str) -> Option<(&'static str, &'static str)> {
    KINDS.into_iter().find(|(word, _)| text.starts_with(word))
}

/// The towns, without the words for their level, of the zone that goes by this name.
pub(crate) fn towns(name: &str) -> Option<&'static [&'static str]> {
    ZONES.iter().find(|zone| zone.name == name).map(|zone| zone.towns)
}

/// The district that a new zone of the city became: 光明区 of 光明新区. Without its city only where no other has a district of the name.
pub(crate) fn district(own: &str, scope: Option<&Division>) -> Option<&'static Division> {
    let mut districts = divisions::named(own)
        .filter(|found| found.level == Level::County && found.name.strip_suffix('区') == Some(own))
        .filter(|found| scope.is_none_or(|scope| divisions::is_within(found.code, scope.code)));
    let district = districts.next()?;
    districts.next().is_none().then_some(district)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_zone_lies_in_a_division_of_the_list_with_its_towns() {
        for zone in &ZONES {
            let division = divisions::find(zone.code).expect("a division in force");
            assert!(beginning(zone.name).is_some() && (zone.own.is_empty() || beginning(zone.own).is_some()), "{}", zone.name);
            let is_its = |town: &&&str| {
                divisions::named(town).any(|found| found.level == Level::Township && divisions::is_within(found.code, division.code))
            };
            // 海陵镇 went into 闸坡镇.
            assert!(zone.towns.iter().filter(is_its).count() >= zone.towns.len() - usize::from(zone.own == "海陵"), "{}", zone.name);
        }
    }

    #[test]
    fn a_zone_goes_by_several_names() {
        for (text, scope, expected) in [
            ("广州开发区科学大道", None, Some(("广州开发区", "广州开发区"))),
            ("经济技术开发区科学大道", Some("440100"), Some(("广州开发区", "经济技术开发区"))),
            ("高新区科学大道", Some("440112"), Some(("广州开发区", "高新区"))),
            ("高新区科学大道", Some("440106"), None),
            ("高新区科学大道", None, None),
            ("高新区港湾大道", Some("440400"), Some(("珠海高新区", "高新区"))),
            ("南沙经济技术开发区港前大道", None, Some(("南沙开发区", "南沙经济技术开发区"))),
            ("南沙街道", Some("440115"), None),
            ("大亚湾石化大道", Some("441300"), Some(("大亚湾开发区", "大亚湾"))),
            ("大亚湾石化大道", None, None),
            ("大亚湾经济技术开发区石化大道", Some("440300"), None),
            ("仲恺高新技术产业开发区", Some("441300"), Some(("仲恺高新区", "仲恺高新技术产业开发区"))),
            ("火炬高技术产业开发区", Some("442000"), Some(("火炬开发区", "火炬高技术产业开发区"))),
            ("横琴粤澳深度合作区", None, Some(("横琴镇", "横琴粤澳深度合作区"))),
            ("高新区科技路", Some("440600"), None),
        ] {
            let zone = at_beginning(text, scope.and_then(divisions::find));
            assert_eq!(zone.map(|zone| (zone.name, &text[..zone.length])), expected, "{text} in {scope:?}");
        }
    }

    #[test]
    fn a_new_zone_is_the_district_that_it_became() {
        let shenzhen = divisions::find("440300");
        assert_eq!(district("光明", shenzhen).map(|found| found.code), Some("440311"));
        assert_eq!(district("光明", divisions::find("440100")), None);
        // 北京 and other cities have a 朝阳区 each.
        assert_eq!(district("朝阳", None), None);
    }
}
