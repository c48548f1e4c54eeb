//! Where do the people of the province live, and how do clerks write it down?

use crate::random::{Random, running_sums};
use crate::reference::{Division, Reference};

/// Residents of each city in ten thousands (2020 census, rounded) and the longitude and latitude of its centre, to a few
/// kilometres.
const CITIES: [(&str, u32, f64, f64); 21] = [
    ("4401", 1868, 113.264, 23.129),
    ("4402", 286, 113.597, 24.810),
    ("4403", 1756, 114.058, 22.543),
    ("4404", 244, 113.577, 22.271),
    ("4405", 550, 116.682, 23.354),
    ("4406", 950, 113.122, 23.022),
    ("4407", 480, 113.082, 22.579),
    ("4408", 698, 110.359, 21.271),
    ("4409", 617, 110.925, 21.663),
    ("4412", 411, 112.465, 23.047),
    ("4413", 604, 114.416, 23.112),
    ("4414", 387, 116.122, 24.288),
    ("4415", 267, 115.375, 22.786),
    ("4416", 284, 114.700, 23.744),
    ("4417", 260, 111.983, 21.858),
    ("4418", 397, 113.056, 23.682),
    ("4419", 1047, 113.752, 23.021),
    ("4420", 442, 113.393, 22.516),
    ("4451", 257, 116.622, 23.657),
    ("4452", 558, 116.373, 23.550),
    ("4453", 238, 112.044, 22.915),
];

/// Centres of the districts where the demonstration's parcels may lie.
const DISTRICT_CENTRES: [(&str, f64, f64); 6] = [
    ("440103", 113.244, 23.125),
    ("440104", 113.267, 23.129),
    ("440105", 113.318, 23.083),
    ("440106", 113.361, 23.125),
    ("440112", 113.460, 23.107),
    ("440113", 113.384, 22.938),
];

const ROAD_STEMS: [&str; 56] = [
    "中山",
    "人民",
    "解放",
    "建设",
    "文明",
    "东风",
    "环市",
    "体育",
    "天河",
    "江南",
    "滨江",
    "新港",
    "昌岗",
    "工业大道",
    "沿江",
    "北京",
    "大德",
    "惠福",
    "教育",
    "西湖",
    "广卫",
    "越华",
    "德政",
    "农林",
    "龙口",
    "石牌",
    "五山",
    "黄埔大道",
    "科韵",
    "车陂",
    "棠下",
    "员村",
    "花城",
    "兴盛",
    "华夏",
    "珠江",
    "站前",
    "流花",
    "盘福",
    "康王",
    "龙津",
    "多宝",
    "芳村大道",
    "白鹤洞",
    "迎宾",
    "朝阳",
    "胜利",
    "和平",
    "友谊",
    "红旗",
    "振兴",
    "富民",
    "学府",
    "湖滨",
    "南华",
    "同福",
];
const ESTATES: [&str; 30] = [
    "翠湖花园",
    "金碧花园",
    "丽景苑",
    "保安大厦",
    "锦绣家园",
    "阳光花园",
    "天朗明居",
    "碧水湾",
    "荔港华庭",
    "东方新城",
    "怡景大厦",
    "星河湾",
    "御景城",
    "汇景新苑",
    "骏逸苑",
    "富力半岛",
    "珠江花城",
    "金桂园",
    "海韵居",
    "祈福新邨",
    "云山雅居",
    "嘉和苑",
    "万科城",
    "时代广场",
    "逸景居",
    "雅居苑",
    "帝景苑",
    "侨苑小区",
    "建业小区",
    "南方小区",
];
const VILLAGES: [&str; 24] = [
    "石溪村",
    "新塘村",
    "沙河村",
    "龙洞村",
    "大岭村",
    "长湴村",
    "凤和村",
    "水口村",
    "上元村",
    "下元村",
    "田心村",
    "塘尾村",
    "坑口村",
    "南岗村",
    "东圃村",
    "小洲村",
    "罗屋村",
    "陈边村",
    "黄陂村",
    "沙头村",
    "横岗村",
    "白沙村",
    "老围村",
    "新围村",
];

/// An address in its parts.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) division: &'static Division,
    township: &'static str,
    road: String,
    number: u32,
    estate: Option<&'static str>,
    building: Option<u32>,
    unit: Option<u32>,
    room: Option<u32>,
}

