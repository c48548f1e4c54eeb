//! Which parts has the name of an organisation?

use std::sync::LazyLock;

use super::branch::{root, split_branch};
use super::place::{counties_named, take_division_of, take_division_of_body, whole_division, whole_place};
use super::words::{
    AUTHORITIES, BODIES, COMPANY_WORDS, FORMS, INDUSTRIES, MORE_INDUSTRIES, OWN_NAMED_HOSPITALS, SHOP_FORMS, SHOP_WORDS, SHORT_AUTHORITIES,
    VILLAGE_FORMS,
};
use crate::divisions::{self, Level};
use crate::table::{Table, table};
use crate::zones;

/// Industry words by their first character.
static INDUSTRY_WORDS: LazyLock<Table<char, Vec<&'static str>>> = LazyLock::new(|| {
    let mut words: Table<char, Vec<&'static str>> = table(256);
    for word in INDUSTRIES.iter().chain(MORE_INDUSTRIES) {
        words.entry(word.chars().next().unwrap_or_default()).or_default().push(word);
    }
    words
});

/// The parts of a name. A part that the name lacks is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrganisationName<'n> {
    /// The division as written, in brackets when it stands after the trade name.
    pub division: &'n str,
    /// The lowest division that it proves, down to the county.
    pub division_code: Option<&'static str>,
    /// The name of a county that several cities have, where the name tells none of them: 白云区 of Guangzhou or of Guiyang.
    pub shared_county: Option<&'static str>,
    /// The town, township or sub-district below it, by its full name where the list has it (长安镇).
    pub town: Option<&'n str>,
    /// What stands in brackets and is neither the division nor a part of the form: 广州 of 北京市盈科（广州）律师事务所; or the former town that a town of
    /// today has taken in: 盐步 of 南海市盐步镇永兴厂.
    pub aside: Option<&'n str>,
    /// The trade name (字号).
    pub trade_name: &'n str,
    /// The industry.
    pub industry: &'n str,
    /// The form; of a branch the word that makes it one (分公司).
    pub form: &'n str,
    /// The name of the parent, when this is a branch.
    pub parent: Option<&'n str>,
    /// The part a branch has of its own (深圳分公司).
    pub branch: Option<&'n str>,
}

impl OrganisationName<'_> {
    /// The codes of the divisions that it may mean: the one that it proves, or those that share the name of the county.
    pub fn division_codes(&self) -> impl Iterator<Item = &'static str> {
        let shared = self.shared_county.into_iter().flat_map(counties_named).map(|county| county.code);
        self.division_code.into_iter().chain(shared)
    }

    /// What stands in brackets beside the division: the code of a city or province (广州 and 广州市 are one), or the words: of 东区 there are
    /// many.
    #[must_use]
    pub fn aside_key(&self) -> Option<&str> {
        self.aside.map(|aside| whole_division(aside).filter(|code| code.ends_with("00")).unwrap_or(aside))
    }

    /// Whether it is the name of a shop or workshop, which is unique no farther than the district whose office registered it: an office of
    /// another district does not look at it.
    #[must_use]
    pub fn is_shop(&self) -> bool {
        self.parent.is_none() && (SHOP_FORMS.contains(&self.form) || self.form.is_empty() && self.ends_like_a_shop())
    }

    fn ends_like_a_shop(&self) -> bool {
        let end = if self.industry.is_empty() { self.trade_name } else { self.industry };
        SHOP_WORDS.iter().any(|word| end.ends_with(word))
    }

    /// Whether it is no name of a company, partnership or firm: without its place another street may have the same (老王快餐, 阳光幼儿园).
    #[must_use]
    pub fn is_local(&self) -> bool {
        let is_latin = self.trade_name.is_ascii();
        self.parent.is_none() && !is_latin && !COMPANY_WORDS.iter().any(|word| self.form.contains(word))
    }

    /// Whether it is the name of a body or shop of a village, whose namesake sits in another town of the county: its committee or cooperative, its
    /// school or clinic.
    #[must_use]
    pub fn is_of_a_village(&self) -> bool {
        let village = |part: &str| part.find('村').is_some_and(|at| at > 0 && !part[..at].ends_with(['农', '乡', '假']));
        self.is_local() && (VILLAGE_FORMS.contains(&self.form) || village(self.trade_name) || village(self.industry))
    }

    /// What its form makes of it, where a conversion leads from none to the other: a company, a partnership.
    #[must_use]
    pub fn kind(&self) -> Option<&'static str> {
        let is_whole = self.parent.is_none();
        let word = |word: &str| is_whole && self.form.contains(word);
        if word("合伙") { Some("partnership") } else { (word("公司") || word("集团")).then_some("company") }
    }

    /// Which of the two bodies of one name it is or belongs to that a group is made of: the group (…集团有限公司), or the company whose stock is traded
    /// (…股份有限公司). Takes the name that these are the parts of. 中国电信集团有限公司 is not 中国电信股份有限公司.
    #[must_use]
    pub fn concern(&self, name: &str) -> Option<&'static str> {
        let whole = self.parent.unwrap_or(name);
        let is_group = ["集团有限公司", "集团公司", "（集团）有限公司"].iter().any(|form| whole.ends_with(form));
        let is_stock = || whole.ends_with("股份有限公司") && !whole.contains("集团");
        if is_group { Some("group") } else { is_stock().then_some("stock") }
    }

    /// Whether the division stands in brackets after the trade name: often another legal person than the one with the
    /// division in front.
    #[must_use]
    pub fn has_division_in_brackets(&self) -> bool {
        self.division.starts_with('（')
    }
}

