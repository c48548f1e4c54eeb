//! Are names of organisations read as those who write them mean them?

use super::*;

#[test]
fn one_name_in_two_spellings_has_one_key() {
    for (one, other) in [
        ("韶关市第十六中学", "韶关市第16中学"),
        ("广州云山商行第十二分店", "广州云山商行第12分店"),
        ("广州云山商行第十二分店", "广州云山商行12店"),
        ("广州云山商行一号店", "广州云山商行1号店"),
        ("佛山市南海区阿芳美发店（个体工商户）", "佛山市南海区阿芳美发店"),
        ("Guangzhou Bluesky Software Co., Ltd.", "GUANGZHOU BLUESKY SOFTWARE CO LTD"),
    ] {
        assert_eq!(comparison_key(one), comparison_key(other));
    }
    assert_ne!(comparison_key("第一中学"), comparison_key("第二中学"));
}

#[test]
fn what_is_said_in_two_ways_is_written_in_one() {
    for (one, other) in [
        ("广州市天河区石牌街陈记烧腊店", "广州市天河区石牌街道陈记烧腊店"),
        ("广州市天河区沙河街道办事处", "广州市天河区沙河街办事处"),
        ("广州市天河区人民政府石牌街道办事处", "广州市天河区石牌街道办事处"),
        ("清远市清新区太和镇红星村民委员会", "清远市清新区太和镇红星村村民委员会"),
        ("清远市清新区太和镇红星村委会", "清远市清新区太和镇红星村村委会"),
        ("华南师范大学附中", "华南师范大学附属中学"),
        ("云浮市云城区青山种养专业合作社", "云浮市云城区青山种养农民专业合作社"),
        ("国家税务总局广州市天河区税务局", "广州市天河区税务局"),
        ("中国建设银行股份有限公司广州五山支行", "中国建设银行广州五山支行"),
        ("工行广州天河支行", "中国工商银行股份有限公司广州天河支行"),
        ("工商银行股份有限公司广州天河支行", "工行广州天河支行"),
        ("工商银行广州天河支行", "中国工商银行股份有限公司广州天河支行"),
        ("建行佛山分行", "中国建设银行股份有限公司佛山市分行"),
        ("农行化州市支行", "中国农业银行股份有限公司化州支行"),
        ("中行深圳福田支行", "中国银行股份有限公司深圳福田支行"),
        ("交行珠海分行", "交通银行股份有限公司珠海分行"),
        ("邮储银行茂名市分行", "中国邮政储蓄银行股份有限公司茂名市分行"),
        ("招行广州分行营业部", "招商银行股份有限公司广州分行营业部"),
        ("高明农商银行荷城支行", "高明农村商业银行股份有限公司荷城支行"),
        ("广东高明农商行", "广东高明农村商业银行股份有限公司"),
        ("人保财险佛山分公司", "中国人民财产保险股份有限公司佛山市分公司"),
        ("中国人寿保险佛山分公司", "中国人寿保险股份有限公司佛山分公司"),
        ("中国电信佛山分公司", "中国电信股份有限公司佛山分公司"),
        ("中国移动佛山分公司", "中国移动通信集团广东有限公司佛山分公司"),
        ("中国移动通信佛山市分公司", "中国移动通信集团广东有限公司佛山分公司"),
        ("中国移动通信集团广东有限公司佛山市分公司", "中国移动通信集团广东有限公司佛山分公司"),
        ("广东移动佛山分公司", "中国移动通信集团广东有限公司佛山分公司"),
        ("中国移动广东公司", "中国移动通信集团广东有限公司"),
        ("广东联通佛山分公司", "中国联通佛山分公司"),
        ("广东电网佛山供电局", "广东电网有限责任公司佛山供电局"),
        ("广州澜石机电设备有限公", "广州澜石机电设备有限公司"),
        ("广州澜石机电设备有限责任公", "广州澜石机电设备有限公司"),
        ("广州澜石机电设备股份有限", "广州澜石机电设备股份有限公司"),
        ("广州澜石机电设备有限公司茂名分", "广州澜石机电设备有限公司茂名分公司"),
        ("工行天河支行", "工行广州天河支行"),
        ("云山科技有限公司顺德分公司", "云山科技有限公司佛山顺德分公司"),
        ("化州市官桥镇政府", "化州市官桥镇人民政府"),
        ("广州开发区管委会", "广州经济技术开发区管理委员会"),
        ("化州市法院", "化州市人民法院"),
        ("化州市妇联", "化州市妇女联合会"),
        ("化州市文广旅体局", "化州市文化广电旅游体育局"),
        ("广州市天河区市监局", "广州市天河区市场监督管理局"),
        ("广州市生态环境局", "广州市环境局"),
        ("广州市天河区发展改革局", "广州市天河区发展和改革局"),
        ("广州市天河区卫计局", "广州市天河区卫生和计划生育局"),
        ("广州市天河区国土局", "广州市天河区国土资源局"),
        ("广州市天河区人力资源社会保障局", "广州市天河区人社局"),
        ("广州市天河区卫生健康委", "广州市天河区卫健委"),
        ("广东中天会计师事务所（特殊普通合伙）", "广东中天会计师事务所"),
        ("GOLDEN HARVEST TRADING LIMITED", "Golden Harvest Trading Ltd."),
    ] {
        assert_eq!(comparison_key(&normalise(one)), comparison_key(&normalise(other)));
    }
    for name in [
        "中行科技有限公司",
        "浦发机械有限公司天河营业部",
        "农行天下商行",
        "国家税务总局",
        "广州市上下九步行街商行",
        "中国建设银行",
        "广州市天河区人民政府",
    ] {
        assert_eq!(comparison_key(name), name);
    }
}

