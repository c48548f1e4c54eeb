//! What must somebody be told of at once?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_registry::AlarmView;

use super::{Onward, Tab, following, tabs};
use crate::console::frame::Frame;
use crate::console::pages::Page;
use crate::console::{Language, render, words};
use crate::desk::Desk;
use crate::parameters::Query;
use crate::permission::Right;

/// Alarms of a page.
const PAGE: usize = 50;

/// Where the page is.
const ADDRESS: &str = "/office/alarms";

/// The page.
#[derive(Template)]
#[template(path = "office/alarms.html")]
struct AlarmsPage {
    f: Frame,
    tabs: Vec<Tab>,
    alarms: Vec<Line>,
    next: Option<String>,
}

/// One alarm.
struct Line {
    at: String,
    position: i64,
    /// What happened, and what to do.
    happened: String,
    to_do: &'static str,
    /// Where that is done, for who may go there.
    address: Option<String>,
    principal: String,
    department: String,
    about: String,
    /// Whether the traces themselves are in doubt.
    grave: bool,
}

/// The latest first.
pub(crate) async fn show(request: HttpRequest, desk: Desk, Query(onward): Query<Onward>) -> Page {
    let (f, place) = (Frame::of(&request, &desk), onward.place_in(ADDRESS)?);
    let page = desk.run(move |registry, actor| registry.latest_alarms(actor, PAGE, place.as_deref())).await?;
    let page = AlarmsPage {
        tabs: tabs(&f, ADDRESS),
        next: following(ADDRESS, page.next),
        alarms: page.items.into_iter().map(|view| line(&f, view)).collect(),
        f,
    };
    Ok(render(StatusCode::OK, &page))
}

fn line(f: &Frame, view: AlarmView) -> Line {
    let (happened, to_do) = called(f.l, &view.alarm);
    let address = match view.alarm.as_str() {
        "emergency-begun" | "emergency-unreviewed" if f.may(Right::Audit) => Some("/office/emergencies".to_owned()),
        "traces-broken" if f.may(Right::Audit) => Some("/office/audit".to_owned()),
        "ids-guessed" | "sign-in-locked" | "reading-unusual" | "quota-reached" if f.may(Right::Accounts) => {
            Some("/office/accounts".to_owned())
        }
        _ => None,
    };
    Line {
        at: f.l.moment(view.at),
        position: view.position,
        grave: view.alarm == "traces-broken",
        happened: if happened.is_empty() { view.alarm } else { happened.to_owned() },
        to_do,
        address,
        principal: view.principal,
        department: view.department,
        about: words::between(f.l, &view.about, ABOUT),
    }
}

/// What an alarm is about: ids and numbers, and the few words between them.
const ABOUT: &[(&str, &str)] = &[
    ("export ", "导出 "),
    (" legal-persons", " 个法人"),
    (" persons", " 个自然人"),
    (" parcels", " 宗地"),
    (", in full", "，完整值"),
    (", masked", "，已脱敏"),
    (", beyond the quota", "，超出限额"),
    (" people today, ", " 人（今日），平日 "),
    (" on a usual day", " 人"),
    ("emergency ", "紧急访问 "),
    ("position ", "日志位置 "),
    ("; run jiku audit verify with the seals", "；请用封存文件运行 jiku audit verify"),
];

/// What an alarm says, and what to do; empty for one of a later version.
fn called(l: Language, alarm: &str) -> (&'static str, &'static str) {
    let (happened, to_do) = match alarm {
        "emergency-begun" => (
            ("有人开始紧急访问", "Somebody reaches beyond their rights in an emergency"),
            ("三个工作日内复核", "look at it within three working days"),
        ),
        "emergency-unreviewed" => {
            (("紧急访问逾期未复核", "Nobody has looked at an emergency within three working days"), ("立即复核", "look at it now"))
        }
        "traces-broken" => (
            ("变更日志或访问日志与封存时不符", "The change log or the access log is not as it stood"),
            ("停止写入，与备份和封存文件核对", "stop writing, and hold it against the backups and the seals"),
        ),
        "ids-guessed" => (
            ("疑似猜测标识，已暂停十五分钟", "Ids were guessed; the account is kept out for 15 minutes"),
            ("联系该账号的使用者，必要时停用", "ask whose account it is, keep it out when in doubt"),
        ),
        "sign-in-locked" => (
            ("连续五次登录失败，已暂停十五分钟", "A sign-in failed five times and is refused for 15 minutes"),
            ("向本人核实是否为其所为", "ask them whether it was they"),
        ),
        "exported" => (
            ("整库导出为文件", "Everything of a kind was taken along as a file"),
            ("核对用途；文件带有标记，可追溯", "see that it was meant; the file bears a mark by which it is traced"),
        ),
        "reading-unusual" => (
            ("今日查阅人数超过平日三倍", "More than three times as many people were read as on a usual day"),
            ("核对查阅目的，必要时收紧限额或停用", "ask what for, and narrow the limits or keep the account out when in doubt"),
        ),
        "quota-reached" => (
            ("今日限额已用完", "A quota of the day is used up"),
            ("核对用途；确有需要时提高限额", "ask what for, and raise the quota where it is needed"),
        ),
        _ => (("", ""), ("", "")),
    };
    (l.say(happened.0, happened.1), l.say(to_do.0, to_do.1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiku_registry::Alarm;

    #[test]
    fn what_an_alarm_is_about_is_told_in_the_language_of_the_page() {
        let told = "export 01a2: 2000 legal-persons, in full, beyond the quota";
        assert_eq!(words::between(Language::Zh, told, ABOUT), "导出 01a2: 2000 个法人，完整值，超出限额");
        assert_eq!(words::between(Language::En, told, ABOUT), told);
        assert_eq!(words::between(Language::Zh, "312 people today, 40 on a usual day", ABOUT), "312 人（今日），平日 40 人");
    }

    #[test]
    fn every_alarm_is_told_in_words_with_what_to_do() {
        for alarm in Alarm::ALL {
            for l in [Language::Zh, Language::En] {
                let (happened, to_do) = called(l, alarm.as_str());
                assert!(!happened.is_empty() && !to_do.is_empty(), "{}", alarm.as_str());
            }
        }
        assert_eq!(called(Language::En, "of-a-later-version"), ("", ""));
    }
}