/// Takes a normalised, simplified name apart.
///
/// ```
/// let name = jiku_text::organisation_name::parse("广州云山科技有限公司深圳分公司");
/// assert_eq!((name.trade_name, name.branch), ("云山", Some("深圳分公司")));
/// ```
#[must_use]
pub fn parse(name: &str) -> OrganisationName<'_> {
    if let Some((parent, branch, form)) = split_branch(name) {
        return OrganisationName { form, parent: Some(parent), branch: Some(branch), ..parse_whole(root(parent)) };
    }
    parse_whole(name)
}

/// The other reading of a name that may begin with a county without the word for its level: 顺德云山家具有限公司 is 云山 of
/// 顺德 as well as 顺德云山. Many of these names are ordinary words too (平安, 富裕), so that neither reading is the right one.
/// Takes a normalised, simplified name.
#[must_use]
pub fn parse_beyond_county(name: &str) -> Option<OrganisationName<'_>> {
    let whole = root(name);
    let plain = parse_whole(whole);
    if !plain.division.is_empty() {
        return None;
    }
    let ends = whole.char_indices().take(5).map(|(at, c)| at + c.len_utf8());
    let (county, after) = ends
        .skip(1)
        .map(|end| whole.split_at(end))
        .find(|(county, _)| divisions::named(county).any(|found| found.level == Level::County && found.name != *county))?;
    let parts = parse_whole(after);
    let begins_with_industry = industry_words(after).iter().any(|word| after.starts_with(word));
    let is_name = parts.trade_name.chars().count() >= 2 && parts.division.is_empty() && !begins_with_industry && !continues_place(after);
    is_name.then_some(OrganisationName { division: county, ..parts })
}

/// Whether it is the name of an authority, of which its division has one: 广州市天河区教育局. Takes a comparison key.
#[must_use]
pub fn is_authority(key: &str) -> bool {
    is_official(key) && parse(key).division_code.is_some()
}

/// Whether it is the name of an authority as [`is_authority`] knows one, with or without the division that it is of. Takes a comparison key.
#[must_use]
pub fn is_official(key: &str) -> bool {
    let parts = parse(key);
    // 公安局交通警察大队 has a seal of its own, and each county one.
    let is_detachment = || ["交通警察大队", "交通警察支队"].iter().any(|end| key.ends_with(end)) && key.contains("公安局");
    let is_one = || {
        AUTHORITIES.iter().any(|end| key.ends_with(end))
            || SHORT_AUTHORITIES.iter().any(|(_, long)| is_body(long) && key.ends_with(long))
            // A city's first school is told from those of its districts by more than its name.
            || parts.division_code.is_none_or(|code| !code.ends_with("00")) && key.strip_prefix(parts.division).is_some_and(super::bodies::is_countys)
    };
    if parts.parent.is_none() { is_one() } else { is_detachment() }
}

