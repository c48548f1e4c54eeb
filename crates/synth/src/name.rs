//! What are the people of the province called?

use crate::random::Random;
use crate::reference::{CharTable, Reference};

/// Whole given names of a time, men's and women's: born up to the year in front.
type Era = (i32, &'static [&'static str], &'static [&'static str]);

const ERAS: [Era; 5] = [
    (
        1959,
        &["建国", "国华", "德明", "志强", "永昌", "金水", "炳坤", "树生", "耀华", "锦泉", "观胜", "文彬"],
        &["秀英", "桂英", "秀兰", "玉兰", "凤英", "惠珍", "月娥", "丽珍", "桂芳", "玉珍", "兰香", "少芳"],
    ),
    (
        1979,
        &["建华", "军", "勇", "志明", "伟", "国强", "伟强", "建军", "永强", "志伟", "文", "强"],
        &["丽", "丽华", "敏", "芳", "秀珍", "燕", "丽萍", "玉华", "红", "惠芳", "少玲", "翠玲"],
    ),
    (
        1994,
        &["伟", "磊", "俊杰", "志勇", "嘉豪", "伟杰", "浩", "超", "俊", "健", "家豪", "志豪"],
        &["静", "丽", "婷", "婷婷", "晓燕", "敏", "雪梅", "丽娜", "嘉欣", "晓丽", "思敏", "海燕"],
    ),
    (
        2009,
        &["鑫", "涛", "浩", "杰", "俊杰", "宇轩", "子豪", "嘉俊", "梓轩", "文杰", "浩然", "俊熙"],
        &["婷", "欣怡", "梓晴", "诗琪", "晓彤", "嘉怡", "雨欣", "佳怡", "思颖", "紫琪", "静怡", "梦婷"],
    ),
    (
        9999,
        &["奕辰", "宇轩", "浩宇", "亦辰", "宇辰", "子墨", "宇航", "浩然", "梓豪", "亦宸", "沐阳", "俊熙"],
        &["一诺", "依诺", "欣怡", "梓涵", "语桐", "欣妍", "可欣", "语汐", "雨桐", "梦瑶", "若曦", "思妤"],
    ),
];

const UYGHUR: ([&str; 8], [&str; 8]) = (
    ["买买提", "阿卜杜拉", "艾力", "吐尔逊", "玉素甫", "依明", "卡德尔", "热合曼"],
    ["阿依古丽", "古丽娜尔", "热依拉", "帕提古丽", "阿孜古丽", "努尔曼", "米娜瓦尔", "再娜甫"],
);
const FOREIGN: ([&str; 8], [&str; 8], [&str; 10]) = (
    ["JAMES", "MICHAEL", "DAVID", "ROBERT", "THOMAS", "DANIEL", "PIERRE", "HIROSHI"],
    ["MARY", "ANNA", "LAURA", "EMMA", "SOPHIE", "MARIA", "YUKI", "CLAIRE"],
    ["SMITH", "JOHNSON", "MILLER", "BROWN", "MARTIN", "GARCIA", "TANAKA", "MÜLLER", "KIM", "OKAFOR"],
);

/// A surname, frequent ones more often.
pub(crate) fn surname(random: &mut Random) -> &'static str {
    let tables = Reference::get();
    tables.surnames[random.weighted(&tables.surname_sums)]
}

fn from_table(random: &mut Random, table: &CharTable) -> char {
    table.chars[random.weighted(&table.sums)]
}

fn of_sex<'a, T: ?Sized>(male: bool, men: &'a T, women: &'a T) -> &'a T {
    if male { men } else { women }
}

/// A given name of the time of birth.
pub(crate) fn given_name(random: &mut Random, male: bool, birth_year: i32) -> String {
    if random.chance(0.16) {
        let (_, men, women) = ERAS.iter().find(|era| birth_year <= era.0).unwrap_or(&ERAS[4]);
        return random.pick(if male { men } else { women }).to_owned();
    }
    let tables = Reference::get();
    let table = of_sex(male, &tables.male, &tables.female);
    let two = random.chance(if (1975..1995).contains(&birth_year) { 0.76 } else { 0.9 });
    let first = from_table(random, table);
    if !two {
        return first.to_string();
    }
    let second = from_table(random, table);
    [first, second].iter().collect()
}

/// A given name that shares its first character with a sibling's, as twins' names often do.
pub(crate) fn sibling_name(random: &mut Random, male: bool, sibling: &str) -> String {
    let tables = Reference::get();
    let second = from_table(random, of_sex(male, &tables.male, &tables.female));
    sibling.chars().take(1).chain([second]).collect()
}

/// A Uyghur name: the own name and the father's, with the interpunct of the rules (U+00B7).
pub(crate) fn uyghur(random: &mut Random, male: bool) -> String {
    let father = random.pick(&UYGHUR.0);
    uyghur_of(random, male, father)
}

/// The own name of a father of whom nothing else is told, by a number of the household's.
pub(crate) fn uyghur_father(number: u64) -> &'static str {
    UYGHUR.0[usize::try_from(number % 8).unwrap_or_default()]
}

/// The Uyghur name of somebody with a father of this name: nobody is called like the own father.
pub(crate) fn uyghur_of(random: &mut Random, male: bool, father: &str) -> String {
    let names = of_sex(male, &UYGHUR.0, &UYGHUR.1);
    let at = random.index(names.len());
    let own = if names[at] == father { names[(at + 1) % names.len()] } else { names[at] };
    format!("{own}·{father}")
}

/// A foreigner's name as passports print it: surname first.
pub(crate) fn foreign(random: &mut Random, male: bool) -> String {
    format!("{} {}", random.pick(&FOREIGN.2), random.pick(of_sex(male, &FOREIGN.0, &FOREIGN.1)))
}
