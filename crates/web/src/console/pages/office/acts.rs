//! What did administrators do?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_registry::ActView;

use super::{Tab, tabs};
use crate::console::frame::Frame;
use crate::console::pages::Page;
use crate::console::{Language, render};
use crate::cursor;
use crate::desk::Desk;
use crate::parameters::{Given, Parameters, Query};
use crate::problem::Problem;

/// Acts of a page.
const PAGE: usize = 50;

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

/// Which page of them.
pub(crate) struct Asked {
    cursor: Option<String>,
}

impl Parameters for Asked {
    const NAMES: &'static [&'static str] = &["cursor"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        Ok(Self { cursor: given.text("cursor").map(|text| cursor::unwrap("console acts", text)).transpose()? })
    }
}

/// The latest first.
pub(crate) async fn show(request: HttpRequest, desk: Desk, Query(asked): Query<Asked>) -> Page {
    let f = Frame::of(&request, &desk);
    let page = desk.run(move |registry, actor| registry.latest_acts(actor, PAGE, asked.cursor.as_deref())).await?;
    let page = ActsPage {
        tabs: tabs(&f, "/office/acts"),
        next: page.next.map(|position| format!("/office/acts?cursor={}", cursor::wrap("console acts", &position))),
        acts: page.items.into_iter().map(|view| line(f.l, view)).collect(),
        f,
    };
    Ok(render(StatusCode::OK, &page))
}

fn line(l: Language, view: ActView) -> Line {
    let act = words(l, &view.act);
    Line {
        at: l.moment(view.at),
        position: view.position,
        act: if act.is_empty() { view.act } else { act.to_owned() },
        actor: view.actor,
        about: view.about,
        detail: view.detail,
    }
}

/// What an act is called; empty for one of a later version.
fn words(l: Language, act: &str) -> &'static str {
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
        "forgotten" => l.say("按保存期限清除", "forgotten by the rules of retention"),
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiku_registry::Act;

    #[test]
    fn every_act_is_told_in_words() {
        for act in Act::ALL {
            assert!([Language::Zh, Language::En].iter().all(|l| !words(*l, act.as_str()).is_empty()), "{}", act.as_str());
        }
        assert_eq!(words(Language::En, "of-a-later-version"), "");
    }
}
