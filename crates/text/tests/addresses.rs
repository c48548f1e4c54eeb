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

#[test]
fn numerals_in_circles_and_brackets_are_numerals() {
    for (text, plain) in [
        ("广州市天河区天河路①号", "广州市天河区天河路1号"),
        ("广州市天河区天河路㈢号", "广州市天河区天河路3号"),
        ("广州市天河区天河路385号⑤栋⑴单元❸02", "广州市天河区天河路385号5栋1单元3-02"),
        ("广州市天河区天河路385号⒓栋", "广州市天河区天河路385号12栋"),
    ] {
        let (read, plain) = (Address::parse(text), Address::parse(plain));
        assert_eq!(read.get(Rung::Number), plain.get(Rung::Number), "{text}");
        assert_eq!(read.get(Rung::Building), plain.get(Rung::Building), "{text}");
    }
    assert_eq!(Address::parse("广州市天河区天河路385号⑤栋").get(Rung::Building), Some("5栋"));
}

#[test]
fn autonomous_divisions_are_known_by_their_places() {
    for (text, code, canonical) in [
        ("湖南省湘西州吉首市乾州街道人民路8号", Some("433101"), "湖南省湘西土家族苗族自治州吉首市乾州街道人民路8号"),
        ("贵州省黔东南州天柱县凤城街道", Some("522627"), "贵州省黔东南苗族侗族自治州天柱县凤城街道"),
        ("贵州省黔西南州兴义市", Some("522301"), "贵州省黔西南布依族苗族自治州兴义市"),
        ("湖北省恩施州利川市", Some("422802"), "湖北省恩施土家族苗族自治州利川市"),
        ("湖北恩施市小渡船街道", Some("422801"), "湖北省恩施土家族苗族自治州恩施市小渡船街道"),
        ("四川省阿坝州红原县邛溪镇", Some("513233"), "四川省阿坝藏族羌族自治州红原县邛溪镇"),
        ("四川省甘孜州康定市", Some("513301"), "四川省甘孜藏族自治州康定市"),
        ("云南省大理州祥云县", Some("532923"), "云南省大理白族自治州祥云县"),
        ("云南省大理州大理市", Some("532901"), "云南省大理白族自治州大理市"),
        ("云南省红河州个旧市", Some("532501"), "云南省红河哈尼族彝族自治州个旧市"),
        ("云南省文山州富宁县", Some("532628"), "云南省文山壮族苗族自治州富宁县"),
        ("新疆伊犁州伊宁市", Some("654002"), "新疆维吾尔自治区伊犁哈萨克自治州伊宁市"),
        ("新疆巴州库尔勒市", Some("652801"), "新疆维吾尔自治区巴音郭楞蒙古自治州库尔勒市"),
        ("甘肃省临夏州临夏市", Some("622901"), "甘肃省临夏回族自治州临夏市"),
        ("广西恭城县恭城镇", Some("450332"), "广西壮族自治区桂林市恭城瑶族自治县恭城镇"),
        ("重庆市石柱县", Some("500240"), "重庆市石柱土家族自治县"),
        ("海南省陵水县", Some("469028"), "海南省陵水黎族自治县"),
        ("内蒙古呼伦贝尔市鄂温克旗", Some("150724"), "内蒙古自治区呼伦贝尔市鄂温克族自治旗"),
        ("云南省临沧市双江拉祜族佤族布朗族傣族自治县勐勐镇", Some("530925"), "云南省临沧市双江拉祜族佤族布朗族傣族自治县勐勐镇"),
        ("连南县三江镇朝阳路8号", Some("441826"), "广东省清远市连南瑶族自治县三江镇朝阳路8号"),
        ("连南三江镇朝阳路8号", Some("441826"), "广东省清远市连南瑶族自治县三江镇朝阳路8号"),
        ("清远市连南县连南瑶族自治县三江镇", Some("441826"), "广东省清远市连南瑶族自治县三江镇"),
        ("乳源县乳城镇鹰峰中路30号", Some("440232"), "广东省韶关市乳源瑶族自治县乳城镇鹰峰中路30号"),
        ("乳源县新街12号", Some("440232"), "广东省韶关市乳源瑶族自治县新街12号"),
        // Towns, districts and words that have the name of such a place.
        ("三江镇联和村12号", None, "三江镇联和村12号"),
        ("三江大道12号", None, "三江大道12号"),
        ("江城安宁路12号", Some("441702"), "广东省阳江市江城区安宁路12号"),
        ("海南三亚市", Some("460200"), "海南省三亚市"),
        ("通道北3号", None, "通道北3号"),
        ("大理石厂宿舍", None, "大理石厂宿舍"),
        ("江西省东乡县", Some("361003"), "江西省抚州市东乡区"),
    ] {
        let address = Address::parse(text);
        assert_eq!((address.code(), address.to_string().as_str()), (code, canonical), "{text}");
    }
    // 甘南 is a prefecture of Gansu and a county of Heilongjiang, 东乡县 was one of Jiangxi.
    assert_eq!(Address::parse("甘南合作市").code(), Some("623001"));
    assert!(Address::parse("东乡县锁南镇").has(Remark::AmbiguousDivision));
}

