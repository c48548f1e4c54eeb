//! Which town is an address held against others by?

use smallvec::SmallVec;

use super::{Address, Rung, divisions_in};
use crate::divisions::{self, Division, Level};
use crate::{townships, zones};

/// What a township is held against others by: its name without the word for its level, for a town that became a sub-district stayed where it was,
/// and of a sub-district what all of them have in common, for which of those of one built-up area a road belongs to is often told wrongly. Two
/// townships without a common mark are two places. A development zone has none: it lies across those of the list.
///
/// ```
/// use jiku_text::address::township_marks;
/// assert_eq!(township_marks("虎门镇").to_vec(), ["虎门"]);
/// assert_eq!(township_marks("大良街道").to_vec(), ["大良", "街道"]);
/// assert!(township_marks("火炬开发区").is_empty());
/// ```
#[must_use]
pub fn township_marks(township: &str) -> SmallVec<[&str; 2]> {
    let mut marks = SmallVec::new();
    if township.ends_with(['镇', '乡']) || township.ends_with("苏木") || township.ends_with(SUB_DISTRICT) {
        let name = divisions::short_name(township);
        // 石湾镇街道 was 石湾镇.
        marks.push(if township.ends_with("镇街道") { divisions::short_name(name) } else { name });
    }
    if township.ends_with(SUB_DISTRICT) {
        marks.push(SUB_DISTRICT);
    }
    marks
}

/// What [`township_marks`] give a sub-district in common with all others.
const SUB_DISTRICT: &str = "街道";

/// The sub-district whose [`township_marks`] these are, with or without those of the towns that it has taken in: two of them are one place or two.
///
/// ```
/// use jiku_text::address::{sub_district_of, township_marks};
/// assert_eq!(sub_district_of(&township_marks("大良街道")), Some("大良"));
/// assert_eq!(sub_district_of(&township_marks("虎门镇")), None);
/// ```
#[must_use]
pub fn sub_district_of<M: AsRef<str>>(marks: &[M]) -> Option<&str> {
    match marks {
        [name, of_all, ..] if of_all.as_ref() == SUB_DISTRICT => Some(name.as_ref()),
        _ => None,
    }
}

/// A town or former town that stands in short in front of a road.
#[derive(Clone, Copy)]
struct TownBefore<'r> {
    /// The town of today.
    town: &'static Division,
    /// The name that stands there.
    name: &'r str,
    /// The road behind it.
    road: &'r str,
}

impl Address {
    /// The town in which the road lies: roads of one name are in many towns of a county, while which sub-district a road of a city belongs to is
    /// often told wrongly.
    #[must_use]
    pub fn town(&self) -> Option<&str> {
        self.get(Rung::Township).filter(|name| name.ends_with(['镇', '乡']))
    }

    /// The town in which the road lies by the name of today, also where it stands in short in front of the road.
    pub(super) fn town_today(&self) -> Option<&str> {
        let is_town = |name: &&str| name.ends_with(['镇', '乡']);
        match self.town() {
            Some(told) => townships::merged(self.code.unwrap_or_default(), told).map_or(Some(told), |town| Some(town.name).filter(is_town)),
            None if self.get(Rung::Township).is_none() => {
                self.get(Rung::Road).and_then(|road| self.town_before(road)).map(|before| before.town.name).filter(is_town)
            }
            None => None,
        }
    }

    /// What its township is held against others by (see [`township_marks`]), and the former towns that it has taken in; of one of these that alone, so that
    /// 盐步镇 is no other place than 大沥镇 and 黄岐镇 is another. Of a zone its towns; nothing of a township that the county does not have, where the list
    /// has its townships.
    #[must_use]
    pub fn township_marks(&self) -> SmallVec<[&str; 2]> {
        if let Some(former) = self.former_town() {
            return SmallVec::from_slice(&[former]);
        }
        let told = match self.get(Rung::Township) {
            Some(name) => match zones::towns(name) {
                Some(towns) => return towns.iter().copied().collect(),
                None if self.may_be_in_force(name) => Some(name),
                None => return SmallVec::new(),
            },
            None => self.get(Rung::Road).and_then(|road| self.town_before(road)).map(|before| before.town.name),
        };
        let mut marks = told.map(township_marks).unwrap_or_default();
        if let (Some(county), Some(told)) = (self.code, told) {
            townships::taken_in(county, told).for_each(|former| marks.push(former));
        }
        marks
    }

