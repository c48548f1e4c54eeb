//! What are the bodies of a place called that are told without it, or in words of their own?

use super::parse::{parse, parse_beyond_county};
use super::words::PUBLIC_BODIES;
use super::{bodies, offices};
use crate::divisions::{self, Division, Level};

/// The name with the place in front that the record tells elsewhere, where it is that of a body of which each place has one and leaves the place out:
/// of 石牌街道办事处 in 440106 it is 广州市天河区石牌街道办事处, of 榜山村民委员会 in 附城镇 of 440882 it is 雷州市附城镇榜山村民委员会. Takes a
/// comparison key, the code of the division, and the town or sub-district.
///
/// ```
/// use jiku_text::organisation_name::completed;
/// assert_eq!(completed("石牌街道办事处", "440106", None).as_deref(), Some("广州市天河区石牌街道办事处"));
/// assert_eq!(completed("好运来水果店", "440106", None), None);
/// ```
#[must_use]
pub fn completed(key: &str, division: &str, township: Option<&str>) -> Option<String> {
    if key.starts_with(['市', '省', '区', '县'])
        && let Some(completed) = of_own_place(key, divisions::find(division.get(..6)?)?)
    {
        return Some(completed);
    }
    if let Some(completed) = of_own_county(key, division).or_else(|| offices::completed(key, division)) {
        return Some(completed);
    }
    let of_town = PUBLIC_BODIES.iter().find_map(|end| key.strip_suffix(end)).filter(|own| own.chars().nth(1).is_some());
    let place = divisions::find(division.get(..6)?)?;
    let is_countys =
        || key.strip_prefix(place.name).or_else(|| key.strip_prefix(divisions::short_name(place.name))).is_some_and(bodies::is_countys);
    let of_county =
        || is_countys() || key.ends_with('局') || key.ends_with("委员会") || key.ends_with("人民法院") || key.ends_with("人民检察院");
    let parts = parse(key);
    if parts.parent.is_some() || place.level == Level::Province || of_town.is_none() && !of_county() {
        return None;
    }
    let ladder = divisions::ladder(place.code);
    let whole: String = ladder.iter().filter(|rung| rung.level != Level::Province).map(|rung| rung.name).collect();
    let told = parts.division_code.or(parts.shared_county.filter(|shared| *shared == place.name).map(|_| place.code));
    let completed = match told {
        // 雷州市榜山村民委员会 leaves out which 榜山 of the county it is.
        Some(code) if code == place.code => {
            let own = key.find(place.name).map(|at| &key[at + place.name.len()..]);
            let own = own.or_else(|| key.strip_prefix(divisions::short_name(place.name))).unwrap_or(key);
            format!("{whole}{}", in_town(own, parts.town.is_some(), of_town.is_some(), place, township))
        }
        None if parts.division.is_empty() && parts.shared_county.is_none() => match of_town {
            Some(_) => format!("{whole}{}", in_town(key, false, true, place, township)),
            // 天河教育局 of 天河区; of what has no place at all the city may have one too.
            None => format!("{whole}{}", key.strip_prefix(divisions::short_name(place.name)).filter(|_| place.level == Level::County)?),
        },
        _ => return None,
    };
    (completed != key).then_some(completed)
}

/// The name of a company that begins with the county told elsewhere without the word for its level: in 南海区 南海金帆食品有限公司 is
/// 佛山市南海区金帆食品有限公司. Of 五华中学 and of 高明农村商业银行股份有限公司 it is
/// the name.
fn of_own_county(key: &str, division: &str) -> Option<String> {
    let county = divisions::find(division.get(..6)?).filter(|found| found.level == Level::County)?;
    let short = divisions::short_name(county.name);
    let own = key.strip_prefix(short).filter(|own| short.len() < county.name.len() && !own.starts_with(&county.name[short.len()..]))?;
    let parts = parse_beyond_county(key)?;
    if parts.division != short || parts.kind() != Some("company") || own.contains("银行") {
        return None;
    }
    let place: String = divisions::ladder(county.code).iter().filter(|rung| rung.level != Level::Province).map(|rung| rung.name).collect();
    Some(place + own)
}