#[test]
fn schools_and_clinics_go_by_their_customary_names() {
    for (one, other) in [
        ("佛山一中", "佛山第一中学"),
        ("佛山市一中", "佛山市第一中学"),
        ("广州三十六中", "广州第36中学"),
        ("广州市36中", "广州市第三十六中学"),
        ("韶关市二小", "韶关市第二小学"),
        ("韶关市机关二幼", "韶关市机关第二幼儿园"),
        ("113中学", "第一一三中学"),
        ("广州113中学", "广州第一一三中学"),
        ("湛江二医", "湛江第二人民医院"),
        ("佛山市妇幼", "佛山市妇幼保健院"),
        ("佛山红会", "佛山红十字会"),
        ("北大附中", "北京大学附属中学"),
        ("华南师大附小", "华南师范大学附属小学"),
        ("中大附一院", "中山大学附属第一医院"),
        ("中山大学附属一院", "中山大学附属第一医院"),
        ("广州医科大学附二医院", "广州医科大学附属第二医院"),
        ("高州市中医院", "高州市中医医院"),
        ("高州一中", "高州市第一中学"),
        ("阳山一小", "阳山县第一小学"),
        ("龙川中医院", "龙川县中医医院"),
        ("五华县医院", "五华县人民医院"),
        ("茂名市茂南区疾控中心", "茂名市茂南区疾病预防控制中心"),
        ("佛山二院", "佛山第二人民医院"),
        ("佛山市二医院", "佛山市第二人民医院"),
        ("江门市一医院", "江门市第一人民医院"),
        ("高州一院", "高州市第一人民医院"),
        ("南海慈善会", "南海区慈善会"),
        ("华工", "华南理工大学"),
        ("南医大三院", "南方医科大学第三附属医院"),
        ("汕大附二院", "汕头大学医学院第二附属医院"),
        ("中山大学附属第三医院", "中山大学第三附属医院"),
        ("广医一院", "广州医科大学附属第一医院"),
        ("中山三院", "中山大学附属第三医院"),
        ("珠江医院", "南方医科大学珠江医院"),
        ("广东中天会计师事务所（特殊的普通合伙）", "广东中天会计师事务所"),
        ("广州云山Ⅱ期投资有限公司", "广州云山二期投资有限公司"),
    ] {
        assert_eq!(comparison_key(&normalise(one)), comparison_key(&normalise(other)));
    }
    for name in
        ["广州初心集中", "老小", "佛山市第二医院", "一中", "附子堂药店", "云山二院", "人大", "中山医院", "市二医院", "八一中学", "网红会"]
    {
        assert_eq!(comparison_key(name), count(name), "{name}");
    }
}

/// A name with its counts in digits.
fn count(name: &str) -> String {
    let mut key = name.to_owned();
    count_in_digits(&mut key);
    key
}

