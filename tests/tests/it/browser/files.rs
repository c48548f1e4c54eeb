//! Does a file go in, and does a list come back, in the hands of somebody at a browser?

use std::fs;

use jiku_tests::office::office;

#[test]
fn a_file_is_seen_checked_and_taken_in() {
    let office = office();
    let path = office.folder().join("residents.csv");
    fs::write(&path, "编号,姓名,性别,出生日期,联系电话,备注\nB1,欧阳试验,男,19850512,13800000001,a\nB2,上官试验,女,19900307,13800000002,b\n,无主键,女,1990,,c\nB4,司徒试验,男,19770101,,d\nB5,诸葛试验,女,1966-06-06,,e\n").expect("a file");
    office.visit("surveyor", |browser| {
        browser.click("a[href='/import']");
        browser.fill("#file", path.to_str().expect("a UTF-8 path"));
        browser.see("欧阳试验");
        assert_eq!(
            browser.script("return [...document.querySelectorAll('.preview select')].map((one) => one.value).join()", &[]),
            "source_key,name,sex,birth_date,phone,"
        );
        browser.fill("#source", "minzheng");
        browser.shoot("columns");
        browser.click("#check");
        browser.see("5 rows: 4 fit, 1 would be rejected");
        browser.see("source_key");
        browser.shoot("checked");
        browser.click("#start");
        browser.see("The import is done: 5 rows.");
        assert!(browser.text("#result").contains("Download the rejected rows"));
        browser.shoot("done");
        browser.click("#start");
        browser.see("The import is done: 5 rows.");
        browser.go("/import");
        browser.see("residents.csv");
    });
}

#[test]
fn a_list_is_matched_and_can_be_taken_along() {
    let office = office();
    let path = office.folder().join("list.csv");
    fs::write(&path, "姓名,出生日期\n欧阳无此人,19010101\n").expect("a file");
    office.visit("steward", |browser| {
        browser.go("/match");
        browser.fill("#file", path.to_str().expect("a UTF-8 path"));
        browser.see("欧阳无此人");
        // The page's policy lets nobody read an address of memory, so the file is caught where it is made.
        let catch = "const old = URL.createObjectURL; URL.createObjectURL = (blob) => { window.made = blob; return old.call(URL, blob); }; return 1";
        assert_eq!(browser.script(catch, &[]), 1);
        browser.click("#start");
        browser.see("Done: 1 rows.");
        let _ = browser.find("a#take[download='list-matched.csv']");
        let text = browser.script("return window.made.text()", &[]);
        assert!(text.as_str().unwrap_or_default().contains("欧阳无此人,19010101,none,"), "{text}");
        browser.shoot("matched");
    });
}
