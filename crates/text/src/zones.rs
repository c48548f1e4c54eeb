//! In which county or town lies a zone that a city governs beside its counties?
//!
//! The list of divisions has no zones. Only those are here that lie in one county with all they have; of others (湛江经济技术开发区, 揭阳空港经济区)
//! the town tells it.

use crate::divisions::{self, Division, Level};

/// What zones of Guangdong are called, the longer first, and which they are.
const NAMES: [(&str, &Lies); 12] = [
    ("大鹏新区", &DAPENG),
    ("横琴粤澳深度合作区", &HENGQIN),
    ("横琴新区", &HENGQIN),
    ("大亚湾经济技术开发区", &DAYAWAN),
    ("大亚湾经济开发区", &DAYAWAN),
    ("大亚湾开发区", &DAYAWAN),
    ("大亚湾区", &DAYAWAN),
    ("仲恺高新技术产业开发区", &ZHONGKAI),
    ("仲恺高新技术开发区", &ZHONGKAI),
    ("仲恺高新区", &ZHONGKAI),
    ("海陵岛经济开发试验区", &HAILING),
    ("海陵试验区", &HAILING),
];

/// Where a zone lies: what it is called in short, the code of the county or town, and its towns without the words for their level.
struct Lies {
    name: &'static str,
    code: &'static str,
    towns: &'static [&'static str],
}

const DAPENG: Lies = Lies { name: "大鹏新区", code: "440307", towns: &["葵涌", "大鹏", "南澳"] };
const HENGQIN: Lies = Lies { name: "横琴镇", code: "440402104", towns: &["横琴"] };
const DAYAWAN: Lies = Lies { name: "大亚湾", code: "441303", towns: &["西区", "澳头", "霞涌"] };
const ZHONGKAI: Lies = Lies { name: "仲恺", code: "441302", towns: &["陈江", "惠环", "沥林", "潼湖", "潼侨"] };
const HAILING: Lies = Lies { name: "海陵", code: "441702", towns: &["闸坡", "海陵"] };

/// A zone that a text begins with.
pub(crate) struct Zone {
    /// The county or town that it lies in.
    pub(crate) division: &'static Division,
    /// What it is called in short; the town, where it is one.
    pub(crate) name: &'static str,
    /// Its towns, without the words for their level.
    pub(crate) towns: &'static [&'static str],
    /// How long its name is in the text, in bytes.
    pub(crate) length: usize,
}

impl Zone {
    /// Whether it lies in the division that is told before it, where one is.
    pub(crate) fn is_in(&self, scope: Option<&Division>) -> bool {
        scope.is_none_or(|scope| divisions::is_within(self.division.code, scope.code))
    }
}

/// The zone that a text begins with.
pub(crate) fn at_beginning(text: &str) -> Option<Zone> {
    if !text.starts_with(['大', '横', '仲', '海']) {
        return None;
    }
    let (name, zone) = NAMES.iter().find(|(name, _)| text.starts_with(name))?;
    Some(Zone { division: divisions::find(zone.code)?, name: zone.name, towns: zone.towns, length: name.len() })
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
    fn every_zone_lies_in_a_division_of_the_list() {
        for (name, _) in NAMES {
            let zone = at_beginning(name).expect("a zone");
            assert_eq!(zone.length, name.len());
            assert!(zone.division.level >= Level::County, "{name}");
            let county = zone.division.code.get(..6);
            let is_its = |town: &&&str| divisions::named(town).any(|found| found.level == Level::Township && Some(found.parent) == county);
            // 海陵镇 went into 闸坡镇.
            assert!(zone.towns.iter().filter(is_its).count() >= zone.towns.len() - usize::from(zone.name == "海陵"), "{name}");
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
