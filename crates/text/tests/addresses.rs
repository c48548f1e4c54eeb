//! Does one flat show the same keys however it is written down?

use jiku_text::address::{Address, Comparison, Remark, Rung};
use proptest::prelude::*;

/// A flat of an invented estate, and the ways people write it.
#[derive(Clone, Debug)]
struct Flat {
    division: &'static [&'static str],
    road: &'static str,
    number: u32,
    estate: &'static str,
    building: u32,
    unit: u32,
    room: u32,
}

fn flats() -> impl Strategy<Value = Flat> {
    let divisions: Vec<&'static [&'static str]> = vec![
        &["广东省广州市天河区", "广州市天河区", "广州天河区", "天河区"],
        &["广东省佛山市顺德区", "佛山市顺德区", "顺德市", "广东佛山顺德区"],
        &["广东省东莞市", "东莞市", "东莞", "广东东莞"],
        &["广东省梅州市梅县区", "梅州市梅县区", "广东梅州梅县区", "梅县区"],
    ];
    let roads = prop::sample::select(vec!["云山路", "中山五路", "人民大道南", "黄埔大道西", "二沙横街", "105国道大石段"]);
    let estates = prop::sample::select(vec!["", "云山花园", "海德广场", "东方新城"]);
    (prop::sample::select(divisions), roads, 1..900_u32, estates, 1..40_u32, 1..6_u32, 1..34_u32, 1..9_u32).prop_map(
        |(division, road, number, estate, building, unit, floor, flat)| Flat {
            division,
            road,
            number,
            estate,
            building,
            unit,
            room: floor * 100 + flat,
        },
    )
}

fn chinese(number: u32) -> String {
    const DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let (hundreds, tens, ones) = (number / 100, number / 10 % 10, number % 10);
    let mut text = String::new();
    if hundreds > 0 {
        text += DIGITS[hundreds as usize];
        text += "百";
    }
    match (hundreds, tens, ones) {
        (0, 1, _) => text += "十",
        (_, 0, 0) => {}
        (0, 0, _) => {}
        (_, 0, _) => text += "零",
        _ => {
            text += DIGITS[tens as usize];
            text += "十";
        }
    }
    if ones > 0 {
        text += DIGITS[ones as usize];
    }
    text
}

fn full_width(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_digit() { char::from_u32(c as u32 + 0xFEE0).unwrap_or(c) } else { c }).collect()
}

impl Flat {
    fn written(&self, division: usize, form: usize) -> String {
        let Self { road, number, estate, building, unit, room, .. } = self;
        let local = match form {
            0 => format!("{road}{number}号{estate}{building}栋{unit}单元{room}室"),
            1 => format!("{road}{}号{estate}{building}幢{}单元{room}房", chinese(*number), chinese(*unit)),
            2 => format!("{road}{number}#{estate}{building}号楼{unit}单元{room}"),
            3 => format!("{road} {number} 號 {estate} {building}棟 {unit}單元 {room}號房"),
            4 => full_width(&format!("{road}{number}号{estate}第{building}栋{unit}单元{room}户")),
            _ => format!("{road}{number}号{estate}{building}-{unit}-{room}"),
        };
        format!("{}{local}", self.division[division])
    }
}

proptest! {
    #[test]
    fn one_flat_shows_the_same_keys_however_it_is_written(flat in flats(), division in 0..4_usize, form in 0..6_usize) {
        let plain = Address::parse(&flat.written(0, 0));
        let other = Address::parse(&flat.written(division, form));
        prop_assert_eq!(plain.code(), other.code(), "{}", flat.written(division, form));
        prop_assert_eq!(plain.road_key(), other.road_key(), "{}", flat.written(division, form));
        prop_assert_eq!(plain.detail_key(), other.detail_key(), "{}", flat.written(division, form));
        prop_assert_eq!(plain.get(Rung::Estate), other.get(Rung::Estate));
        prop_assert_eq!(Comparison::of(&plain, &other).differs_from(), None);
    }

    #[test]
    fn the_canonical_text_reads_as_itself(flat in flats(), division in 0..4_usize, form in 0..6_usize) {
        let once = Address::parse(&flat.written(division, form)).to_string();
        prop_assert_eq!(Address::parse(&once).to_string(), once);
    }

    #[test]
    fn two_flats_of_one_house_part_at_the_room_and_no_higher(flat in flats(), room in 101..3_400_u32) {
        prop_assume!(room != flat.room);
        let neighbour = Flat { room, ..flat.clone() };
        let comparison = Comparison::of(&Address::parse(&flat.written(0, 0)), &Address::parse(&neighbour.written(1, 1)));
        prop_assert_eq!(comparison.differs_from(), Some(Rung::Room));
    }
}

