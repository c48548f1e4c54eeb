//! Which parts has the name of an organisation?

use std::sync::LazyLock;

use super::words::{
    AUTHORITIES, BODIES, BRANCHES, CHAIN_ENDS, COMPANY_WORDS, FORMS, INDUSTRIES, LOCAL_BODIES, MORE_INDUSTRIES, OWN_BODIES, PARENT_ENDS,
    SHOP_ENDS, SHOP_FORMS, SHOP_WORDS, SHORT_AUTHORITIES, STORE, VILLAGE_FORMS, ZONES,
};
use crate::divisions::{self, Division, Level};
use crate::numerals;
use crate::table::{Table, table};

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
    /// What stands in brackets and is neither the division nor a part of the form: 广州 of 北京市盈科（广州）律师事务所.
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

/// The name above all branches.
fn root(mut name: &str) -> &str {
    while let Some((parent, _, _)) = split_branch(name) {
        name = parent;
    }
    name
}

fn split_branch(name: &str) -> Option<(&str, &str, &str)> {
    let form = BRANCHES.iter().find(|suffix| name.ends_with(*suffix))?;
    let head = &name[..name.len() - form.len()];
    if *form == STORE {
        return split_store(name, head);
    }
    // A shop is no parent of what sells or serves beside it (…超市经营部), but of what is called its part.
    let shops = if form.starts_with('分') || OWN_BODIES.contains(form) { SHOP_ENDS } else { &[] };
    let end = PARENT_ENDS.iter().chain(shops).filter_map(|end| head.rfind(end).map(|at| at + end.len())).max();
    let end = end.or_else(|| (*form == "分公司").then(|| place_at_end(head)).flatten())?;
    let (parent, branch) = name.split_at(end);
    (parent.chars().count() >= 4).then(|| (parent, branch, &name[name.len() - form.len()..]))
}

/// The company or chain of a store, its own part and the word for it: 有限公司天河一店, 便利店天河店. What a company's name has behind its form is a part of it; of a shop
/// (酒店用品店) only what tells a place or a count.
fn split_store<'n>(name: &'n str, head: &'n str) -> Option<(&'n str, &'n str, &'n str)> {
    let end_of = |words: &[&str]| words.iter().filter_map(|end| head.rfind(end).map(|at| at + end.len())).max();
    let end = end_of(&["公司"]).or_else(|| end_of(CHAIN_ENDS).filter(|&end| tells_which_store(&head[end..])))?;
    let (parent, branch) = name.split_at(end);
    (parent.chars().count() >= 4 && branch.len() > STORE.len()).then(|| (parent, branch, &name[name.len() - STORE.len()..]))
}

/// Whether a place or a count is what a store is told by: 天河一, 天河路, 12.
fn tells_which_store(own: &str) -> bool {
    let is_count = |c: char| numerals::is_chinese_numeral(c) || c.is_ascii_digit() || c == '号';
    let ends = own.char_indices().map(|(at, c)| at + c.len_utf8()).skip(1).take(3);
    own.ends_with(is_count) || own.ends_with(['路', '街']) || ends.into_iter().any(|end| divisions::named(&own[..end]).next().is_some())
}

/// Where the division begins that a text ends with: 深圳 of 云山科技深圳, whose company leaves its form out.
fn place_at_end(text: &str) -> Option<usize> {
    text.char_indices().map(|(at, _)| at).skip(4).find(|&at| text[at..].chars().nth(1).is_some() && whole_division(&text[at..]).is_some())
}