/// The divisions people live in, by the weight of their cities.
#[derive(Debug)]
pub(crate) struct Map {
    pub(crate) divisions: Vec<&'static Division>,
    sums: Vec<u32>,
}

impl Map {
    /// The divisions whose code begins with one of these prefixes; all of Guangdong when none is given or none fits.
    pub(crate) fn new(prefixes: &[String]) -> Self {
        let all = &Reference::get().guangdong;
        let chosen = |division: &&Division| prefixes.iter().any(|prefix| division.code.starts_with(prefix.as_str()));
        let mut divisions: Vec<&'static Division> = all.iter().filter(chosen).collect();
        if divisions.is_empty() {
            divisions = all.iter().collect();
        }
        let weight = |division: &&Division| {
            let siblings = all.iter().filter(|other| other.code[..4] == division.code[..4]).count();
            CITIES.iter().find(|city| division.code.starts_with(city.0)).map_or(100, |city| city.1) * 100
                / u32::try_from(siblings).unwrap_or(1)
        };
        let sums = running_sums(divisions.iter().map(weight));
        Self { divisions, sums }
    }

    /// A division, populous ones more often.
    pub(crate) fn division(&self, random: &mut Random) -> &'static Division {
        self.divisions[random.weighted(&self.sums)]
    }

    /// A flat or a house in this division.
    pub(crate) fn home(random: &mut Random, division: &'static Division) -> Address {
        let township = random.pick(&division.townships);
        let rural = township.ends_with('镇') && random.chance(0.6) || township.ends_with('乡');
        if rural {
            let road = random.pick(&VILLAGES).to_owned();
            return Address {
                division,
                township,
                road,
                number: draw(random, 1, 260),
                estate: None,
                building: None,
                unit: None,
                room: None,
            };
        }
        let tower = random.chance(0.75);
        let top = if random.chance(0.4) { 30 } else { 9 };
        let floor = draw(random, 1, top);
        Address {
            division,
            township,
            road: road(random),
            number: draw(random, 1, 400),
            estate: random.chance(0.45).then(|| random.pick(&ESTATES)),
            building: tower.then(|| draw(random, 1, 24)),
            unit: (tower && random.chance(0.5)).then(|| draw(random, 1, 4)),
            room: Some(floor * 100 + draw(random, 1, 8)),
        }
    }

    /// Business premises in this division.
    pub(crate) fn premises(random: &mut Random, division: &'static Division) -> Address {
        let mut address = Self::home(random, division);
        address.unit = None;
        address
    }
}

/// Longitude and latitude from which a division's parcels are laid out: districts of a city lie on a spiral around its
/// centre (a layout of our own, inside the extent of the city, not the true district bounds).
pub(crate) fn centre(division: &Division) -> (f64, f64) {
    if let Some(&(_, lon, lat)) = DISTRICT_CENTRES.iter().find(|centre| centre.0 == division.code) {
        return (lon, lat);
    }
    let (_, _, lon, lat) = CITIES.iter().find(|city| division.code.starts_with(city.0)).copied().unwrap_or(CITIES[0]);
    let turn = f64::from(division.code[4..].parse::<u16>().unwrap_or(0));
    let (angle, radius) = (turn * 2.4, 0.035 * turn.sqrt());
    (lon + radius * angle.cos(), lat + radius * angle.sin())
}

fn draw(random: &mut Random, low: i64, high: i64) -> u32 {
    u32::try_from(random.between(low, high)).unwrap_or(1)
}

fn road(random: &mut Random) -> String {
    let stem = random.pick(&ROAD_STEMS);
    if stem.ends_with("大道") {
        return format!("{stem}{}", random.pick(&["", "中", "东", "西", "南", "北"]));
    }
    format!(
        "{stem}{}",
        random.pick(&["路", "路", "大道", "街", "一路", "二路", "三路", "东路", "西路", "南路", "北路", "中路", "一街", "二横路", "巷"])
    )
}

/// The number in Chinese, up to 999, as addresses write it.
pub(crate) fn in_characters(number: u32) -> String {
    const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let (hundreds, tens, ones) = (number / 100 % 10, number / 10 % 10, number % 10);
    let mut text = String::new();
    if hundreds > 0 {
        text.extend([DIGITS[hundreds as usize], '百']);
    }
    match (hundreds, tens) {
        (0, 1) => text.push('十'),
        (_, 0) if hundreds > 0 && ones > 0 => text.push('零'),
        (_, 0) => {}
        _ => text.extend([DIGITS[tens as usize], '十']),
    }
    if ones > 0 || number == 0 {
        text.push(DIGITS[ones as usize]);
    }
    text
}

