//! Does the data office find its figures, and each role its pages and no other's?

use jiku_tests::office::office;

#[test]
fn the_data_office_reads_quality_and_sets_trust() {
    office().visit("office", |browser| {
        browser.go("/office");
        browser.see("Data quality");
        browser.click("tbody th a");
        browser.see("what was found");
        browser.shoot("quality");
        browser.click("a[href='/office/sources']");
        browser.replace("tbody tr:first-child input[name=trust]", "61");
        browser.click("tbody tr:first-child button");
        browser.wait_until("the new trust", || {
            browser.script("return document.querySelector('tbody tr:first-child input[name=trust]')?.defaultValue ?? ''", &[]) == "61"
        });
        browser.shoot("sources");
        assert!(browser.all("a[href='/office/audit']").is_empty(), "the traces are the auditor's");
    });
}

#[test]
fn an_auditor_searches_the_log_and_sees_the_chain_is_whole() {
    office().visit("auditor", |browser| {
        browser.go("/office/audit");
        browser.see("Newest position");
        browser.click("button[value=verify]");
        browser.see("The chain is whole");
        browser.shoot("chain");
        let address = browser.script("return document.querySelector('tbody tr td:last-child a').getAttribute('href')", &[]);
        let id = address.as_str().and_then(|address| address.rsplit('/').next()).expect("an id").to_owned();
        browser.replace("input[name=text]", &id);
        browser.click("button[value=search]");
        browser.wait_until("only that entity's changes", || browser.all(&format!("tbody a:not([href$='{id}'])")).is_empty());
        let kind = if address.as_str().is_some_and(|address| address.starts_with("/persons")) { "person" } else { "parcel" };
        browser.go("/office/access");
        browser.fill("select[name=kind]", if kind == "person" { "Person" } else { "Parcel" });
        browser.fill("input[name=id]", &id);
        browser.click("main form button");
        browser.wait_until("the report", || browser.script("return document.querySelector('main form') !== null", &[]) == true);
        browser.shoot("access");
    });
}

#[test]
fn a_security_administrator_makes_a_user_and_a_key_and_ends_both() {
    office().visit("security", |browser| {
        browser.go("/office/accounts");
        browser.see("surveyor");
        browser.fill("form:has(button[value=user]) input[name=name]", "newcomer");
        browser.fill("form:has(button[value=user]) input[name=department]", "税务局");
        browser.fill("form:has(button[value=user]) input[name=password]", "a long password 2");
        browser.click("form:has(button[value=user]) input[name=reader]");
        browser.click("button[value=user]");
        browser.see("newcomer");
        browser.fill("form:has(button[value=key]) input[name=name]", "tax-system");
        browser.fill("form:has(button[value=key]) input[name=department]", "税务局");
        browser.click("form:has(button[value=key]) input[name=reader]");
        browser.click("button[value=key]");
        browser.see("The new key; copy it now");
        browser.shoot("key");
        browser.click("tr:has(input[value=newcomer]) button[value=disable]");
        browser.wait_until("kept out", || !browser.all("tr:has(input[value=newcomer]) button[value=enable]").is_empty());
        browser.click("button[value=revoke]");
        browser.see("revoked");
    });
}