    /// The development zone that is told where a township would be, with its city: whatever county or township a zone is held against, two of them are two
    /// places.
    #[must_use]
    pub fn zone(&self) -> Option<String> {
        let zone = self.get(Rung::Township).filter(|name| name.ends_with('区') || zones::towns(name).is_some())?;
        Some(format!("{}{zone}", divisions::city_of(self.code?)?))
    }

    /// The former town that is told, on its rung or in short in front of the road, without the word for its level.
    fn former_town(&self) -> Option<&str> {
        let county = self.code?;
        if let Some(told) = self.get(Rung::Township)
            && townships::merged(county, told).is_some()
        {
            return Some(divisions::short_name(told));
        }
        let before = self.town_before(self.get(Rung::Road)?)?;
        let former = |before: TownBefore<'_>| townships::merged(county, before.name).is_some();
        if former(before) {
            return Some(before.name);
        }
        self.town_before(before.road).filter(|second| former(*second) && second.town == before.town).map(|second| second.name)
    }

    fn may_be_in_force(&self, township: &str) -> bool {
        let county = self.code.unwrap_or_default();
        let is_township = |found: &Division| found.level == Level::Township;
        divisions::named(divisions::short_name(township)).any(|found| is_township(found) && found.parent == county)
            || !divisions::children(county).any(is_township)
    }

