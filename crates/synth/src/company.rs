//! Which legal persons does the province have?

use chrono::{Days, NaiveDate};

use crate::number::{credit_code, mobile, registration_number};
use crate::people::Person;
use crate::place::{Address, Map};
use crate::random::Random;
use crate::reference::Division;

const BRANDS: [&str; 64] = [
    "云山",
    "珠江",
    "华南",
    "粤海",
    "岭南",
    "南方",
    "羊城",
    "穗丰",
    "天河",
    "白云",
    "恒达",
    "鸿运",
    "金龙",
    "宏远",
    "腾飞",
    "顺景",
    "锦程",
    "永盛",
    "德信",
    "安泰",
    "瑞丰",
    "富源",
    "嘉禾",
    "新世纪",
    "联众",
    "创想",
    "智远",
    "星辰",
    "海纳",
    "博雅",
    "万邦",
    "中科",
    "华信",
    "银河",
    "绿源",
    "康宁",
    "福满",
    "百汇",
    "易通",
    "迅达",
    "晨光",
    "朗格",
    "美佳",
    "欣欣",
    "正大",
    "维新",
    "同创",
    "远航",
    "飞跃",
    "金穗",
    "众合",
    "友邦",
    "盛世",
    "启明",
    "立信",
    "和顺",
    "宝利",
    "泰和",
    "佳美",
    "卓越",
    "汇丰源",
    "志诚",
    "明德",
    "长青",
];
const BRAND_HEADS: &str = "华天金鑫宏恒嘉佳瑞泰安康德信永盛兴隆昌顺达通联合众创智云海星辰光明新锐领先美富丰源利正中南粤穗深";
const BRAND_TAILS: &str = "达源盛丰泰康安信诚邦创科联通海洋成业兴隆发顺利德美佳新辉煌腾远航程景华龙凤翔宇润和谐升";
const TRADES: [(&str, &str); 24] = [
    ("信息技术", "I"),
    ("网络科技", "I"),
    ("软件", "I"),
    ("贸易", "F"),
    ("商贸", "F"),
    ("进出口", "F"),
    ("电子商务", "F"),
    ("建筑工程", "E"),
    ("装饰工程", "E"),
    ("物流", "G"),
    ("运输", "G"),
    ("餐饮管理", "H"),
    ("酒店管理", "H"),
    ("物业管理", "K"),
    ("房地产开发", "K"),
    ("投资咨询", "L"),
    ("企业管理咨询", "L"),
    ("广告", "L"),
    ("生物科技", "M"),
    ("环保科技", "N"),
    ("教育咨询", "P"),
    ("医疗器械", "F"),
    ("塑料制品", "C"),
    ("电子", "C"),
];
const SHOPS: [&str; 10] = ["便利店", "五金商行", "服装店", "美容店", "餐饮店", "水果店", "汽修厂", "电器经营部", "茶行", "药店"];
const ASSOCIATIONS: [&str; 8] = ["商会", "志愿者协会", "文化促进会", "老年人协会", "书法协会", "慈善会", "企业家协会", "体育协会"];

/// What sort of organisation it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    Company,
    SoleTrader,
    Partnership,
    Association,
    Branch,
}

/// A legal person with what is true of it.
#[derive(Clone, Debug)]
pub(crate) struct Company {
    pub(crate) truth: u64,
    pub(crate) sort: Sort,
    pub(crate) name: String,
    pub(crate) former_name: Option<String>,
    pub(crate) uscc: String,
    pub(crate) registration_number: Option<String>,
    pub(crate) legal_form: &'static str,
    pub(crate) representative: (String, String),
    pub(crate) former_representative: Option<(String, String)>,
    /// Who holds it, names and numbers; nobody where it is held by nobody or by its representative alone.
    pub(crate) shareholders: Vec<(String, String)>,
    /// The company a branch belongs to, name and credit code.
    pub(crate) parent: Option<(String, String)>,
    pub(crate) capital_in_10_000: u64,
    pub(crate) established: NaiveDate,
    pub(crate) industry: &'static str,
    pub(crate) address: Address,
    pub(crate) former_address: Option<Address>,
    pub(crate) phone: String,
    pub(crate) status: &'static str,
}

fn brand(random: &mut Random) -> String {
    if random.chance(0.25) {
        return random.pick(&BRANDS).to_owned();
    }
    let mut one_of = |letters: &str| letters.chars().nth(random.index(letters.chars().count())).unwrap_or('华');
    [one_of(BRAND_HEADS), one_of(BRAND_TAILS)].iter().collect::<String>() + if random.chance(0.15) { "兴" } else { "" }
}

/// The division's short name as company names carry it: 广州 or 广州市, with or without the district.
fn region(random: &mut Random, division: &Division) -> String {
    let city = if random.chance(0.5) { division.city } else { division.city.trim_end_matches('市') };
    if random.chance(0.25) && !division.county.is_empty() { format!("{city}{}", division.county) } else { city.to_owned() }
}

fn company_name(random: &mut Random, region: &str, brand: &str, trade: &str, form: &str) -> String {
    if random.chance(0.08) {
        return format!("{brand}（{}）{trade}{form}", region.trim_end_matches('市'));
    }
    format!("{region}{brand}{trade}{form}")
}

/// Makes legal persons, one after the other.
#[derive(Debug)]
pub(crate) struct Companies {
    today: NaiveDate,
    made: u64,
    /// The last company, which may hold shares of the next.
    last: Option<(String, String)>,
}