#[test]
fn a_town_in_short_is_the_town_before_what_every_town_has() {
    for (name, town, trade_name) in [
        ("那务镇卫生院", Some("那务镇"), "卫生院"),
        ("那务卫生院", Some("那务镇"), "卫生院"),
        ("化州市那务卫生院", Some("那务镇"), "卫生院"),
        ("那务镇中学", None, "那务"),
        ("那务中学", None, "那务"),
        ("那务水果店", None, "那务"),
    ] {
        let parts = parse(name);
        assert_eq!((parts.town, parts.trade_name), (town, trade_name), "{name}");
    }
}

#[test]
fn a_county_of_several_cities_is_none_until_a_city_or_town_is_told() {
    for (name, code, shared) in [
        ("白云区悦禾商店", None, Some("白云区")),
        ("朝阳区悦禾商店", None, Some("朝阳区")),
        ("广州市白云区悦禾商店", Some("440111"), None),
        ("白云区太和镇悦禾商店", Some("440111"), None),
        ("天河区悦禾商店", Some("440106"), None),
        ("悦禾（白云区）商贸有限公司", None, Some("白云区")),
    ] {
        let parts = parse(name);
        assert_eq!((parts.division_code, parts.shared_county), (code, shared), "{name}");
    }
}

#[test]
fn shops_and_bodies_of_villages_are_known_by_their_names() {
    for (name, shop, local, village) in [
        ("好运来水果店", true, true, false),
        ("陈记牛肉店", true, true, false),
        ("广州市好运来茶行", true, true, false),
        ("广州市好运来快餐", true, true, false),
        ("阿芳发廊", true, true, false),
        ("阳光幼儿园", false, true, false),
        ("云山信息技术有限公司", false, false, false),
        ("广州云山投资合伙企业（有限合伙）", false, false, false),
        ("广东中天会计师事务所", false, false, false),
        ("雷州市榜山村股份经济合作联合社", false, true, true),
        ("雷州市榜山村民委员会", false, true, true),
        ("雷州市榜山村小学", false, true, true),
        ("雷州市榜山村老年人协会", false, true, true),
        ("雷州市榜山村合作医疗站", false, true, true),
        ("雷州市榜山村水产有限公司", false, false, false),
        ("雷州市农村信用社", false, true, false),
        ("雷州市第一小学", false, true, false),
        ("广州商行天河第1分店", false, false, false),
    ] {
        let key = comparison_key(name);
        let parts = parse(&key);
        assert_eq!((parts.is_shop(), parts.is_local(), parts.is_of_a_village()), (shop, local, village), "{name}");
    }
}

#[test]
fn companies_partnerships_and_authorities_are_told_apart() {
    for (name, kind, authority) in [
        ("广州云山投资有限公司", Some("company"), false),
        ("广州云山投资合伙企业（有限合伙）", Some("partnership"), false),
        ("广州云山投资中心（有限合伙）", Some("partnership"), false),
        ("广州云山集团", Some("company"), false),
        ("广州云山商行", None, false),
        ("广州云山投资有限公司天河分公司", None, false),
        ("广州市天河区市监局", None, true),
        ("广州市天河区教育局", None, true),
        ("广州市天河区卫健委", None, true),
        ("广州市天河区人民政府", None, true),
        ("广州市天河区石牌街道办事处", None, true),
        ("天河区教育局", None, true),
        ("龙川县政府", None, true),
        ("化州市官桥镇政府", None, true),
        ("教育局", None, false),
        ("广州市天河区牛杂局", None, false),
        ("化州市那务镇大岭村村委会", None, false),
    ] {
        let key = comparison_key(name);
        assert_eq!((parse(&key).kind(), is_authority(&key)), (kind, authority), "{name}");
    }
}

#[test]
fn towns_and_brackets_are_parts_of_the_name() {
    for (name, town, aside) in [
        ("东莞市南城天天美容店", Some("南城街道"), None),
        ("中山市古镇镇仁爱药店", Some("古镇镇"), None),
        ("化州市那务镇大岭村经济合作社", Some("那务镇"), None),
        ("东莞市长安镇云帆五金有限公司", Some("长安镇"), None),
        ("东莞市虎门镇云帆五金有限公司", Some("虎门镇"), None),
        ("佛山市顺德区大良好邻里便利店", Some("大良街道"), None),
        ("广州市天河区石牌街蓝天幼儿园", Some("石牌街道"), None),
        ("曹县庄寨镇云帆木业有限公司", Some("庄寨镇"), None),
        ("广州重镇科技有限公司", None, None),
        ("广州云帆科技有限公司", None, None),
        ("北京市盈科（广州）律师事务所", None, Some("440100")),
        ("北京市盈科（广州市）律师事务所", None, Some("440100")),
        ("云帆（广州）贸易有限公司", None, None),
        ("广州云帆（广州）贸易有限公司", None, None),
        ("广州云帆（东区）物业有限公司", None, Some("东区")),
        ("广州云帆（集团）有限公司", None, None),
        ("广州云帆投资中心（有限合伙）", None, None),
    ] {
        let key = comparison_key(name);
        let parts = parse(&key);
        assert_eq!((parts.town, parts.aside_key()), (town, aside), "{name}");
    }
}