#[test]
fn the_order_of_what_was_written_stays() {
    for (written, canonical) in [
        ("广州市天河区岗顶5号", "广东省广州市天河区岗顶5号"),
        ("广州市天河区3号之二301", "广东省广州市天河区3号之二301"),
        ("广州市天河区天河路12号之一301房", "广东省广州市天河区天河路12号之一301室"),
        ("广州市天河区天河路12号3楼之二", "广东省广州市天河区天河路12号3层之二"),
        ("广州市天河区天河路12号23楼2305-06单元", "广东省广州市天河区天河路12号23层2305-06室"),
        ("广州市天河区天河路12号1栋13层03、04单元", "广东省广州市天河区天河路12号1栋13层03、04室"),
    ] {
        let once = Address::parse(written).to_string();
        assert_eq!(once, canonical, "{written}");
        assert_eq!(Address::parse(&once).to_string(), once, "{written} read again");
    }
}

#[test]
fn a_home_has_a_door() {
    for (written, home) in [
        ("广州市天河区", None),
        ("广州市天河区石牌街道", None),
        ("广州市天河区天河路", None),
        ("汕头市潮阳区谷饶镇新坡村", None),
        ("汕头市潮阳区谷饶镇新坡村12号", Some("新坡村12号")),
        ("广州市天河区天河路12号", Some("天河路12号")),
        ("广州市天河区天河路12号3栋301房", Some("天河路12号|3-301")),
    ] {
        assert_eq!(Address::parse(written).home_key().as_deref(), home, "{written}");
    }
}

#[test]
fn divisions_of_the_past_lead_to_those_of_today() {
    for (written, canonical) in [
        ("广东省惠阳地区东莞县太平镇", "广东省东莞市太平镇"),
        ("佛山地区南海县桂城街道", "广东省佛山市南海区桂城街道"),
        ("广东省惠阳地区惠阳县", "广东省惠州市惠阳区"),
        ("深圳市光明新区公明街道", "广东省深圳市光明区公明街道"),
        ("光明新区公明街道", "广东省深圳市光明区公明街道"),
        ("广东省坪山新区马峦街道", "广东省深圳市坪山区马峦街道"),
        ("广东省顺德县大良镇", "广东省佛山市顺德区大良镇"),
        ("广东省中山县石岐镇", "广东省中山市石岐镇"),
        ("台山县台城镇", "广东省江门市台山市台城镇"),
        ("斗门县井岸镇", "广东省珠海市斗门区井岸镇"),
        ("四川省重庆市江北区", "重庆市江北区"),
    ] {
        let address = Address::parse(written);
        assert_eq!(address.to_string(), canonical, "{written}");
        assert!(address.has(Remark::HistoricalDivision), "{written}");
    }
}

#[test]
fn odd_ways_to_write_are_understood() {
    for (written, canonical) in [
        ("广州市天河区天河路385号1201、1202房", "广东省广州市天河区天河路385号1201、1202室"),
        ("广州市天河区天河路12、14号", "广东省广州市天河区天河路12、14号"),
        ("广州市天河区天河路1-2号", "广东省广州市天河区天河路1-2号"),
        ("广州市白云区太和镇上围村小组12号", "广东省广州市白云区太和镇上围村12号"),
        ("梅州市梅县区程江镇大和村木京村民小组12号", "广东省梅州市梅县区程江镇大和村木京村民小组12号"),
        ("梅州市梅县区程江镇木京村民小组", "广东省梅州市梅县区程江镇木京村民小组"),
        ("梅州市梅县区程江镇大和村民委员会上村村民小组", "广东省梅州市梅县区程江镇大和村上村"),
        ("广州市天河区天河路12号A", "广东省广州市天河区天河路12A号"),
        ("广州市天河区天河路12-A号", "广东省广州市天河区天河路12A号"),
        ("广州市天河区天河路12号A座301", "广东省广州市天河区天河路12号A座301"),
        ("广州市天河区天河路12号B2栋", "广东省广州市天河区天河路12号B2栋"),
        ("广州市天河区天河路12号C单元", "广东省广州市天河区天河路12号C单元"),
        ("510620广东省广州市天河区天河路385号", "广东省广州市天河区天河路385号"),
        ("邮编510620广州市天河区天河路385号", "广东省广州市天河区天河路385号"),
        ("广东省阳江市阳西县织篢镇", "广东省阳江市阳西县织篢镇"),
        ("广州市天河区广州市天河区天河路385号", "广东省广州市天河区天河路385号"),
    ] {
        assert_eq!(Address::parse(written).to_string(), canonical, "{written}");
        assert_eq!(Address::parse(canonical).to_string(), canonical, "{canonical}");
    }
    assert!(Address::parse("广州市天河区广州市天河区天河路385号").has(Remark::DuplicateDivision));
}

#[test]
fn every_way_to_count_a_door_within_a_number_is_another_house() {
    let house = |text: &str| Address::parse(&format!("广州市天河区天河路{text}")).house_key();
    let whole = house("12号");
    assert!(whole.is_some());
    for other in ["12号之一", "12号之二", "12-1号", "12号-1", "12号A", "12A号", "12号附1号", "12号之一301房"] {
        assert_ne!(house(other), whole, "{other}");
    }
    for (one, two) in [("12号之一", "12-1号"), ("12号A", "12A号"), ("12号附1号", "12号之1"), ("12号3栋501", "12号")] {
        assert_eq!(house(one), house(two), "{one} {two}");
    }
}
