//! What stands in a name field when there is no name?

/// What forms hold that insist on a name: of a child that has none yet, of nobody.
const FILLER: [&str; 47] = [
    "某某",
    "张三李四",
    "路人甲",
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
    "未起名",
    "名字待定",
    "未报户口",
    "未上户",
    "暂无姓名",
    "无姓名",
    "姓名",
    "姓名不详",
    "户主",
    "本人",
    "个人",
    "测试人员",
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
    "BABY",
    "NEWBORN",
    "INFANT",
];

/// Whether the text is one of the fillers, or says which of several newborn children it is: 新生儿1, 张丽新生儿（大）, A婴, BABY GIRL.
pub(super) fn is_filler(name: &str) -> bool {
    const NEWBORN: [&str; 7] = ["新生儿", "男婴", "女婴", "婴儿", "双胎", "双胞胎", "之婴"];
    let counts = |c: char| {
        matches!(c, '(' | ')' | '（' | '）' | '-' | ' ' | '大' | '小' | '一' | '二' | '三' | '四' | '甲' | '乙' | '丙')
            || matches!(c, '1'..='9' | '①'..='⑨' | 'A'..='D' | 'a'..='d')
    };
    let core = name.trim_end_matches(counts);
    if FILLER.contains(&name) || FILLER.contains(&core) || NEWBORN.iter().any(|end| core.ends_with(end)) {
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
    ["BABY ", "NEWBORN ", "INFANT "].iter().any(|word| upper.starts_with(word))
}

/// Whether the text says whose child or spouse somebody is, and no name: 麦永年之子, 李雅之长女, 李雅双胎大.
pub(super) fn is_somebodys(name: &str) -> bool {
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
}
