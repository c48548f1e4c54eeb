//! How are the offices called that a city's bureau keeps in its districts, or in the towns of a city without any, and how the police?

use super::branch::shorten_branch;
use super::place::{take_division_of_body, whole_place};
use super::words::{AUTHORITIES, SHORT_AUTHORITIES};
use crate::divisions::{self, Division, Level};

/// An office of a bureau: that of 深圳市市场监督管理局 in 宝安区.
struct Office {
    city: &'static Division,
    /// The bureau's task: 市场监督管理.
    task: &'static str,
    /// The district, or the town of a city without districts.
    place: &'static Division,
}

impl Office {
    fn name(&self) -> String {
        format!("{}{}局{}分局", self.city.name, self.task, divisions::short_name(self.place.name))
    }
}

/// Writes the offices of a city's bureau in one way: 天河公安分局, 天河区公安分局, 广州市公安局天河区分局 and 广州市天河区公安局, for the police of a district is an office of the
/// city's, are 广州市公安局天河分局; 深圳市市场监督管理局宝安监管局 and 宝安市监分局 深圳市市场监督管理局宝安分局; 东莞市税务局长安税务分局 东莞市税务局长安分局. Stations of the police are
/// called after county and place (广州市天河区石牌派出所).
pub(super) fn write_office_out(key: &mut String) {
    if let Some(station) = key.strip_suffix("派出所") {
        if let Some(name) = station_of(station) {
            *key = name;
        }
    } else if let Some(office) = in_full(key).or_else(|| in_short(key, None)).or_else(|| police_of_district(key)) {
        *key = office.name();
        shorten_branch(key);
    }
}

/// The office that is told in short by its place alone (长安公安分局), in the city of a division.
pub(super) fn completed(key: &str, division: &str) -> Option<String> {
    let city = divisions::find(&format!("{}00", division.get(..4)?))?;
    in_short(key, Some(city)).map(|office| office.name())
}

/// Of which task in which district an authority is the bureau, whether it is the district's own (宝安区市场监督管理局) or the office that the city's keeps there (深圳市市场监督管理局宝安分局):
/// of the two a district has mostly one, and registers call it by either name. Takes a comparison key.
///
/// ```
/// use jiku_text::organisation_name::{comparison_key, office};
/// assert_eq!(office(&comparison_key("深圳市市场监督管理局宝安监管局")), office("深圳市宝安区市场监督管理局"));
/// assert_eq!(office("深圳市市场监督管理局"), None);
/// ```
#[must_use]
pub fn office(key: &str) -> Option<String> {
    let (place, task) = match in_full(key) {
        Some(office) => (office.place, office.task.to_owned()),
        None => {
            let place = take_division_of_body(key.strip_suffix('局')?);
            (divisions::find(place.code.filter(|_| place.shared.is_none() && place.town.is_none())?)?, place.rest.to_owned())
        }
    };
    (place.level == Level::County && place.name.ends_with('区') && !task.contains('局')).then(|| format!("{} {task}", place.code))
}

/// The office whose bureau is told with its city.
fn in_full(key: &str) -> Option<Office> {
    let own = key.strip_prefix("国家税务总局").unwrap_or(key);
    let (bureau, rest) = own.split_once('局').filter(|(_, rest)| !rest.is_empty())?;
    let above = take_division_of_body(bureau);
    let city = divisions::find(above.code.filter(|_| above.town.is_none())?).filter(|city| city.level < Level::County)?;
    let task = task_of(above.rest)?;
    let own = match rest.strip_suffix("分局") {
        // 长安税务分局 repeats what the bureau is for.
        Some(own) => tasks().filter(|(_, of)| *of == task).find_map(|(short, _)| own.strip_suffix(short)).unwrap_or(own),
        None => rest.strip_suffix("监管局").or_else(|| rest.strip_suffix("管理局"))?,
    };
    Some(Office { city, task, place: place_in(city, own)? })
}

/// The office that is told by its place and its task: 天河区公安分局, 东莞长安市监分局; by its place alone in a city that is known.
fn in_short(key: &str, city: Option<&'static Division>) -> Option<Office> {
    let own = key.strip_suffix("分局").filter(|own| !own.contains('局'))?;
    let (place, task) = tasks().filter_map(|(short, task)| Some((own.strip_suffix(short)?, task))).min_by_key(|(place, _)| place.len())?;
    if let Some(city) = city {
        return Some(Office { city, task, place: place_in(city, place)? });
    }
    let begins = place.char_indices().map(|(at, _)| at);
    if let Some(county) = begins.filter_map(|at| only_county(&place[at..])).next() {
        let city = divisions::find(county.parent).filter(|city| city.level == Level::City)?;
        return Some(Office { city, task, place: county });
    }
    let told = whole_place(place)?;
    let city = divisions::find(told.code?).filter(|city| city.level == Level::City)?;
    Some(Office { city, task, place: place_in(city, told.town?)? })
}

/// 天河区公安局: the police of a district is an office of the city's by law.
fn police_of_district(key: &str) -> Option<Office> {
    let place = whole_place(key.strip_suffix("公安局")?)?;
    let district = divisions::find(place.code.filter(|_| place.shared.is_none() && place.town.is_none())?)?;
    let city = divisions::find(district.parent).filter(|city| city.level == Level::City && district.name.ends_with('区'))?;
    Some(Office { city, task: task_of("公安")?, place: district })
}

