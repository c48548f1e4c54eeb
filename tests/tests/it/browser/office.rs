//! Does the data office find its figures, and each role its pages and no other's?

use jiku_tests::binary::repository;
use jiku_tests::office::{PASSWORD, office};
use serde_json::json;

use super::stewardship::{person, send};

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
        let id = address.as_str().and_then(|address| address.split('/').nth(2)).expect("an id").to_owned();
        browser.replace("input[name=text]", &id);
        browser.click("button[value=search]");
        browser.wait_until("only that entity's changes", || browser.all(&format!("tbody a:not([href*='{id}'])")).is_empty());
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

#[test]
fn a_user_is_limited_to_a_city_and_the_data_office_registers_a_purpose() {
    office().visit("security", |browser| {
        browser.go("/office/accounts/guard");
        browser.fill("input[name=divisions]", "44");
        browser.fill("input[name=daily_persons]", "1500");
        browser.click("button[value=limits]");
        browser.wait_until("the limits", || {
            browser.script("return document.querySelector('input[name=divisions]')?.defaultValue ?? ''", &[]) == "44"
        });
        browser.shoot("limits");
        browser.replace("input[name=divisions]", " ");
        browser.click("button[value=limits]");
        browser.go("/office/accounts");
        browser.see("limited");
    });
    office().visit("office", |browser| {
        browser.go("/office/purposes");
        browser.fill("form.card input[name=code]", "flood-relief");
        browser.fill("form.card input[name=title]", "防汛救灾");
        browser.click("button[value=put]");
        browser.see("防汛救灾");
        browser.shoot("purposes");
        browser.click("tr:has(input[value=flood-relief]) button[value=delete]");
        browser.wait_until("it is gone", || browser.all("input[value=flood-relief]").is_empty());
    });
}

/// The six digits of a secret now, as an authenticator shows them (RFC 6238).
/// `arguments[1]` seconds from now.
const CODE: &str = "
    const bits = [...arguments[0]].filter((letter) => letter !== ' ').map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
    const secret = Uint8Array.from(bits.match(/.{8}/g), (byte) => parseInt(byte, 2));
    const step = new DataView(new ArrayBuffer(8));
    step.setUint32(4, Math.floor((Date.now() / 1000 + arguments[1]) / 30));
    return crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-1' }, false, ['sign'])
        .then((key) => crypto.subtle.sign('HMAC', key, step.buffer))
        .then((mac) => { const view = new DataView(mac); return String((view.getUint32(view.getUint8(19) & 15) & 0x7fffffff) % 1e6).padStart(6, '0'); })";

#[test]
fn somebody_sets_up_a_second_factor_and_the_security_administrator_takes_it_away() {
    office().visit("guard", |browser| {
        browser.click(".who");
        browser.see("not in use");
        browser.click("button[value=begin]");
        let secret = browser.text("#secret");
        browser.fill("input[name=code]", "000000");
        browser.click("button[value=confirm]");
        browser.see("nothing is set up yet");
        assert_eq!(browser.text("#secret"), secret, "the same secret can be tried again");
        browser.shoot("enrolment");
        let code = browser.script(CODE, &[json!(secret), json!(0)]);
        browser.fill("input[name=code]", code.as_str().expect("six digits"));
        browser.click("button[value=confirm]");
        browser.see("in use");
        browser.shoot("in-use");
        browser.click(".me form button");
        browser.wait_until("the sign-in page", || browser.place() == "/sign-in" && !browser.all("input[name=code]").is_empty());
        // A code holds once; a clock may be half a minute off, so the next one is as good.
        let next = browser.script(CODE, &[json!(secret), json!(30)]);
        browser.fill("input[name=name]", "guard");
        browser.fill("input[name=password]", PASSWORD);
        browser.fill("input[name=code]", next.as_str().expect("six digits"));
        browser.click("main form button");
        browser.wait_until("the first page", || browser.place() == "/");
    });
    office().visit("security", |browser| {
        browser.go("/office/accounts/guard");
        browser.click("button[value=reset]");
        browser.see("Not in use");
    });
}

