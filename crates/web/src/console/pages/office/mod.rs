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
use crate::permission::Right;

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
