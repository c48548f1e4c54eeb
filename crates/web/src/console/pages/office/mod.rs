//! What does the data office see: quality, sources, traces, accounts? One room per page; each opens by its own right.

pub(crate) mod access;
pub(crate) mod accounts;
pub(crate) mod acts;
pub(crate) mod alarms;
pub(crate) mod audit;
pub(crate) mod emergencies;
pub(crate) mod exports;
pub(crate) mod principal;
pub(crate) mod purposes;
pub(crate) mod quality;
pub(crate) mod sources;

use crate::console::frame::Frame;
use crate::cursor;
use crate::parameters::{Given, Parameters};
use crate::permission::Right;
use crate::problem::Problem;

/// The pages of the office: address, right, Chinese, English.
const PAGES: &[(&str, Right, &str, &str)] = &[
    ("/office", Right::SignedIn, "数据质量", "Quality"),
    ("/office/sources", Right::Sources, "来源系统", "Sources"),
    ("/office/purposes", Right::Sources, "使用目的", "Purposes"),
    ("/office/access", Right::Audit, "访问报告", "Access report"),
    ("/office/emergencies", Right::Audit, "紧急访问", "Emergency access"),
    ("/office/exports", Right::SeeExports, "导出审批", "Exports"),
    ("/office/alarms", Right::Alarms, "告警", "Alarms"),
    ("/office/audit", Right::Audit, "变更日志", "Change log"),
    ("/office/acts", Right::Audit, "管理操作", "Administration"),
    ("/office/accounts", Right::Accounts, "用户与密钥", "Users and keys"),
];

/// Where a list of the office goes on.
pub(crate) struct Onward(Option<String>);

impl Parameters for Onward {
    const NAMES: &'static [&'static str] = &["cursor"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        Ok(Self(given.text("cursor").map(str::to_owned)))
    }
}

impl Onward {
    /// The place in the list that stands under `address`.
    fn place_in(&self, address: &str) -> Result<Option<String>, Problem> {
        self.0.as_deref().map(|text| cursor::unwrap(address, text)).transpose()
    }
}

/// The address of what follows in the list that stands under `address`.
fn following(address: &str, next: Option<String>) -> Option<String> {
    next.map(|position| format!("{address}?cursor={}", cursor::wrap(address, &position)))
}

/// A way to another page of the office.
struct Tab {
    address: &'static str,
    name: &'static str,
    here: bool,
}

/// The pages the caller may open.
fn tabs(f: &Frame, here: &str) -> Vec<Tab> {
    let open = PAGES.iter().filter(|(_, right, ..)| f.may(*right));
    open.map(|(address, _, zh, en)| Tab { address, name: f.l.say(zh, en), here: *address == here }).collect()
}
