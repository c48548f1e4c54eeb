//! What stands in a name field when there is no name?

use crate::characters::is_han;

/// What forms hold that insist on a name, where there is none.
const FILLER: [&str; 28] = [
    "某某",
    "张三李四",
    "路人甲",
    "暂无姓名",
    "无姓名",
    "姓名",
    "姓名不详",
    "户主",
    "本人",
    "个人",
    "测试人员",
    "测试用户",
    "测试姓名",
    "先生",
    "女士",
    "小姐",
    "同志",
    "佚名",
    "匿名",
    "未实名",
    "(空)",
    "（空）",
    "test",
    "TEST",
    "Test",
    "XXX",
    "xxx",
    "ABC",
];

/// What they hold for a child that has no name yet.
const UNNAMED: [&str; 30] = [
    "婴儿",
    "新生儿",
    "男婴",
    "女婴",
    "宝宝",
    "大宝",
    "二宝",
    "小宝",
    "老大",
    "老二",
    "双胎",
    "双胞胎",
    "小孩",
    "未命名",
    "待命名",
    "未取名",
    "待取名",
    "暂未取名",
    "尚未取名",
    "未起名",
    "待起名",
    "暂未起名",
    "名字待定",
    "姓名待定",
    "未报户口",
    "未上户",
    "待上户",
    "BABY",
    "NEWBORN",
    "INFANT",
];

/// Whether a name field says whose child or spouse somebody is, or that a child has no name yet, and no name. Cheap for nearly every name.
#[must_use]
pub fn names_nobody(text: &str) -> bool {
    const ENDS: &str = "子女儿婴男孩妻夫大小老双胎胞宝名定口户婆公人偶属亲爸妈爷奶仔";
    let text = text.trim();
    let may_end = text.chars().next_back().is_some_and(|last| counts(last) || ENDS.contains(last));
    (may_end || text.starts_with(['B', 'N', 'I', 'b', 'n', 'i'])) && (is_somebodys(text) || is_unnamed(text))
}

/// Whether the text is one of the fillers.
pub(super) fn is_filler(name: &str) -> bool {
    FILLER.contains(&name) || FILLER.contains(&name.trim_end_matches(counts))
}

/// What tells one of several apart.
fn counts(c: char) -> bool {
    matches!(c, '(' | ')' | '（' | '）' | '-' | ' ' | '大' | '小' | '一' | '二' | '三' | '四' | '甲' | '乙' | '丙')
        || matches!(c, '1'..='9' | '①'..='⑨' | 'A'..='D' | 'a'..='d')
}

/// Whether the text says that a child has no name yet, and perhaps which of several it is: 新生儿1, 张丽新生儿（大）, A婴, BABY GIRL.
pub(super) fn is_unnamed(name: &str) -> bool {
    const NEWBORN: [&str; 7] = ["新生儿", "男婴", "女婴", "婴儿", "双胎", "双胞胎", "之婴"];
    let core = name.trim_end_matches(counts);
    if UNNAMED.contains(&name) || UNNAMED.contains(&core) || NEWBORN.iter().any(|end| core.ends_with(end)) {
        return true;
    }
    // 张丽宝宝; but 王宝宝 may be somebody's name.
    if core.strip_suffix("宝宝").is_some_and(|whose| whose.chars().nth(1).is_some()) {
        return true;
    }
    // A婴, 张婴: a child and whose.
    if name.strip_suffix('婴').is_some_and(|whose| whose.chars().nth(1).is_none()) {
        return true;
    }
    let upper = name.to_ascii_uppercase();
    // 陈BB, 陈丽华BB仔, 陈B: as the wards of Guangdong write it.
    let is_whose = |whose: &str| whose.chars().all(is_han);
    if ["BB", "BB仔", "BB女", "B仔", "B女"].iter().any(|end| upper.strip_suffix(end).is_some_and(is_whose))
        || upper.strip_suffix('B').is_some_and(|whose| !whose.is_empty() && whose.chars().nth(1).is_none() && is_whose(whose))
    {
        return true;
    }
    ["BABY ", "NEWBORN ", "INFANT "].iter().any(|word| upper.starts_with(word))
}

/// Whether the text says whose child, spouse or parent somebody is, and no name: 麦永年之子, 李雅之长女, 李雅双胎大, 李雅的儿子, 麦永年妻子.
pub(super) fn is_somebodys(name: &str) -> bool {
    const KIN: [&str; 26] = [
        "大儿子",
        "二儿子",
        "小儿子",
        "大女儿",
        "二女儿",
        "小女儿",
        "儿子",
        "女儿",
        "儿女",
        "孩子",
        "小孩",
        "子女",
        "妻子",
        "丈夫",
        "老婆",
        "老公",
        "爱人",
        "配偶",
        "家属",
        "父亲",
        "母亲",
        "爸爸",
        "妈妈",
        "爷爷",
        "奶奶",
        "监护人",
    ];
    const TWINS: [&str; 8] = ["双胎大", "双胎小", "双胎一", "双胎二", "大双", "小双", "大女", "小女"];
    let is_whose = |rest: &str| rest.chars().nth(1).is_some();
    let says_which = |c: char| {
        matches!(
            c,
            '子' | '女'
                | '儿'
                | '婴'
                | '男'
                | '孩'
                | '妻'
                | '夫'
                | '长'
                | '次'
                | '幼'
                | '大'
                | '小'
                | '老'
                | '双'
                | '胎'
                | '胞'
                | '宝'
        ) || matches!(c, '一' | '二' | '三' | '四' | '甲' | '乙' | 'A' | 'B' | 'a' | 'b' | '1'..='4' | '①'..='⑨' | '(' | ')' | '（' | '）' | '-')
    };
    name.rsplit_once('之').is_some_and(|(rest, which)| is_whose(rest) && !which.is_empty() && which.chars().all(says_which))
        || TWINS.iter().any(|end| name.strip_suffix(end).is_some_and(is_whose))
        // In brackets it tells two people apart: 张伟（女儿）.
        || !name.contains(['(', '（'])
            && KIN.iter().any(|kin| name.trim_end_matches(counts).strip_suffix(kin).is_some_and(|whose| is_whose(whose.trim_end_matches(['的', '之']))))
        // 李雅的大宝, 李雅的老二.
        || name.rsplit_once('的').is_some_and(|(whose, which)| {
            is_whose(whose) && !which.is_empty() && (is_unnamed(which) || which.chars().all(says_which))
        })
}