/// The district of a city, or the town of one that has no districts, that goes by a name.
fn place_in(city: &Division, name: &str) -> Option<&'static Division> {
    let is_below =
        |found: &&Division| found.level == Level::County && divisions::is_within(found.code, city.code) || found.parent == city.code;
    let mut found = divisions::named(name).filter(is_below);
    let only = found.next()?;
    found.next().is_none().then_some(only)
}

/// What bureaus are for, in full and as it is told in short: 市监 is 市场监督管理.
fn tasks() -> impl Iterator<Item = (&'static str, &'static str)> {
    let stem = |name: &'static str| name.strip_suffix('局');
    let told = SHORT_AUTHORITIES.iter().filter_map(move |(short, long)| Some((stem(short)?, stem(long)?)));
    let in_full = SHORT_AUTHORITIES.iter().map(|(_, long)| *long).chain(AUTHORITIES.iter().copied()).filter_map(stem);
    told.chain(in_full.map(|task| (task, task)))
}

fn task_of(told: &str) -> Option<&'static str> {
    tasks().find(|(short, _)| *short == told).map(|(_, task)| task)
}

/// The county that goes by a name, with or without the word for its level, where only one does.
fn only_county(name: &str) -> Option<&'static Division> {
    let mut found = divisions::named(name).filter(|found| found.level == Level::County);
    let only = found.next()?;
    found.next().is_none().then_some(only)
}

/// The name of a station of the police, which is told with its bureau (天河区公安分局石牌) or with its county.
fn station_of(station: &str) -> Option<String> {
    let (above, own) = ["公安分局", "分局", "公安局"].iter().find_map(|word| {
        let at = station.rfind(word)?;
        Some((&station[..at], &station[at + word.len()..]))
    })?;
    if own.is_empty() {
        return None;
    }
    let above = above.replace("公安局", "");
    let begins = above.char_indices().map(|(at, _)| at);
    let county = begins.filter_map(|at| only_county(&above[at..])).next();
    // A district is told with its city, 化州市 and 龙川县 by themselves.
    let place = match county {
        Some(county) if county.name.ends_with('区') => {
            divisions::ladder(county.code).iter().filter(|rung| rung.level != Level::Province).map(|rung| rung.name).collect()
        }
        Some(county) => county.name.to_owned(),
        None => above,
    };
    Some(format!("{place}{own}派出所"))
}

#[cfg(test)]
mod tests {
    use super::super::comparison_key;
    use super::*;

    #[test]
    fn the_offices_of_a_bureau_are_written_in_one_way() {
        for (one, other) in [
            ("天河公安分局", "广州市公安局天河区分局"),
            ("天河区公安分局", "广州市公安局天河分局"),
            ("广州市天河区公安分局", "广州市公安局天河区分局"),
            ("天河分局石牌派出所", "广州市公安局天河区分局石牌派出所"),
            ("天河区公安分局石牌派出所", "广州市公安局天河区分局石牌派出所"),
            ("化州市公安局官桥派出所", "化州市官桥派出所"),
            ("广州市天河区公安局", "广州市公安局天河分局"),
            ("深圳市市场监督管理局宝安监管局", "深圳市市场监督管理局宝安分局"),
            ("宝安市监分局", "深圳市市场监督管理局宝安分局"),
            ("深圳市市监局宝安监管局", "深圳市市场监督管理局宝安监管局"),
            ("深圳市规划和自然资源局宝安管理局", "深圳市规划和自然资源局宝安分局"),
            ("深圳市生态环境局宝安管理局", "宝安生态环境分局"),
            ("东莞长安公安分局", "东莞市公安局长安分局"),
            ("东莞市长安镇公安分局", "东莞市公安局长安公安分局"),
            ("东莞市长安人社分局", "东莞市人力资源和社会保障局长安分局"),
            ("国家税务总局东莞市税务局长安税务分局", "东莞市税务局长安分局"),
        ] {
            assert_eq!(comparison_key(one), comparison_key(other), "{one}");
        }
        assert_ne!(comparison_key("广州市公安局天河区分局"), comparison_key("广州市公安局越秀区分局"));
        assert_ne!(comparison_key("天河区公安局石牌派出所"), comparison_key("越秀区公安局石牌派出所"));
        for (one, other) in [
            ("东莞市公安局长安分局", "东莞市公安局虎门分局"),
            ("东莞市公安局长安分局", "东莞市生态环境局长安分局"),
            ("深圳市市场监督管理局宝安监管局", "深圳市市场监督管理局"),
            ("五华县公安局", "梅州市公安局五华分局"),
            ("佛山市公安局交通管理局", "佛山市公安局"),
        ] {
            assert_ne!(comparison_key(one), comparison_key(other), "{one}");
        }
    }

    #[test]
    fn a_district_has_one_bureau_for_a_task() {
        let of = |name: &str| office(&comparison_key(name));
        for (one, other) in [
            ("深圳市市场监督管理局宝安监管局", "宝安区市监局"),
            ("广州市规划和自然资源局天河区分局", "广州市天河区规划和自然资源局"),
            ("佛山市生态环境局南海分局", "佛山市南海区生态环境局"),
        ] {
            assert!(of(one).is_some() && of(one) == of(other), "{one}: {:?} {:?}", of(one), of(other));
        }
        for name in [
            "深圳市市场监督管理局",
            "东莞市公安局长安分局",
            "五华县教育局",
            "白云区教育局",
            "广州云山科技有限公司天河分公司",
            "广东电网有限责任公司佛山供电局",
        ] {
            assert_eq!(of(name), None, "{name}");
        }
    }
}