#[test]
fn a_development_zone_stands_behind_its_division() {
    for (name, zone, trade_name) in [
        ("广州经济技术开发区云山酒业有限公司", Some("广州开发区"), "云山"),
        ("广州开发区云山酒业有限公司", Some("广州开发区"), "云山"),
        ("佛山高新区云山酒业有限公司", Some("高新区"), "云山"),
        ("中山火炬高技术产业开发区云山酒业有限公司", Some("火炬开发区"), "云山"),
        ("中山市火炬开发区云山酒业有限公司", Some("火炬开发区"), "云山"),
        ("广州高新区块链科技有限公司", None, "高新区块链"),
        ("广州创新区块链科技有限公司", None, "创新区块链"),
        ("广州开发区管理委员会", None, "开发区管理"),
        ("惠州大亚湾酒店有限公司", None, "大亚湾"),
    ] {
        let parts = parse(name);
        assert_eq!((parts.town, parts.trade_name), (zone, trade_name), "{name}");
    }
}

#[test]
fn a_zone_in_one_county_and_a_town_of_another_time_are_where_they_lie() {
    for (name, code, town, former) in [
        ("惠州大亚湾经济技术开发区永兴模具厂", "441303", Some("大亚湾开发区"), None),
        ("惠州大亚湾永兴模具厂", "441303", Some("大亚湾开发区"), None),
        ("广州高新区永兴模具厂", "440112", Some("广州开发区"), None),
        ("广州南沙经济技术开发区永兴模具厂", "440115", Some("南沙开发区"), None),
        ("惠州大亚湾区永兴模具厂", "441303", Some("大亚湾开发区"), None),
        ("横琴新区永兴模具厂", "440402", Some("横琴镇"), None),
        ("珠海横琴永兴模具厂", "440402", Some("横琴镇"), None),
        ("惠州仲恺高新区陈江永兴模具厂", "441302", Some("陈江街道"), None),
        ("深圳市光明新区永兴模具厂", "440311", None, None),
        ("光明新区公明永兴模具厂", "440311", Some("公明街道"), None),
        ("惠阳市陈江镇永兴模具厂", "441302", Some("陈江街道"), None),
        ("番禺市大岗镇永兴模具厂", "440115", Some("大岗镇"), None),
        ("宝安区龙华镇永兴模具厂", "440309", Some("龙华街道"), None),
        ("南海市盐步镇永兴模具厂", "440605", Some("大沥镇"), Some("盐步")),
        ("顺德市容奇镇永兴模具厂", "440606", Some("容桂街道"), Some("容奇")),
    ] {
        let parts = parse(name);
        assert_eq!((parts.division_code, parts.town, parts.aside, parts.trade_name), (Some(code), town, former, "永兴"), "{name}");
    }
    // Two go by the name.
    assert_eq!(parse("石湾镇永兴模具厂").division_code, None);
}

#[test]
fn a_group_is_told_from_its_joint_stock_company() {
    for (name, concern) in [
        ("中国电信集团有限公司佛山分公司", Some("group")),
        ("中国电信股份有限公司佛山分公司", Some("stock")),
        ("广东云山集团股份有限公司", None),
        ("广东云山有限公司", None),
    ] {
        assert_eq!(parse(name).concern(name), concern, "{name}");
    }
}

#[test]
fn a_town_that_is_a_sub_district_today_is_known_by_its_name() {
    for name in ["顺德市容桂镇永兴模具厂", "佛山市顺德区容桂街道永兴模具厂", "佛山市顺德区容桂永兴模具厂"]
    {
        let parts = parse(name);
        assert_eq!((parts.division_code, parts.town, parts.trade_name), (Some("440606"), Some("容桂街道"), "永兴"), "{name}");
    }
}