/// Whether it is the name of a university, or of what is attached to one, of which the country has one. Takes a comparison key.
#[must_use]
pub fn is_nationwide(key: &str) -> bool {
    let university = key.strip_suffix("大学").filter(|own| own.chars().nth(1).is_some() && !own.ends_with("老年"));
    university.is_some() || key.contains("大学附属") || OWN_NAMED_HOSPITALS.iter().any(|(_, long)| *long == key)
}

/// Whether a name in full is that of an authority, and not of a village or a school.
fn is_body(long: &str) -> bool {
    long.ends_with(['局', '厅']) || long.ends_with("联合会") || long.ends_with("委员会") && !long.ends_with("民委员会")
}

/// Writes the 街 of a sub-district as 街道: 石牌街幼儿园 is 石牌街道幼儿园, 步行街 is none.
pub(super) fn write_streets_out(key: &mut String) {
    let mut from = 0;
    while let Some(at) = key[from..].find('街').map(|at| from + at) {
        let end = at + '街'.len_utf8();
        from = end;
        if key[end..].starts_with('道') {
            continue;
        }
        let begins = key[..at].char_indices().rev().map(|(begin, _)| begin).skip(1).take(3);
        let is_division = |begin: usize| {
            let name = format!("{}道", &key[begin..end]);
            divisions::named(&name).any(|found| found.level == Level::Township && found.name == name)
        };
        if key[end..].starts_with("办事处") || begins.into_iter().any(is_division) {
            key.insert(end, '道');
        }
    }
}

fn parse_whole(name: &str) -> OrganisationName<'_> {
    let form =
        FORMS.iter().find(|form| name.ends_with(*form) && name.len() > form.len()).map_or("", |form| &name[name.len() - form.len()..]);
    let core = &name[..name.len() - form.len()];
    // 龙川县人民政府, 化州市官桥镇人民政府: the place is all its name.
    if form == "人民政府"
        && let Some(place) = whole_place(core)
    {
        let own = place.town.or_else(|| place.code.and_then(divisions::find).map(|division| division.name));
        let division_code = place.code.filter(|_| place.shared.is_none());
        let trade_name = own.map_or(core, without_level);
        return OrganisationName {
            division: place.text,
            division_code,
            shared_county: place.shared,
            town: place.town,
            trade_name,
            form,
            ..OrganisationName::default()
        };
    }
    // At least a trade name of two characters is left.
    let place = if matches!(form, "局" | "厅" | "委员会") { take_division_of_body(core) } else { take_division_of(core, 2) };
    let (division, core) = (place.text, place.rest);
    let zone = place.code.filter(|_| place.town.is_none()).and_then(|_| zone_at_beginning(core));
    let (zone, mut core) = zone.map_or((None, core), |(zone, own)| (Some(zone), own));
    let town = place.town.or(zone).or_else(|| place.code.and_then(|_| unlisted_town(core)));
    let shared_county = place.shared;
    let division_code = place.code.filter(|_| shared_county.is_none());
    let mut parts =
        OrganisationName { division, division_code, shared_county, town, form, aside: place.former_town, ..OrganisationName::default() };
    if let Some((before, bracket, after)) = split_brackets(core) {
        // The part after the brackets is the industry when the trade name stands before them.
        let inside = &bracket['（'.len_utf8()..bracket.len() - '）'.len_utf8()];
        let whole = whole_place(inside);
        let code = whole.as_ref().and_then(|place| place.code);
        if (code.is_some() || inside == "中国") && division.is_empty() {
            parts.division = bracket;
            parts.shared_county = whole.and_then(|place| place.shared);
            parts.division_code = code.filter(|_| parts.shared_county.is_none());
        } else if code.is_none() || code != place.code {
            parts.aside = Some(inside);
        }
        let (trade_name, industry) = split_industry(before);
        parts.trade_name = trade_name;
        parts.industry = if after.is_empty() { industry } else { after };
        return parts;
    }
    if BODIES.iter().any(|body| form.ends_with(body)) {
        parts.trade_name = without_level(core);
        return parts;
    }
    core = core.trim_matches(['（', '）']);
    (parts.trade_name, parts.industry) = split_industry(core);
    parts
}