/// The name of a body that is told as that of the district, county, city or province alone, with the name of that: in 禅城区 市二医院 is 佛山市第二人民医院, 区教育局
/// 佛山市禅城区教育局, and 省人民医院 that of 广东省. In 雷州市 市二医院 may be its own or that of 湛江市.
fn of_own_place(key: &str, place: &Division) -> Option<String> {
    let (word, rest) = key.split_at(key.chars().next()?.len_utf8());
    let level = match word {
        "省" => Level::Province,
        "市" => Level::City,
        _ => Level::County,
    };
    // 市场监督管理局, 市政工程 and 市监局 tell no city.
    if level == Level::City && rest.starts_with(['场', '政', '容', '监']) {
        return None;
    }
    if level == Level::City && place.level == Level::County && !place.name.ends_with('区') {
        return None;
    }
    let ladder = divisions::ladder(place.code);
    let own = ladder.iter().find(|rung| rung.level == level).filter(|rung| level != Level::County || rung.name.ends_with(word))?;
    let rest = if rest == "中医" { "中医院" } else { rest };
    let whole = super::comparison_key(&format!("{}{rest}", own.name));
    let is_body = whole.strip_prefix(own.name).is_some_and(bodies::is_countys) || super::is_official(&whole);
    let city = ladder.iter().find(|rung| rung.level == Level::City && level == Level::County).map_or("", |city| city.name);
    is_body.then(|| format!("{city}{whole}"))
}

/// The own name of a body of a village or quarter with the town in front that it leaves out.
fn in_town(own: &str, has_town: bool, is_of_town: bool, county: &Division, township: Option<&str>) -> String {
    const BELOW_TOWN: [&str; 2] = ["村民委员会", "居民委员会"];
    let begins_with_town = || divisions::children(county.code).any(|town| own.starts_with(town.name));
    match township {
        Some(town) if is_of_town && !has_town && BELOW_TOWN.iter().any(|end| own.ends_with(end)) && !begins_with_town() => {
            format!("{town}{own}")
        }
        _ => own.to_owned(),
    }
}

/// Writes the names of autonomous divisions in full that a name begins with: 清远市连南县人民医院 is 清远市连南瑶族自治县人民医院.
pub(super) fn write_autonomous_out(key: &mut String) {
    if !key.contains(['县', '州', '旗']) {
        return;
    }
    let mut scope: Option<&'static Division> = None;
    let mut at = 0;
    while let Some((division, length)) = division_at(&key[at..], scope) {
        let name = &key[at..at + length];
        let told = if division.name != name && division.is_named(name) {
            key.replace_range(at..at + length, division.name);
            division.name.len()
        } else {
            length
        };
        (scope, at) = (Some(division), at + told);
    }
}

/// The division down to the county that a text begins with, below the one that stands before it, and how long its name is there.
fn division_at(text: &str, scope: Option<&'static Division>) -> Option<(&'static Division, usize)> {
    let lengths = divisions::name_lengths(text);
    let mut ends: Vec<usize> = text.char_indices().take(16).map(|(at, c)| at + c.len_utf8()).collect();
    ends.retain({
        let mut count = 0;
        move |_| {
            count += 1;
            (lengths >> count) & 1 == 1
        }
    });
    ends.into_iter().rev().find_map(|end| {
        let name = &text[..end];
        let is_below =
            |found: &&Division| scope.is_none_or(|scope| found.level > scope.level && divisions::is_within(found.code, scope.code));
        let mut found = divisions::named(name).filter(|found| found.level < Level::County || found.is_named(name)).filter(is_below);
        let first = found.next().filter(|first| first.level < Level::Township && !first.is_place_of(name))?;
        let is_only = found.next().is_none() && (scope.is_some() || divisions::was_also(first, name).is_empty());
        is_only.then_some((first, end))
    })
}

#[cfg(test)]
mod tests {
    use super::super::comparison_key;
    use super::*;

