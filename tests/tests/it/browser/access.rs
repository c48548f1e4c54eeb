//! Can everybody use the pages: those who cannot see well, hear well or point?
//!
//! axe-core (<https://github.com/dequelabs/axe-core>) looks for obstacles by the rules of WCAG 2.2, levels A and AA.

use std::fs;

use jiku_tests::binary::repository;
use jiku_tests::browser::Browser;
use jiku_tests::office::office;
use serde_json::Value;

/// Every main page, by who may open it.
const PAGES: &[(&str, &[&str])] = &[
    (
        "steward",
        &[
            "/",
            "/search",
            "/reviews",
            "/reviews/first?unmask=true",
            "/proposals",
            "/decisions",
            "/models",
            "/match",
            "/account",
            "/emergency",
        ],
    ),
    ("surveyor", &["/import", "/map"]),
    ("office", &["/office", "/office/sources", "/office/purposes", "/models?kind=legal-person", "/survivorship"]),
    ("auditor", &["/office/access", "/office/emergencies", "/office/alarms", "/office/acts", "/office/audit"]),
    ("security", &["/office/accounts", "/office/accounts/steward"]),
];

/// What axe finds on the page, of serious or critical impact.
fn obstacles(browser: &Browser) -> Vec<String> {
    let axe = fs::read_to_string(repository().join("tests/vendor/axe-core/axe.min.js")).expect("axe-core");
    let look = "
        const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
        return axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] }).then(({ violations }) => violations
            .filter(({ impact }) => impact === 'serious' || impact === 'critical')
            .map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 200)} ${failureSummary}`).join(' | ')}`))";
    let found = browser.script(&format!("{axe};{look}"), &[]);
    found.as_array().expect("a list").iter().map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned)).collect()
}

#[test]
fn no_main_page_puts_an_obstacle_in_anyones_way() {
    let mut all: Vec<String> = Vec::new();
    for (user, pages) in PAGES {
        office().visit(user, |browser| {
            for (page, language) in pages.iter().flat_map(|page| ["en", "zh"].map(|language| (page, language))) {
                browser.go(&format!("/language/{language}"));
                browser.go(page);
                let _ = browser.find(if language == "zh" { "html[lang^=zh] main" } else { "html[lang=en] main" });
                if *page == "/map" {
                    let _ = browser.find("#map[data-ready]");
                }
                all.extend(obstacles(browser).into_iter().map(|obstacle| format!("{page} {language} {obstacle}")));
                browser.shoot(&format!("{}_{language}", page.replace(['/', '?', '='], "_")));
            }
        });
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn axe_sees_an_obstacle_when_there_is_one() {
    office().visit("steward", |browser| {
        browser.go("/search");
        assert_eq!(
            browser.script("document.querySelector('main').insertAdjacentHTML('beforeend', '<input id=nameless>'); return 1", &[]),
            Value::from(1)
        );
        assert!(obstacles(browser).iter().any(|obstacle| obstacle.contains("nameless")));
    });
}