    /// The name of a road without that of its town or sub-district in front, which some write in short, or of what was a town: 同庆路 of 会城同庆路, 人民路
    /// of 虎门太平人民路.
    pub(super) fn beyond_town<'r>(&self, road: &'r str) -> &'r str {
        let Some(first) = self.town_before(road) else { return road };
        self.town_before(first.road).filter(|second| second.town == first.town).map_or(first.road, |second| second.road)
    }

    /// The town or sub-district that stands in short in front of a road, or the former town that it has taken in.
    fn town_before<'r>(&self, road: &'r str) -> Option<TownBefore<'r>> {
        let county = self.code?;
        let listed = |name: &str| {
            let mut towns = divisions::named(name).filter(|found| found.level == Level::Township);
            towns.find(|found| found.parent == county && found.name != name)
        };
        let told = self.get(Rung::Township);
        let former = |name: &str| townships::merged(county, name).filter(|town| told.is_none_or(|told| told == town.name));
        let ends = road.char_indices().map(|(at, _)| at).skip(2).take(3);
        let roads =
            ends.map(|end| road.split_at(end)).filter(|(_, rest)| divisions_in::is_road(rest) || divisions_in::is_market_street(rest));
        roads.filter_map(|(name, road)| Some(TownBefore { town: listed(name).or_else(|| former(name))?, name, road })).next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The county, the house and what tells the town.
    #[track_caller]
    fn check(text: &str, county: Option<&str>, house: &str, marks: &[&str]) {
        let address = Address::parse(text);
        let found = address.township_marks();
        assert_eq!((address.code(), address.house_key().as_deref(), found.as_slice()), (county, Some(house), marks), "{text}");
    }

    #[test]
    fn a_town_without_its_county_is_in_that_of_the_only_one_of_its_name() {
        check("虎门镇人民路8号", Some("441900"), "人民路8号", &["虎门", "太平", "新湾"]);
        check("惠州市石湾镇人民路8号", Some("441322"), "人民路8号", &["石湾", "铁场"]);
        // 博罗 has a 石湾镇, and 石湾镇街道 of 禅城 is called so.
        check("石湾镇人民路8号", None, "人民路8号", &["石湾"]);
        check("佛山市禅城区石湾镇街道人民路8号", Some("440604"), "人民路8号", &["石湾", "街道"]);
        check("从化市街口镇河滨路8号", Some("440117"), "河滨路8号", &["街口"]);
    }

    #[test]
    fn a_town_in_short_before_a_village_or_a_street_is_the_town() {
        check("南海西樵崇民村中街8号", Some("440605"), "崇民村中街8号", &["西樵"]);
        check("怀集连麦中街8号", Some("441224"), "连麦镇中街8号", &["连麦"]);
        check("东莞市虎门太平人民路8号", Some("441900"), "人民路8号", &["太平"]);
        // A village that is called after its town.
        check("佛山市南海区西樵新村8号", Some("440605"), "西樵新村8号", &[]);
    }

    #[test]
    fn a_former_town_is_no_other_place_than_the_one_that_took_it_in() {
        check("南海区盐步镇穗盐路8号", Some("440605"), "穗盐路8号", &["盐步"]);
        check("南海区大沥镇黄岐穗盐路8号", Some("440605"), "穗盐路8号", &["黄岐"]);
        check("南海区狮山镇盐步穗盐路8号", Some("440605"), "盐步穗盐路8号", &["狮山", "小塘", "官窑", "松岗", "罗村"]);
        check("曲江县龙归镇中街8号", Some("440203"), "龙归镇中街8号", &["龙归"]);
        check("惠阳市陈江镇中兴路8号", Some("441302"), "中兴路8号", &["陈江", "街道"]);
    }

    #[test]
    fn a_zone_lies_in_its_county_or_in_that_of_its_town() {
        check("大鹏新区葵涌街道金葵路9号", Some("440307"), "金葵路9号", &["葵涌", "街道"]);
        check("大鹏新区金葵路9号", Some("440307"), "金葵路9号", &["葵涌", "大鹏", "南澳"]);
        check("横琴新区环岛东路9号", Some("440402"), "环岛东路9号", &["横琴"]);
        check("惠州大亚湾经济技术开发区中兴路8号", Some("441303"), "中兴路8号", &["西区", "澳头", "霞涌"]);
        check("湛江经济技术开发区东山镇乐华路8号", Some("440811"), "乐华路8号", &["东山", "街道"]);
        check("揭阳市空港经济区登岗镇中街8号", Some("445202"), "登岗镇中街8号", &["登岗"]);
        check("广州开发区科学大道8号", Some("440112"), "科学大道8号", &[]);
        check("广州市经济技术开发区科学大道8号", Some("440112"), "科学大道8号", &[]);
        check("南沙开发区进港大道8号", Some("440115"), "进港大道8号", &[]);
        check("珠海高新区港湾大道8号", Some("440402"), "港湾大道8号", &["唐家湾"]);
        check("惠州大亚湾石化大道8号", Some("441303"), "石化大道8号", &["西区", "澳头", "霞涌"]);
        check("惠州市大亚湾大道8号", Some("441300"), "大亚湾大道8号", &[]);
        check("湛江经济技术开发区乐华路8号", Some("440800"), "乐华路8号", &["泉庄", "乐华", "东山", "东简", "民安", "硇洲"]);
        check("佛山高新区科技路8号", Some("440600"), "科技路8号", &[]);
        check("佛山高新区狮山镇科技路8号", Some("440605"), "科技路8号", &["狮山", "小塘", "官窑", "松岗", "罗村"]);
        check("广州市黄埔区开发区大道8号", Some("440112"), "开发区大道8号", &[]);
    }

    #[test]
    fn two_zones_are_two_places_and_a_zone_none_beside_its_county() {
        let zone = |text: &str| Address::parse(text).zone();
        for (one, other) in [
            ("广州开发区科学大道8号", "广州市黄埔区高新技术产业开发区科学大道8号"),
            ("中山火炬高技术产业开发区康乐大道8号", "中山市火炬开发区康乐大道8号"),
            ("佛山市高新区科技路8号", "佛山高新技术产业开发区科技路8号"),
        ] {
            assert!(zone(one).is_some() && zone(one) == zone(other), "{one} {other}");
        }
        assert_ne!(zone("珠海高新区港湾大道8号"), zone("珠海保税区港湾大道8号"));
        assert_eq!(zone("珠海市香洲区港湾大道8号"), None);
        assert_eq!(zone("珠海市香洲区唐家湾镇港湾大道8号"), None);
    }

    #[test]
    fn a_sub_district_of_a_city_without_districts_was_called_a_district() {
        check("东莞市南城区鸿福路200号", Some("441900"), "鸿福路200号", &["南城", "街道", "篁村"]);
        check("中山市石岐区孙文东路25号", Some("442000"), "孙文东路25号", &["石岐", "街道"]);
        check("佛山市南海区桂城南海大道北20号", Some("440605"), "南海大道北20号", &["桂城", "街道", "平洲"]);
    }
}
