//! What did administrators do?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_model::Kind;
use jiku_registry::{ActView, Limits, Role};

use super::accounts::role_word;
use super::principal::sensitivity_word;
use super::{Onward, Tab, following, tabs};
use crate::console::frame::Frame;
use crate::console::pages::Page;
use crate::console::{Language, render, words};
use crate::desk::Desk;
use crate::parameters::Query;

/// Acts of a page.
const PAGE: usize = 50;

/// Where the page is.
const ADDRESS: &str = "/office/acts";

/// The page.
#[derive(Template)]
#[template(path = "office/acts.html")]
struct ActsPage {
    f: Frame,
    tabs: Vec<Tab>,
    acts: Vec<Line>,
    next: Option<String>,
}

/// One act.
struct Line {
    at: String,
    position: i64,
    actor: String,
    act: String,
    about: String,
    detail: String,
}

/// The latest first.
pub(crate) async fn show(request: HttpRequest, desk: Desk, Query(onward): Query<Onward>) -> Page {
    let (f, place) = (Frame::of(&request, &desk), onward.place_in(ADDRESS)?);
    let page = desk.run(move |registry, actor| registry.latest_acts(actor, PAGE, place.as_deref())).await?;
    let page = ActsPage {
        tabs: tabs(&f, ADDRESS),
        next: following(ADDRESS, page.next),
        acts: page.items.into_iter().map(|view| line(f.l, view)).collect(),
        f,
    };
    Ok(render(StatusCode::OK, &page))
}

fn line(l: Language, view: ActView) -> Line {
    let act = called(l, &view.act);
    let detail = in_words(l, &view.act, &view.detail);
    Line {
        at: l.moment(view.at),
        position: view.position,
        act: if act.is_empty() { view.act } else { act.to_owned() },
        actor: view.actor,
        about: words::between(l, &view.about, BETWEEN),
        detail,
    }
}

/// The few words between the names and numbers of an act.
const BETWEEN: &[(&str, &str)] = &[
    ("at most ", "至多 "),
    (" legal-persons", " 个法人"),
    (" persons", " 个自然人"),
    (" parcels", " 宗地"),
    (", in full", "，完整值"),
    (", masked", "，已脱敏"),
    ("export ", "导出 "),
    ("made, and wraps every key", "已生成，各密钥已重新加密"),
    ("made for ", "已生成，用于 "),
    ("master key ", "主密钥 "),
    (" rejected rows, ", " 行拒收记录、"),
    (" answers, ", " 条应答、"),
    (" sessions, ", " 个会话、"),
    (" counts", " 条计数"),
    ("retention", "保存期限"),
    ("no difference, ", "无差异，"),
    (" differences, ", " 处差异，"),
    (" records at position ", " 条记录，位置 "),
    (", trust ", "，可信度 "),
    (", until ", "，有效至 "),
    (" of ", " · "),
    (", for ", "，用于 "),
    (" for ", " · "),
    (": ", "："),
];

/// What an act made of its subject, in words: roles are called by their names.
fn in_words(l: Language, act: &str, detail: &str) -> String {
    let role = |code: &str| Role::ALL.into_iter().find(|role| role.as_str() == code).map(|role| role_word(l, role));
    let with_roles = |(department, rest): (&str, &str)| {
        let (roles, until) = rest.split_once(", ").map_or((rest, String::new()), |(roles, until)| (roles, format!(", {until}")));
        let roles: Vec<&str> = roles.split(',').map(|code| role(code).unwrap_or(code)).collect();
        format!("{department}: {}{until}", roles.join("、"))
    };
    let told = match (l, act) {
        (Language::Zh, "user-put" | "key-created") => detail.split_once(": ").map(with_roles),
        (Language::Zh, "export-decided") => return words::word(l, detail).to_owned(),
        (_, "limits-set") => return serde_json::from_str(detail).map_or_else(|_| detail.to_owned(), |limits| limits_in_words(l, &limits)),
        _ => None,
    };
    words::between(l, told.as_deref().unwrap_or(detail), BETWEEN)
}