#[test]
fn a_township_that_went_to_a_new_district_lies_there() {
    for (text, expected, code) in [
        ("深圳市龙岗区坪山镇东纵路20号", "广东省深圳市坪山区坪山街道东纵路20号", "440310"),
        ("深圳市宝安区光明街道光明大街20号", "广东省深圳市光明区光明街道光明大街20号", "440311"),
        ("深圳市宝安区龙华镇人民路50号", "广东省深圳市龙华区龙华街道人民路50号", "440309"),
        ("佛山市南海区南庄镇紫洞路8号", "广东省佛山市禅城区南庄镇紫洞路8号", "440604"),
        // It has the township still, under another level.
        ("佛山市顺德区容桂镇文明西路12号", "广东省佛山市顺德区容桂镇文明西路12号", "440606"),
        // Another county of the city has one of the name, which was never this one's.
        ("云浮市新兴县附城镇布尾村8号", "广东省云浮市新兴县附城镇布尾村8号", "445321"),
        ("湛江市廉江市黄坡镇人民路8号", "广东省湛江市廉江市黄坡镇人民路8号", "440881"),
        // Nobody has it.
        ("江门市新会区环城镇东甲村12号", "广东省江门市新会区环城镇东甲村12号", "440705"),
    ] {
        let address = Address::parse(text);
        assert_eq!((address.to_string().as_str(), address.code()), (expected, Some(code)), "{text}");
    }
    let split = Address::parse("深圳市龙岗区坪山镇东纵路20号");
    assert!(split.has(Remark::HistoricalDivision));
    assert_eq!(["440307", "440307008", "440305"].map(|told| split.instead_of(told)), [Some("440310"), Some("440310"), None]);
}

#[test]
fn a_town_is_another_place_than_any_other_township() {
    let differ = |left: &str, right: &str| {
        let [left, right] = [left, right].map(Address::parse);
        let (left, right) = (left.township_marks(), right.township_marks());
        !left.is_empty() && !right.is_empty() && !left.iter().any(|mark| right.contains(mark))
    };
    for (left, right, expected) in [
        ("东莞市虎门镇人民路8号", "东莞市莞城街道人民路8号", true),
        ("东莞市虎门镇人民路8号", "东莞市长安镇人民路8号", true),
        ("东莞虎门人民路8号", "东莞莞城人民路8号", true),
        ("菏泽市曹县庄寨镇人民路8号", "菏泽市曹县曹城街道人民路8号", true),
        ("东莞市东城街道人民路8号", "东莞市莞城街道人民路8号", false),
        ("佛山市顺德区大良镇人民路8号", "佛山市顺德区大良街道人民路8号", false),
        ("东莞市虎门镇人民路8号", "东莞市人民路8号", false),
        ("中山市火炬开发区人民路8号", "中山市小榄镇人民路8号", true),
        ("中山市火炬开发区人民路8号", "中山市中山港街道人民路8号", false),
        ("佛山高新区人民路8号", "佛山市南海区狮山镇人民路8号", false),
        // 环城镇 went into 会城街道.
        ("江门市新会区环城镇人民路8号", "江门市新会区会城街道人民路8号", false),
    ] {
        assert_eq!(differ(left, right), expected, "{left} | {right}");
    }
}
