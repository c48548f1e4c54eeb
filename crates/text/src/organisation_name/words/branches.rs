//! Which words end the part of a branch, and which the name of its parent in front of it?

/// Words that end the part a branch has of its own, the longest first.
pub(in crate::organisation_name) const BRANCHES: &[&str] = &[
    "分公司",
    "支公司",
    "营业部",
    "营业所",
    "分理处",
    "办事处",
    "代表处",
    "门市部",
    "分局",
    "分所",
    "经营部",
    "服务部",
    "项目部",
    "分行",
    "支行",
    "分店",
    "分厂",
    "分社",
    "分院",
    "分校",
    "分园",
    // Bodies of an organisation that keep their own accounts or seal.
    "工会",
    "工会委员会",
    "党委",
    "党总支",
    "党支部",
    "团委",
    "团支部",
    "食堂",
    "仓库",
    "清算组",
    "破产管理人",
    // Of the police and of other bureaux.
    "总队",
    "支队",
    "大队",
    "中队",
    "一厂",
    "二厂",
    "三厂",
    // Of a company, or of a shop where a place or a count says which of its stores it is.
    STORE,
];

/// What a store of a company or of a chain of shops ends with: 天河店, 天河一店.
pub(in crate::organisation_name) const STORE: &str = "店";

/// Words for bodies of an organisation, whatever it is: also a school has a canteen and a works a trade union.
pub(in crate::organisation_name) const OWN_BODIES: &[&str] =
    &["工会", "工会委员会", "党委", "党总支", "党支部", "团委", "团支部", "食堂", "仓库"];

/// Words that end the name of a parent in front of a branch part.
pub(in crate::organisation_name) const PARENT_ENDS: &[&str] =
    &["公司", "分行", "支行", "事务所", "合作社", "联合社", "（有限合伙）", "（普通合伙）", "（特殊普通合伙）", "集团", "总行", "局"];

/// Words that end the name of a parent whose branches are called its parts: 分店, 分厂, 分院, 分校.
pub(in crate::organisation_name) const SHOP_ENDS: &[&str] = &[
    "商行",
    "商店",
    "书店",
    "药店",
    "酒店",
    "饭店",
    "餐厅",
    "超市",
    "百货",
    "厂",
    "医院",
    "诊所",
    "门诊部",
    "学校",
    "中学",
    "小学",
    "学院",
    "大学",
    "幼儿园",
    "中心",
    "社",
];

/// Words that end the name of a chain of shops in front of its stores.
pub(in crate::organisation_name) const CHAIN_ENDS: &[&str] =
    &["便利店", "大药房", "药房", "药店", "书店", "超市", "百货", "酒店", "饭店", "餐厅", "商行", "商店"];