/// What a principal may reach from now on: where, what, for whom, and how much a day.
fn limits_in_words(l: Language, limits: &Limits) -> String {
    let list = |words: Vec<String>, none: &str| if words.is_empty() { none.to_owned() } else { words.join(l.say("、", ", ")) };
    let kinds = limits.kinds.iter().map(|kind| words::base(l, *kind).to_owned()).collect();
    let sources =
        Vec::from(limits.sources.clone()).into_iter().map(|code| if code == "*" { l.say("全部", "all").to_owned() } else { code });
    let classes = [limits.read, limits.write, limits.filter, limits.sort].map(|class| sensitivity_word(l, class).1);
    let a_day = [
        (limits.daily_persons, l.say("人", "people")),
        (limits.daily_requests, l.say("次请求", "requests")),
        (limits.daily_entities, l.say("条实体", "entities")),
    ];
    let a_day = a_day.into_iter().filter_map(|(most, of)| most.map(|most| format!("{} {of}", l.count(most)))).collect();
    let may = |granted: bool| if granted { l.say("允许", "yes") } else { l.say("不允许", "no") };
    let colon = l.say("：", ": ");
    [
        (l.say("地域", "divisions"), list(limits.divisions.clone(), l.say("不限", "everywhere"))),
        (
            l.say("库", "bases"),
            if limits.kinds.len() == Kind::ALL.len() { l.say("全部", "all").to_owned() } else { list(kinds, l.say("全部", "all")) },
        ),
        (l.say("可报送的来源", "may send for"), list(sources.collect(), l.say("无", "none"))),
        (l.say("可查看 / 可报送 / 可查询 / 可排序的字段", "fields shown / sent / searched by / ordered by"), classes.join(" / ")),
        (l.say("完整值", "in full"), may(limits.unmask).to_owned()),
        (l.say("紧急访问", "emergencies"), may(limits.emergency).to_owned()),
        (l.say("每日", "a day"), list(a_day, l.say("按默认", "the defaults"))),
    ]
    .map(|(of, told)| format!("{of}{colon}{told}"))
    .join(l.say("；", "; "))
}

/// What an act is called; empty for one of a later version.
fn called(l: Language, act: &str) -> &'static str {
    match act {
        "user-put" => l.say("建立或修改用户", "user made or changed"),
        "principal-enabled" => l.say("重新启用", "let in again"),
        "principal-disabled" => l.say("停用", "kept out"),
        "limits-set" => l.say("设定范围与限额", "scope and quotas set"),
        "second-factor-set" => l.say("启用动态验证码", "second factor set up"),
        "second-factor-reset" => l.say("解除动态验证码", "second factor taken away"),
        "key-created" => l.say("生成密钥", "key made"),
        "key-revoked" => l.say("吊销密钥", "key revoked"),
        "purpose-put" => l.say("登记使用目的", "purpose registered"),
        "purpose-deleted" => l.say("取消使用目的", "purpose taken away"),
        "source-put" => l.say("建立或修改来源系统", "source made or changed"),
        "keyring-changed" => l.say("更换数据库密钥", "key of the database changed"),
        "export-asked" => l.say("申请导出", "export asked for"),
        "export-decided" => l.say("审批导出", "export decided"),
        "export-written" => l.say("写出导出文件", "export written"),
        "backup-made" => l.say("备份", "copy made"),
        "restore-tried" => l.say("恢复演练", "restoring tried"),
        "forgotten" => l.say("按保存期限清除", "forgotten by the rules of retention"),
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiku_registry::Act;

    #[test]
    fn what_an_act_made_is_told_in_the_language_of_the_page() {
        for (act, detail, expected) in [
            ("key-created", "公安厅: reader,source, until 2027-11-26", "公安厅：查询、报送，有效至 2027-11-26"),
            ("user-put", "数据管理局: steward", "数据管理局：数据管理员"),
            ("source-put", "人口信息系统 of 公安厅, trust 95", "人口信息系统 · 公安厅，可信度 95"),
            ("export-asked", "at most 2000 legal-persons, masked, for inspection", "至多 2000 个法人，已脱敏，用于 inspection"),
            ("export-decided", "approved", "已批准"),
            ("forgotten", "3 rejected rows, 2 answers, 1 sessions, 0 counts", "3 行拒收记录、2 条应答、1 个会话、0 条计数"),
        ] {
            assert_eq!(in_words(Language::Zh, act, detail), expected);
            assert_eq!(in_words(Language::En, act, detail), detail);
        }
    }

    #[test]
    fn limits_are_told_in_words_and_not_as_they_are_kept() {
        let kept = r#"{"divisions":["4401"],"kinds":["person"],"sources":["gongan"],"read":"personal","daily_persons":500}"#;
        let zh = "地域：4401；库：人口库；可报送的来源：gongan；可查看 / 可报送 / 可查询 / 可排序的字段：个人信息 / 敏感个人信息（全部） / \
                  敏感个人信息（全部） / 敏感个人信息（全部）；完整值：不允许；紧急访问：不允许；每日：500 人";
        assert_eq!(in_words(Language::Zh, "limits-set", kept), zh);
        let en = in_words(Language::En, "limits-set", r#"{"sources":["*"],"unmask":true}"#);
        assert!(en.starts_with("divisions: everywhere; bases: all; may send for: all; fields shown"), "{en}");
        assert!(en.ends_with("in full: yes; emergencies: no; a day: the defaults"), "{en}");
        assert_eq!(in_words(Language::En, "limits-set", "of a later version"), "of a later version");
    }

    #[test]
    fn every_act_is_told_in_words() {
        for act in Act::ALL {
            assert!([Language::Zh, Language::En].iter().all(|l| !called(*l, act.as_str()).is_empty()), "{}", act.as_str());
        }
        assert_eq!(called(Language::En, "of-a-later-version"), "");
    }
}