impl Companies {
    pub(crate) const fn new(today: NaiveDate) -> Self {
        Self { today, made: 0, last: None }
    }

    /// A legal person that this adult represents; `others` are adults who did so before.
    pub(crate) fn next(
        &mut self,
        random: &mut Random,
        representative: &Person,
        others: &[&Person],
        division: &'static Division,
    ) -> Company {
        let roll = random.below(100);
        let sort = match roll {
            0..=73 => Sort::Company,
            74..=89 => Sort::SoleTrader,
            90..=93 => Sort::Partnership,
            _ => Sort::Association,
        };
        let (trade, industry) = TRADES[random.index(TRADES.len())];
        let (place, word) = (region(random, division), brand(random));
        let former_brand = (sort == Sort::Company && random.chance(0.08)).then(|| brand(random));
        let (name, form, category, industry) = match sort {
            Sort::Company | Sort::Branch => {
                let (suffix, form) = match random.below(100) {
                    0..=87 => ("有限公司", "有限责任公司(自然人投资或控股)"),
                    88..=95 => ("有限责任公司", "有限责任公司(自然人投资或控股)"),
                    _ => ("股份有限公司", "股份有限公司(非上市、自然人投资或控股)"),
                };
                (company_name(random, &place, &word, trade, suffix), form, "91", industry)
            }
            Sort::SoleTrader => (
                format!("{}{}{word}{}", place.trim_end_matches(division.county), division.county, random.pick(&SHOPS)),
                "个体工商户",
                "92",
                "F",
            ),
            Sort::Partnership => (format!("{place}{word}投资合伙企业（有限合伙）"), "有限合伙企业", "91", "J"),
            Sort::Association => {
                let (suffix, form, category) = match random.below(10) {
                    0..=5 => (random.pick(&ASSOCIATIONS), "社会团体", "51"),
                    6..=8 => ("培训中心", "民办非企业单位", "52"),
                    _ => ("公益基金会", "基金会", "53"),
                };
                let name =
                    if suffix.ends_with("商会") { format!("{place}{trade}行业{suffix}") } else { format!("{place}{word}{suffix}") };
                (name, form, category, "S")
            }
        };
        let former_name = former_brand.map(|former| name.replacen(&word, &former, 1)).filter(|former| *former != name);
        let oldest = if random.chance(0.3) { 9000 } else { 4000 };
        let established = self.today - Days::new(60 + random.below(oldest));
        self.made += 1;
        let serial = self.made;
        let uscc = credit_code(category, division.code, serial);
        // One company in eight has another one among its shareholders.
        let holding = random.chance(0.125).then(|| self.last.clone()).flatten();
        if sort == Sort::Company {
            self.last = Some((name.clone(), uscc.clone()));
        }
        let registered_before_unified_codes = established < NaiveDate::from_ymd_opt(2015, 10, 1).unwrap_or(established);
        Company {
            truth: serial,
            sort,
            name,
            former_name,
            uscc,
            registration_number: (registered_before_unified_codes && sort != Sort::Association)
                .then(|| registration_number(division.code, sort == Sort::SoleTrader, serial)),
            legal_form: form,
            representative: representative.party(),
            former_representative: others.first().filter(|_| random.chance(0.4)).map(|person| person.party()),
            shareholders: match sort {
                Sort::Company | Sort::Partnership => {
                    std::iter::once(representative).chain(others.iter().copied().take(2)).map(Person::party).chain(holding).collect()
                }
                Sort::SoleTrader | Sort::Association | Sort::Branch => Vec::new(),
            },
            parent: None,
            capital_in_10_000: [3, 10, 50, 100, 100, 200, 500, 500, 1000, 2000, 5000][random.index(11)],
            established,
            industry,
            address: Map::premises(random, division),
            former_address: random.chance(0.15).then(|| Map::premises(random, division)),
            phone: if random.chance(0.6) { representative.phone.clone().unwrap_or_else(|| mobile(random)) } else { landline(random) },
            status: match random.below(100) {
                0..=90 => "存续",
                91..=96 => "注销",
                _ => "吊销",
            },
        }
    }

    /// A branch of a company in another division: an organisation of its own.
    pub(crate) fn branch(&mut self, random: &mut Random, parent: &Company, head: &Person, division: &'static Division) -> Company {
        self.made += 1;
        let place = if division.county.is_empty() { division.city } else { division.county };
        let place = place.trim_end_matches(['市', '区', '县']);
        Company {
            truth: self.made,
            sort: Sort::Branch,
            name: format!("{}{place}分公司", parent.name),
            former_name: None,
            uscc: credit_code("91", division.code, self.made),
            registration_number: None,
            legal_form: "有限责任公司分公司",
            representative: head.party(),
            former_representative: None,
            shareholders: Vec::new(),
            parent: Some((parent.name.clone(), parent.uscc.clone())),
            capital_in_10_000: 0,
            established: parent.established
                + Days::new(random.below(1500).min((self.today - parent.established).num_days().unsigned_abs())),
            address: Map::premises(random, division),
            former_address: None,
            phone: if random.chance(0.5) { parent.phone.clone() } else { landline(random) },
            status: "存续",
            ..parent.clone()
        }
    }
}

fn landline(random: &mut Random) -> String {
    format!("{}-{:08}", random.pick(&["020", "020", "0755", "0757", "0769"]), 20_000_000 + random.below(69_999_999))
}
