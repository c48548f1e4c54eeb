//! Can one change the language where one is?

use jiku_tests::office::office;

#[test]
fn the_language_changes_and_stays() {
    office().visit("steward", |browser| {
        browser.see("The three bases");
        browser.shoot("english");
        browser.click("a.language");
        browser.see("三大基础库");
        browser.shoot("chinese");
        browser.go("/reviews");
        browser.see("待审任务");
        assert_eq!(browser.script("return document.documentElement.lang", &[]), "zh-CN");
        browser.click("a.language");
        browser.wait_until("the same page in English", || browser.text("h1") == "Reviews" && browser.place() == "/reviews");
    });
}