#[test]
fn stores_are_branches_of_their_company_or_chain() {
    for (name, branch) in [
        ("广州市好邻便利店有限公司天河一店", Some("天河1店")),
        ("好邻便利店天河一店", Some("天河1店")),
        ("广州市云山大药房海珠店", Some("海珠店")),
        ("云山超市体育西路店", Some("体育西路店")),
        ("云山超市体育西路分店", Some("体育西路店")),
        ("好邻便利店天河第一分店", Some("天河1店")),
        ("好邻便利店（天河一店）", Some("天河1店")),
        ("广州市云山诊所天河分店", Some("天河分店")),
        ("好邻便利二店", None),
        ("天河酒店用品店", None),
        ("广州市云山药店", None),
    ] {
        assert_eq!(parse(&comparison_key(name)).branch, branch, "{name}");
    }
}

#[test]
fn a_branch_in_brackets_is_the_branch() {
    for (written, key) in [
        ("广州云山科技有限公司（天河分公司）", "广州云山科技有限公司天河分公司"),
        ("云山（广州）科技有限公司", "云山（广州）科技有限公司"),
        ("广州云山合伙企业（有限合伙）", "广州云山合伙企业（有限合伙）"),
    ] {
        assert_eq!(comparison_key(written), key);
    }
}

#[test]
fn a_county_in_short_may_stand_before_the_trade_name() {
    for (name, trade_name) in [
        ("顺德云山家具有限公司", Some("云山")),
        ("白云山制药有限公司", None),
        ("福田汽车有限公司", None),
        ("宝安电子塑胶有限公司", None),
        ("佛山市顺德区云山家具有限公司", None),
        ("云山家具有限公司", None),
        ("番禺云山商行", Some("云山")),
    ] {
        assert_eq!(parse_beyond_county(name).map(|parts| parts.trade_name), trade_name, "{name}");
    }
}

#[test]
fn a_branch_is_known_by_its_division_in_short() {
    for (name, key) in [
        ("广州云山科技有限公司天河区分公司", "广州云山科技有限公司天河分公司"),
        ("广州云山科技有限公司（广州市天河区分公司）", "广州云山科技有限公司天河分公司"),
        ("广州云山科技有限公司天河分公司", "广州云山科技有限公司天河分公司"),
        ("广州市公安局天河区分局", "广州市公安局天河分局"),
        ("广州云山商行天河区第一分店", "广州云山商行天河1店"),
        ("广州云山科技有限公司第一分公司", "广州云山科技有限公司第1分公司"),
        ("广州云山科技有限公司大石分公司", "广州云山科技有限公司番禺大石分公司"),
        ("深圳云山科技有限公司大石分公司", "深圳云山科技有限公司大石分公司"),
        ("广州云山科技有限公司南海盐步镇分公司", "广州云山科技有限公司南海盐步镇分公司"),
        ("广州云山科技有限公司南海区盐步镇分公司", "广州云山科技有限公司南海盐步分公司"),
        ("好邻便利二店", "好邻便利2店"),
        ("张三店", "张三店"),
    ] {
        assert_eq!(comparison_key(name), key);
    }
    for (name, branch) in [
        ("广州市云山商行天河分店", Some("天河分店")),
        ("广州市云山医院天河分院", Some("天河分院")),
        ("广州市云山超市经营部", None),
        ("广州市云山超市发展有限公司天河分店", Some("天河分店")),
    ] {
        assert_eq!(parse(name).branch, branch, "{name}");
    }
}

#[test]
fn what_stands_behind_the_form_is_no_part_of_the_name_before_it() {
    for (name, expected) in [
        ("广州云山科技有限公司控股", Some("控股")),
        ("广州云山科技有限公司", None),
        ("广州云山科技有限公司工会", Some("工会")),
        ("广州云山科技有限公司天河分公司", None),
        ("广州市第三中学食堂", Some("食堂")),
        ("广州市第三中学", None),
        ("云山（广州）有限公司", None),
        ("广州云山合伙企业（有限合伙）", None),
        ("广州云山科技有限公司2", Some("2")),
        ("公司法研究会", None),
    ] {
        assert_eq!(tail(&comparison_key(name)), expected, "{name}");
    }
    for written in ["广州云山科技有限公司（自然人独资）", "广州云山科技有限公司总部", "广州云山科技有限公司（盖章）"]
    {
        let reading = read(written);
        assert_eq!((reading.name.as_str(), reading.issues), ("广州云山科技有限公司", vec![NameIssue::FormRemark]), "{written}");
    }
}