/// What stands behind the form of a company, where its name should end, and is no branch of more than a word: 控股 of 云山有限公司控股, 工会 of
/// 云山有限公司工会. Whoever wrote it meant another name, or a part of the company. Takes a comparison key.
#[must_use]
pub fn tail(key: &str) -> Option<&str> {
    if let Some((_, branch, _)) = split_branch(key) {
        return Some(branch).filter(|branch| branch.chars().nth(2).is_none());
    }
    let ends = ["有限公司", "股份公司", "集团公司", "总公司"].iter().filter_map(|form| key.rfind(form).map(|at| at + form.len()));
    Some(&key[ends.max()?..]).filter(|tail| !tail.is_empty())
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

/// Whether a name in full is that of an authority, and not of a village or a school.
fn is_body(long: &str) -> bool {
    long.ends_with(['局', '厅']) || long.ends_with("联合会") || long.ends_with("委员会") && !long.ends_with("民委员会")
}

/// Takes the brackets away that some write around a branch: of …公司（天河分公司） the key is …公司天河分公司.
pub(super) fn free_branch(key: &mut String) {
    let Some(open) = key.strip_suffix('）').and_then(|rest| rest.rfind('（')) else { return };
    let inside = &key[open + '（'.len_utf8()..key.len() - '）'.len_utf8()];
    let is_branch = BRANCHES.iter().any(|form| inside.ends_with(form)) && PARENT_ENDS.iter().any(|end| key[..open].ends_with(end));
    if is_branch {
        *key = format!("{}{inside}", &key[..open]);
    }
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

/// Names the division of a branch alone and short, with the town where one is told: of …公司广州市天河区分公司 the key is …公司天河分公司, of …公司东莞市长安镇分公司
/// …公司东莞长安分公司.
pub(super) fn shorten_branch(key: &mut String) {
    let Some((parent, branch, form)) = split_branch(key) else { return };
    let place = take_division_of(&branch[..branch.len() - form.len()], 0);
    if let Some(division) = place.code.and_then(divisions::find) {
        let town = place.town.map_or("", divisions::short_name);
        *key = format!("{parent}{}{town}{}{form}", divisions::short_name(division.name), place.rest);
    }
    if key.ends_with(STORE) {
        count_stores(key);
    }
}

/// Writes the count of a store in digits: 天河一店 is 天河1店.
fn count_stores(key: &mut String) {
    let end = key.len() - STORE.len();
    let start = key[..end].trim_end_matches(numerals::is_chinese_numeral).len();
    if let Some(number) = numerals::value(&key[start..end]) {
        key.replace_range(start..end, &number.to_string());
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
    let mut parts = OrganisationName { division, division_code, shared_county, town, form, ..OrganisationName::default() };
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

/// The code of the division that the text is, when it is nothing else; the first of several of one name.
pub(super) fn whole_division(text: &str) -> Option<&'static str> {
    whole_place(text)?.code
}

/// The division that the text is, when it is nothing else.
fn whole_place(text: &str) -> Option<Place<'_>> {
    let place = take_division_of(text, 0);
    (place.rest.is_empty() && !place.text.is_empty()).then_some(place)
}

/// The divisions at the beginning of a text.
struct Place<'n> {
    /// As written.
    text: &'n str,
    /// The code of the lowest one down to the county; the first where several have the name.
    code: Option<&'static str>,
    /// The name of the county, where counties of several cities have it and none of them is told.
    shared: Option<&'static str>,
    /// The full name of the town below it.
    town: Option<&'static str>,
    /// What follows.
    rest: &'n str,
}

/// Takes the divisions off the beginning, leaving at least as many characters as are to be kept.
fn take_division_of(core: &str, keep: usize) -> Place<'_> {
    take_divisions(core, keep, is_no_trade_name)
}

/// Takes the divisions off the beginning of the name of an authority, whose task is all that is left: of 天河区教育局 教育.
fn take_division_of_body(core: &str) -> Place<'_> {
    take_divisions(core, 2, |_| false)
}

/// Takes the divisions off the beginning, as long as what follows is a name.
fn take_divisions(core: &str, keep: usize, is_no_name: fn(&str) -> bool) -> Place<'_> {
    let mut rest = core;
    let mut scope: Option<&'static Division> = None;
    let mut is_first = false;
    while let Some((division, length)) = next_division(rest, scope, keep, is_no_name) {
        rest = &rest[length..];
        is_first = scope.is_none();
        // A division named twice is named once.
        while let Some(after) = rest.strip_prefix(division.name).filter(|after| after.chars().count() >= keep) {
            rest = after;
        }
        scope = Some(division);
    }
    if scope.is_none()
        && let Some(after) = rest.strip_prefix("中国").filter(|after| after.chars().count() >= keep)
    {
        return Place { text: &core[..core.len() - after.len()], code: None, shared: None, town: None, rest: after };
    }
    let town = scope.filter(|division| division.level == Level::Township);
    let shared = scope.filter(|division| is_first && namesakes(division).nth(1).is_some()).map(|county| county.name);
    let code = scope.map(|division| if division.level == Level::Township { division.parent } else { division.code });
    Place { text: &core[..core.len() - rest.len()], code, shared, town: town.map(|town| town.name), rest }
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
        .filter_map(|at| ZONES.iter().find(|(word, _)| rest[at..].starts_with(word)).map(|(word, short)| (at, *word, *short)))
        .find(|(at, word, _)| *word != "新区" || *at > '新'.len_utf8())?;
    let (own, after) = (&rest[..at], &rest[at + word.len()..]);
    // 高新区块链 is no zone, 开发区域 neither.
    let is_name = after.chars().nth(1).is_some() && !after.starts_with(['块', '域']) && after != "管理";
    is_name.then_some((if own.chars().nth(1).is_some() { own } else { short }, after))
}