    #[test]
    fn a_public_body_without_its_place_is_that_of_the_place_told() {
        for (name, division, town, expected) in [
            ("石牌街道办", "440106", None, Some("广州市天河区石牌街道办事处")),
            ("附城镇榜山村委会", "440882", None, Some("湛江市雷州市附城镇榜山村民委员会")),
            ("榜山村委会", "440882", Some("附城镇"), Some("湛江市雷州市附城镇榜山村民委员会")),
            ("雷州市榜山村委会", "440882", Some("附城镇"), Some("湛江市雷州市附城镇榜山村民委员会")),
            ("怀德村委会", "441900", Some("虎门镇"), Some("东莞市虎门镇怀德村民委员会")),
            ("华师社区居委会", "440106", Some("石牌街道"), Some("广州市天河区石牌街道华师社区居民委员会")),
            ("官桥镇政府", "440982", None, Some("茂名市化州市官桥镇人民政府")),
            ("天河教育局", "440106", None, Some("广州市天河区教育局")),
            ("五华一中", "441424", None, Some("梅州市五华县第1中学")),
            ("五华县第一中学", "441424", None, Some("梅州市五华县第1中学")),
            ("五华中学", "441424", None, None),
            ("翠岭社区居委会", "440303", Some("翠竹街道"), Some("深圳市罗湖区翠竹街道翠岭社区居民委员会")),
            ("教育局", "440106", None, None),
            ("番禺区教育局", "440106", None, None),
            ("好运来水果店", "440106", None, None),
            ("村民委员会", "440106", None, None),
            ("石牌街道办", "440000", None, None),
            ("市二医院", "440604", None, Some("佛山市第2人民医院")),
            ("市二医院", "440600", None, Some("佛山市第2人民医院")),
            ("佛山红会", "440600", None, Some("佛山市红十字会")),
            ("市二医院", "440882", None, None),
            ("市教育局", "440604", None, Some("佛山市教育局")),
            ("区教育局", "440604", None, Some("佛山市禅城区教育局")),
            ("区人民医院", "440605", None, Some("佛山市南海区人民医院")),
            ("县医院", "441424", None, Some("梅州市五华县人民医院")),
            ("县医院", "440605", None, None),
            ("区记烧腊店", "440605", None, None),
            ("市妇幼", "440604", None, Some("佛山市妇幼保健院")),
            ("省人民医院", "440104", None, Some("广东省人民医院")),
            ("市场监督管理局", "440604", None, None),
            ("市政工程公司", "440604", None, None),
            ("南海金帆食品有限公司", "440605", None, Some("佛山市南海区金帆食品有限公司")),
            ("南海金帆食品有限公司", "440606", None, None),
            ("南海区金帆食品有限公司", "440605", None, None),
            ("白云电器有限公司", "440111", None, None),
            ("高明农商银行", "440608", None, None),
            ("长安公安分局", "441900", None, Some("东莞市公安局长安分局")),
            ("长安市监分局", "441900", Some("长安镇"), Some("东莞市市场监督管理局长安分局")),
            ("南山市监分局", "440305", None, Some("深圳市市场监督管理局南山分局")),
            ("长安公安分局", "440106", None, None),
        ] {
            assert_eq!(completed(&comparison_key(name), division, town).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn autonomous_divisions_go_by_their_places() {
        for (one, other) in [
            ("连南县人民医院", "连南瑶族自治县人民医院"),
            ("连南县医院", "连南瑶族自治县人民医院"),
            ("清远市连南县人民医院", "清远市连南瑶族自治县人民医院"),
            ("乳源县公安局", "乳源瑶族自治县公安局"),
            ("乳源自治县公安局", "乳源瑶族自治县公安局"),
            ("中共连南县委", "中共连南瑶族自治县委员会"),
            ("连南一中", "连南瑶族自治县第一中学"),
            ("连山县吉田镇卫生院", "连山壮族瑶族自治县吉田镇卫生院"),
            ("湖北恩施州硒茶产业有限公司", "湖北恩施土家族苗族自治州硒茶产业有限公司"),
            ("广州云山科技有限公司连南县分公司", "广州云山科技有限公司连南瑶族自治县分公司"),
            ("广州云山科技有限公司连南分公司", "广州云山科技有限公司连南瑶族自治县分公司"),
        ] {
            assert_eq!(comparison_key(one), comparison_key(other), "{one}");
            assert_eq!(parse(&comparison_key(one)).division_code, parse(&comparison_key(other)).division_code, "{one}");
        }
        for (name, code, trade_name) in [
            ("乳源县云门山旅游开发有限公司", Some("440232"), "云门山"),
            ("恩施硒茶产业有限公司", Some("422800"), "硒茶"),
            ("大理石材加工厂", None, "大理石材"),
            ("三江云帆科技有限公司", None, "三江云帆"),
            ("海南云帆科技有限公司", Some("460000"), "云帆"),
            ("双江拉祜族佤族布朗族傣族自治县云帆茶业有限公司", Some("530925"), "云帆"),
        ] {
            let parts = parse(name);
            assert_eq!((parts.division_code, parts.trade_name), (code, trade_name), "{name}");
        }
        assert_ne!(comparison_key("连南县人民医院"), comparison_key("连山县人民医院"));
    }
}