#[test]
fn the_data_office_puts_other_thresholds_into_use_and_takes_them_back() {
    office().visit("office", |browser| {
        browser.go("/models?kind=parcel");
        let name = browser.text("h1");
        let link = browser.script("return document.querySelector('input[name=link]').value", &[]);
        let link: f64 = link.as_str().and_then(|text| text.parse().ok()).expect("a threshold");
        for (there, reason) in [(link + 1.0, "a trial"), (link, "the trial is over")] {
            let before = browser.text("h1");
            browser.replace("input[name=link]", &there.to_string());
            browser.click("form:has(input[name=link]) button");
            browser.see("groups put together anew");
            browser.fill("input[name=comment]", reason);
            browser.shoot("apply");
            browser.click("form[method=post][action='/models'] button");
            browser.wait_until("the next version", || browser.place() == "/models?kind=parcel" && browser.text("h1") != before);
        }
        assert_ne!(browser.text("h1"), name, "history is added to");

        // A model file, pasted as well as chosen; then the version before it again.
        let file = std::fs::read_to_string(repository().join("crates/parcel/model.toml")).expect("the model");
        let before = browser.text("h1");
        let paste = "document.getElementById('model').value = arguments[0]; return 1";
        assert_eq!(browser.script(paste, &[json!(file.replace("link = 8.0", "link = 9.5"))]), 1);
        browser.click("form:has(#model) button[value=preview]");
        browser.see("Put this model file into use");
        browser.shoot("model-file");
        browser.fill("input[name=comment]", "a file");
        browser.click("button[value=apply]");
        browser.wait_until("the file's version", || browser.place() == "/models?kind=parcel" && browser.text("h1") != before);
        let with_file = browser.text("h1");
        browser.click("tr:nth-child(2) button[value=preview]");
        browser.see("into use again");
        browser.fill("input[name=comment]", "back");
        browser.click("button[value=apply]");
        browser.wait_until("the version before", || browser.place() == "/models?kind=parcel" && browser.text("h1") != with_file);
    });
}

#[test]
fn an_emergency_is_asked_for_used_and_looked_at_by_the_auditor() {
    let mut entity = String::new();
    office().visit("steward", |browser| entity = send(browser, &person("jijiu", "1", "扁鹊", "19710101")));
    office().visit("security", |browser| {
        browser.go("/office/accounts/doctor");
        browser.fill("input[name=divisions]", "11");
        browser.click("input[name=emergency]");
        browser.click("button[value=limits]");
        browser.wait_until("the limits", || !browser.all("input[name=emergency][checked]").is_empty());
    });
    office().visit("doctor", |browser| {
        assert!(browser.all(".urgent").is_empty());
        browser.click("footer a[href='/emergency']");
        browser.fill("textarea[name=reason]", "unconscious after an accident, relatives needed");
        browser.fill("input[name=person]", &entity);
        browser.shoot("asked");
        browser.click("button[value=begin]");
        browser.see("扁鹊");
        browser.see("an auditor looks at every reading");
        browser.shoot("entered");
        browser.click("button[value=leave]");
        browser.wait_until("their own rights", || browser.place() == "/" && browser.all(".urgent").is_empty());
    });
    office().visit("auditor", |browser| {
        browser.go("/office/emergencies");
        browser.see("unconscious after an accident");
        let over = "return fetch('/api/v1/emergencies').then((answer) => answer.json()).then(({ items }) => new Date(items[0].ends_at) <= new Date())";
        assert_eq!(browser.script(over, &[]), true, "what was left is over on the server, half an hour before its time");
        browser.fill("input[name=finding]", "the ward confirms it");
        browser.click("tbody form button");
        browser.wait_until("the finding", || browser.text("tbody").contains("the ward confirms it"));
        browser.shoot("reviewed");
        browser.go("/office/access");
        browser.fill("input[name=id]", &entity);
        browser.click("main form button");
        browser.see("emergency");
        browser.see("Download all of it");
        browser.shoot("report");
    });
}