/// The name of a town that is the whole name of its school, without the word for its level: 那务镇中学 is 那务中学 too.
fn without_level(core: &str) -> &str {
    let stem = ["街道", "镇", "乡"].iter().find_map(|level| core.strip_suffix(level));
    stem.filter(|stem| stem.chars().nth(1).is_some()).unwrap_or(core)
}

fn split_brackets(core: &str) -> Option<(&str, &str, &str)> {
    let open = core.find('（').filter(|&at| at > 0)?;
    let close = core[open..].find('）')? + open + '）'.len_utf8();
    Some((&core[..open], &core[open..close], &core[close..]))
}

/// The town that a text behind a division begins with, where the list has none of the name: it has those of Guangdong only. The name of the
/// town stays a part of the trade name, for it may be one (重镇).
fn unlisted_town(rest: &str) -> Option<&str> {
    let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8());
    let end = ends.skip(2).take(4).find(|&end| ["镇", "乡", "街道"].iter().any(|word| rest[..end].ends_with(word)))?;
    let town = &rest[..end];
    let own = town.trim_end_matches("街道").trim_end_matches(['镇', '乡']).chars().count();
    (own >= 2 && rest[end..].chars().nth(1).is_some()).then_some(town)
}

/// The development zone that a text behind a division begins with, by its own name (火炬) or else by the word for it (开发区), and the name behind it. Its
/// administration has no other name.
fn zone_at_beginning(rest: &str) -> Option<(&str, &str)> {
    let begins = rest.char_indices().map(|(at, _)| at).take(5);
    let (at, word, short) = begins
        .filter_map(|at| zones::KINDS.iter().find(|(word, _)| rest[at..].starts_with(word)).map(|(word, short)| (at, *word, *short)))
        .find(|(at, word, _)| *word != "新区" || *at > '新'.len_utf8())?;
    let (own, after) = (&rest[..at], &rest[at + word.len()..]);
    // 高新区块链 is no zone, 开发区域 neither.
    let is_name = after.chars().nth(1).is_some() && !after.starts_with(['块', '域']) && after != "管理";
    is_name.then_some((if own.chars().nth(1).is_some() { own } else { short }, after))
}

/// Whether what follows is no name by itself, so that the division is the trade name: 广州银行, 北京大学.
pub(super) fn is_no_trade_name(after: &str) -> bool {
    after.starts_with("大学") || industry_words(after).contains(&after)
}

/// The industry words that begin with the first character of a text.
fn industry_words(text: &str) -> &'static [&'static str] {
    text.chars().next().and_then(|first| INDUSTRY_WORDS.get(&first)).map_or(&[], Vec::as_slice)
}

/// Whether a trade name of two characters stands in front of the industry: of 白云山制药 白云 is no division.
pub(super) fn leaves_trade_name(after: &str) -> bool {
    let (trade_name, _) = split_industry(after);
    trade_name.chars().count() >= 2 && !continues_place(after)
}

/// Whether the first character makes another place or body of the division before it: 白云山, 中山大.
fn continues_place(after: &str) -> bool {
    after.starts_with(['山', '江', '河', '湖', '大'])
}

/// Splits the trade name from the industry: the industry begins at the earliest place, two characters in or later,
/// from where an industry word stands.
fn split_industry(core: &str) -> (&str, &str) {
    let starts: smallvec::SmallVec<[usize; 16]> = core.char_indices().map(|(at, _)| at).collect();
    let industry = |rest: &str| industry_words(rest).iter().any(|word| rest.starts_with(word));
    for &at in starts.iter().skip(2) {
        if industry(&core[at..]) {
            return core.split_at(at);
        }
    }
    match starts.len() {
        4.. => core.split_at(starts[2]),
        _ => (core, ""),
    }
}