fn next_division(
    rest: &str,
    scope: Option<&'static Division>,
    keep: usize,
    is_no_name: fn(&str) -> bool,
) -> Option<(&'static Division, usize)> {
    let ends: smallvec::SmallVec<[usize; 12]> = rest.char_indices().take(16).map(|(at, c)| at + c.len_utf8()).collect();
    for &end in ends.iter().skip(1).rev() {
        let (name, after) = rest.split_at(end);
        if after.chars().count() < keep || (keep > 0 && is_no_name(after)) {
            continue;
        }
        let found = match scope {
            None => divisions::named(name)
                .filter(|found| match found.level {
                    Level::Province | Level::City => !found.is_place_of(name) || is_place_alone(found, name, after),
                    Level::County => found.is_named(name) && divisions::was_also(found, name).is_empty(),
                    Level::Township => false,
                })
                .min_by_key(|found| found.level)
                .map(|found| namesakes(found).find(|county| begins_with_town(after, county)).unwrap_or(found))
                .or_else(|| only_township(name))
                .or_else(|| only_township_in_short(name, after)),
            Some(scope) => divisions::named(name)
                .filter(|found| found.level > scope.level && divisions::is_within(found.code, scope.code))
                // 佛山顺德 of a branch is 顺德.
                .find(|found| found.is_named(name) || leaves_trade_name(after) || keep == 0 && after.is_empty())
                .or_else(|| township_today(name, scope)),
        };
        if let Some(division) = found.or_else(|| successor_of(name, scope)) {
            return Some((division, end));
        }
    }
    None
}

/// Whether the place of an autonomous prefecture begins the name and no other division or word does: 大理石 is a stone.
fn is_place_alone(found: &Division, name: &str, after: &str) -> bool {
    divisions::is_sure(found, name) && !(name == "大理" && after.starts_with('石'))
}

/// The counties of this whole name.
fn counties_named(name: &'static str) -> impl Iterator<Item = &'static Division> {
    divisions::named(name).filter(move |found| found.level == Level::County && found.name == name)
}

/// The counties of the name of this one, itself among them; none for a higher division.
fn namesakes(county: &Division) -> impl Iterator<Item = &'static Division> {
    let name = (county.level == Level::County).then_some(county.name);
    name.into_iter().flat_map(counties_named)
}

/// Whether a text begins with the name of a town of the county.
fn begins_with_town(text: &str, county: &Division) -> bool {
    divisions::children(county.code).any(|town| text.starts_with(town.name))
}

/// The only town or township of this name without the word for its level, in front of what every town has: 那务卫生院.
fn only_township_in_short(name: &str, after: &str) -> Option<&'static Division> {
    if !LOCAL_BODIES.iter().any(|body| after.starts_with(body)) {
        return None;
    }
    let mut towns = divisions::named(name).filter(|found| found.level == Level::Township && found.name != name);
    let only = towns.next()?;
    towns.next().is_none().then_some(only)
}

/// The only town or township of this whole name: 望埠镇. 街道 and names that several have are no division by themselves.
fn only_township(name: &str) -> Option<&'static Division> {
    let mut towns = divisions::named(name).filter(|found| found.level == Level::Township && found.name == name);
    let only = towns.next().filter(|_| name.ends_with(['镇', '乡']))?;
    towns.next().is_none().then_some(only)
}

/// The only township below the division that has the name of a town and another level by now: 容桂镇 of 顺德 is 容桂街道.
fn township_today(name: &str, scope: &Division) -> Option<&'static Division> {
    let stem = divisions::short_name(name);
    let is_town = stem.len() < name.len() && ["街道", "镇", "乡"].iter().any(|level| name.ends_with(level));
    let in_scope = |found: &&'static Division| found.level == Level::Township && divisions::is_within(found.code, scope.code);
    let mut towns = divisions::named(stem).filter(|_| is_town).filter(in_scope);
    let only = towns.next()?;
    towns.next().is_none().then_some(only)
}

/// What took the place of the former county or city of this name, when that is certain: 顺德市 is 顺德区 of Foshan.
fn successor_of(name: &str, scope: Option<&'static Division>) -> Option<&'static Division> {
    if !name.ends_with(['市', '县', '区']) || divisions::named(name).next().is_some() {
        return None;
    }
    let within = |division: &&'static Division| scope.is_none_or(|scope| divisions::is_within(division.code, scope.code));
    let mut successors = divisions::formerly_named(name).filter_map(|(_, successor)| successor).filter(within);
    let first = successors.next()?;
    successors.all(|other| other.code == first.code).then_some(first)
}

/// Whether what follows is no name by itself, so that the division is the trade name: 广州银行, 北京大学.
fn is_no_trade_name(after: &str) -> bool {
    after.starts_with("大学") || industry_words(after).contains(&after)
}

/// The industry words that begin with the first character of a text.
fn industry_words(text: &str) -> &'static [&'static str] {
    text.chars().next().and_then(|first| INDUSTRY_WORDS.get(&first)).map_or(&[], Vec::as_slice)
}

/// Whether a trade name of two characters stands in front of the industry: of 白云山制药 白云 is no division.
fn leaves_trade_name(after: &str) -> bool {
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