#[test]
fn what_stands_around_a_name_is_cut_off_and_two_names_are_told() {
    for (written, status) in [
        ("（已注销）广州云山科技有限公司", Some("deregistered")),
        ("广州云山科技有限公司-注销", Some("deregistered")),
        ("广州云山科技有限公司（法人陈伟）", None),
    ] {
        let reading = read(written);
        assert_eq!((reading.name.as_str(), reading.status), ("广州云山科技有限公司", status), "{written}");
    }
    assert!(read("广州云山科技有限公司、广州青山贸易有限公司").issues.contains(&NameIssue::Several));
    assert_eq!(read("广州锟斤拷科技有限公司").issues, [NameIssue::Mojibake]);
    assert_eq!(read("广州烫烫烫科技有限公司").issues, [NameIssue::Mojibake]);
    assert_eq!(read("华工").issues, []);
    assert_eq!(read("华伟").issues, [NameIssue::PersonName]);
    assert_eq!(read("广州云山科技有限公司").issues, []);
    assert_eq!(read("A-B科技有限公司").name, "A-B科技有限公司");
}

#[test]
fn the_numbers_of_a_series_are_written_in_digits() {
    for (name, key) in [("广州云山二期投资有限公司", "广州云山2期投资有限公司"), ("广州云山贰号投资有限公司", "广州云山2号投资有限公司")]
    {
        assert_eq!(comparison_key(name), key);
    }
}

#[test]
fn a_remark_tells_the_former_name() {
    for (written, name, former) in [
        ("广州云山科技有限公司（原广州青山科技有限公司）", "广州云山科技有限公司", Some("广州青山科技有限公司")),
        ("广州云山科技有限公司(曾用名：广州青山科技有限公司)", "广州云山科技有限公司", Some("广州青山科技有限公司")),
        ("广州青山科技有限公司（已更名为广州云山科技有限公司）", "广州云山科技有限公司", Some("广州青山科技有限公司")),
        ("广州青山科技有限公司（现广州云山科技有限公司）", "广州云山科技有限公司", Some("广州青山科技有限公司")),
        ("广州青山科技有限公司(现名：广州云山科技有限公司)", "广州云山科技有限公司", Some("广州青山科技有限公司")),
        ("广州云山科技有限公司（现代）", "广州云山科技有限公司（现代）", None),
        ("原广州青山科技有限公司", "广州青山科技有限公司", None),
        ("原力科技有限公司", "原力科技有限公司", None),
        ("广州云山科技有限公司（原址）", "广州云山科技有限公司（原址）", None),
        ("广州云山科技有限公司（已注销）", "广州云山科技有限公司", None),
        ("广州云山科技有限公司YUNSHAN TECHNOLOGY CO., LTD.", "广州云山科技有限公司", None),
        ("广州云山科技有限公司(Yunshan Technology Co Ltd)", "广州云山科技有限公司", None),
        ("广州云山科技有限公司A座", "广州云山科技有限公司A座", None),
    ] {
        let reading = read(written);
        assert_eq!((reading.name.as_str(), reading.former.as_deref()), (name, former));
    }
}

#[test]
fn a_division_of_former_times_is_what_took_its_place() {
    for (name, code, trade_name) in [
        ("顺德市云山家具有限公司", Some("440606"), "云山"),
        ("佛山市顺德区云山家具有限公司", Some("440606"), "云山"),
        ("广州市萝岗区云山家具有限公司", Some("440112"), "云山"),
        ("广州市黄埔区云山家具有限公司", Some("440112"), "云山"),
    ] {
        let parts = parse(name);
        assert_eq!((parts.division_code, parts.trade_name), (code, trade_name), "{name}");
    }
}

#[test]
fn short_forms_of_authorities_are_written_out() {
    for (short, long) in [
        ("天河区市监局", "天河区市场监督管理局"),
        ("广州市卫健委", "广州市卫生健康委员会"),
        ("石牌街道办", "石牌街道办事处"),
        ("大和村委会", "大和村民委员会"),
        ("广州市公安局", "广州市公安局"),
    ] {
        assert_eq!(comparison_key(short), long);
    }
}