impl Address {
    /// The address as the address library would write it.
    pub(crate) fn full(&self) -> String {
        self.written(&Habits { province: true, city: true, ..Habits::default() })
    }

    /// The place of a lot with this number in the same street, or of the street itself: without building and room.
    pub(crate) fn site(&self, number: Option<u32>) -> String {
        let street = format!("{}{}{}{}", self.division.city, self.division.county, self.township, self.road);
        number.map_or_else(|| street.clone(), |number| format!("{street}{number}号"))
    }

    /// The address as a clerk with these habits writes it.
    pub(crate) fn written(&self, habits: &Habits) -> String {
        let mut text = String::with_capacity(96);
        if habits.province {
            text.push_str("广东省");
        }
        if habits.city || self.division.county.is_empty() {
            text.push_str(self.division.city);
        }
        text.push_str(self.division.county);
        if habits.township {
            text.push_str(self.township);
        }
        text.push_str(&self.road);
        let number = |text: &mut String, number: u32| {
            if habits.characters && number < 1000 {
                text.push_str(&in_characters(number));
            } else {
                text.push_str(&number.to_string());
            }
        };
        number(&mut text, self.number);
        text.push_str(habits.door);
        if habits.estate {
            text.push_str(self.estate.unwrap_or_default());
        }
        if habits.dashes && self.building.is_some() && self.room.is_some() && !habits.no_room {
            let parts: Vec<String> = [self.building, self.unit, self.room].into_iter().flatten().map(|part| part.to_string()).collect();
            text.push_str(&parts.join("-"));
            return text;
        }
        for (part, suffix) in [(self.building, habits.building), (self.unit, "单元"), (self.room.filter(|_| !habits.no_room), habits.room)]
        {
            if let Some(part) = part {
                number(&mut text, part);
                text.push_str(suffix);
            }
        }
        text
    }
}

/// How an address is written down.
#[derive(Clone, Debug)]
pub(crate) struct Habits {
    pub(crate) province: bool,
    pub(crate) city: bool,
    pub(crate) township: bool,
    pub(crate) estate: bool,
    pub(crate) characters: bool,
    pub(crate) dashes: bool,
    pub(crate) no_room: bool,
    pub(crate) door: &'static str,
    pub(crate) building: &'static str,
    pub(crate) room: &'static str,
}

impl Default for Habits {
    fn default() -> Self {
        let (province, city, township, estate) = (false, true, true, true);
        Self {
            province, city, township, estate, characters: false, dashes: false, no_room: false, door: "号", building: "栋", room: "室"
        }
    }
}

impl Habits {
    /// The habits of a hurried clerk: each deviation with a probability that `sloppiness` (0 to 1) scales.
    pub(crate) fn drawn(random: &mut Random, sloppiness: f64) -> Self {
        Self {
            province: random.chance(0.3),
            city: !random.chance(0.35 * sloppiness),
            township: !random.chance(0.5 * sloppiness),
            estate: !random.chance(0.3 * sloppiness),
            characters: random.chance(0.06 * sloppiness),
            dashes: random.chance(0.2 * sloppiness),
            no_room: random.chance(0.12 * sloppiness),
            door: if random.chance(0.1 * sloppiness) { "#" } else { "号" },
            building: if random.chance(0.5 * sloppiness) { random.pick(&["幢", "号楼", "座"]) } else { "栋" },
            room: if random.chance(0.6 * sloppiness) { random.pick(&["房", "号房", ""]) } else { "室" },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_characters() {
        for (number, text) in [(5, "五"), (10, "十"), (12, "十二"), (20, "二十"), (105, "一百零五"), (123, "一百二十三"), (310, "三百一十")]
        {
            assert_eq!(in_characters(number), text);
        }
    }

    #[test]
    fn every_division_has_a_centre_in_guangdong() {
        for division in &Reference::get().guangdong {
            let (lon, lat) = centre(division);
            assert!((109.6..117.4).contains(&lon) && (20.2..25.6).contains(&lat), "{}: {lon} {lat}", division.code);
        }
    }
}
