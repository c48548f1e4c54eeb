//! Are tokens of an identity provider believed when they are good, and only then?

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiku_registry::{Actor, Limits, NewUser, Options, Registry, Role, Sources};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::service::{PASSWORD, Service, identity_number};

const ISSUER: &str = "https://id.example.gov.cn/realms/province";

/// An identity provider with a key of each of two kinds, and where its files are.
struct Provider {
    folder: TempDir,
    ed: Ed25519KeyPair,
    ec: EcdsaKeyPair,
}

fn text(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

impl Provider {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let settings = format!(
            "issuer = \"{ISSUER}\"\naudience = \"jiku\"\njwks = \"keys.json\"\nalgorithms = [\"EdDSA\", \"ES256\"]\n\
             [claims]\nroles = \"realm_access.roles\"\n[roles]\nbase-reader = \"reader\"\nbase-steward = \"steward\"\nbase-audit = \"auditor\"\n"
        );
        fs::write(folder.path().join("oidc.toml"), settings).expect("written");
        let (ed, ec) = keys();
        let provider = Self { folder, ed, ec };
        provider.publish();
        provider
    }

    fn settings(&self) -> PathBuf {
        self.folder.path().join("oidc.toml")
    }

    fn publish(&self) {
        let point = self.ec.public_key().as_ref();
        let keys = json!({ "keys": [
            { "kty": "OKP", "crv": "Ed25519", "kid": "ed", "use": "sig", "x": text(self.ed.public_key().as_ref()) },
            { "kty": "EC", "crv": "P-256", "kid": "ec", "alg": "ES256", "x": text(&point[1..33]), "y": text(&point[33..]) },
            { "kty": "oct", "kid": "shared", "k": "c2VjcmV0" },
        ]});
        fs::write(self.folder.path().join("keys.json"), keys.to_string()).expect("written");
    }

    fn sign(&self, head: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", text(head.to_string().as_bytes()), text(claims.to_string().as_bytes()));
        let signature = if head["alg"] == "ES256" {
            self.ec.sign(&SystemRandom::new(), signed.as_bytes()).expect("signed").as_ref().to_vec()
        } else {
            self.ed.sign(signed.as_bytes()).as_ref().to_vec()
        };
        format!("{signed}.{}", text(&signature))
    }

    fn good(&self, roles: &[&str]) -> String {
        self.sign(&head("EdDSA", "ed"), &claims(roles))
    }
}

fn keys() -> (Ed25519KeyPair, EcdsaKeyPair) {
    let random = SystemRandom::new();
    let ed = Ed25519KeyPair::generate_pkcs8(&random).expect("a key");
    let ec = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a key");
    let ec = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, ec.as_ref(), &random).expect("a key");
    (Ed25519KeyPair::from_pkcs8(ed.as_ref()).expect("a key"), ec)
}

fn head(algorithm: &str, kid: &str) -> Value {
    json!({ "alg": algorithm, "kid": kid, "typ": "JWT" })
}

fn claims(roles: &[&str]) -> Value {
    let now = chrono::Utc::now().timestamp();
    json!({ "iss": ISSUER, "aud": ["account", "jiku"], "sub": "lin", "department": "health", "iat": now, "nbf": now, "exp": now + 300,
        "realm_access": { "roles": roles } })
}

/// With another claim, or without one.
fn but(name: &str, value: Value) -> Value {
    let mut claims = claims(&["base-reader"]);
    let object = claims.as_object_mut().expect("an object");
    if value.is_null() {
        object.remove(name);
    } else {
        object.insert(name.to_owned(), value);
    }
    claims
}

#[test]
fn a_good_token_speaks_for_whom_it_names_and_a_bad_one_for_nobody() {
    let provider = Provider::new();
    let service = Service::trusting(&provider.settings());
    let with = |token: &str| service.stranger().with("Authorization", &format!("Bearer {token}"));
    let who = with(&provider.good(&["base-reader", "offline_access"])).get("/api/v1/sessions/current").expect(200);
    assert_eq!((&who["principal"], &who["department"], &who["roles"]), (&json!("lin"), &json!("health"), &json!(["reader"])));
    let by_ec = provider.sign(&head("ES256", "ec"), &claims(&["base-steward"]));
    assert_eq!(with(&by_ec).get("/api/v1/sessions/current").expect(200)["roles"], json!(["steward"]));
    assert_eq!(
        with(&provider.sign(&json!({ "alg": "EdDSA" }), &claims(&["base-reader"]))).get("/api/v1/stats").status,
        200,
        "one key fits"
    );
    for typ in ["at+jwt", "application/at+jwt"] {
        let token = provider.sign(&json!({ "alg": "EdDSA", "kid": "ed", "typ": typ }), &claims(&["base-reader"]));
        assert_eq!(with(&token).get("/api/v1/stats").status, 200, "{typ}");
    }

    let now = chrono::Utc::now().timestamp();
    let usual = claims(&["base-reader"]);
    let signed = |head: Value| provider.sign(&head, &usual);
    let stated = |claims: Value| provider.sign(&head("EdDSA", "ed"), &claims);
    let good = provider.good(&["base-reader"]);
    let (unsigned, signature) = good.rsplit_once('.').expect("three parts");
    let (first, rest) = good.split_once('.').expect("three parts");
    let stranger = Provider::new();
    let mut bad: Vec<(&str, String)> = vec![
        ("none", format!("{}.{}.", text(br#"{"alg":"none"}"#), text(usual.to_string().as_bytes()))),
        ("None", format!("{}.{}.", text(br#"{"alg":"None"}"#), text(usual.to_string().as_bytes()))),
        ("none, but signed", signed(head("none", "ed"))),
        ("a shared secret", signed(head("HS256", "shared"))),
        ("the public key as a shared secret", signed(head("HS256", "ed"))),
        ("an algorithm that is not on the list", signed(head("RS256", "ed"))),
        ("an algorithm of another key", signed(head("ES256", "ed"))),
        ("the other way round", signed(head("EdDSA", "ec"))),
        ("no algorithm", signed(json!({ "kid": "ed" }))),
        ("an algorithm that is no text", signed(json!({ "alg": ["EdDSA"], "kid": "ed" }))),
        ("an unknown key", signed(head("EdDSA", "other"))),
        ("a path as a key", signed(head("EdDSA", "../../etc/passwd"))),
        ("no key named by an empty name", signed(head("EdDSA", ""))),
        ("a key of its own", signed(json!({ "alg": "EdDSA", "kid": "ed", "jwk": { "kty": "OKP" } }))),
        ("an address of keys", signed(json!({ "alg": "EdDSA", "kid": "ed", "jku": "https://evil.example/keys" }))),
        ("a certificate of its own", signed(json!({ "alg": "EdDSA", "kid": "ed", "x5c": ["AA"] }))),
        ("an address of a certificate", signed(json!({ "alg": "EdDSA", "kid": "ed", "x5u": "https://evil.example" }))),
        ("an extension that must be known", signed(json!({ "alg": "EdDSA", "kid": "ed", "crit": ["b64"], "b64": false }))),
        ("another type", signed(json!({ "alg": "EdDSA", "kid": "ed", "typ": "logout+jwt" }))),
        ("another provider's signature", stranger.good(&["base-reader"])),
        ("another issuer", stated(but("iss", json!("https://id.example.gov.cn")))),
        ("no issuer", stated(but("iss", Value::Null))),
        ("another audience", stated(but("aud", json!("jiku-test")))),
        ("another list of audiences", stated(but("aud", json!(["account"])))),
        ("no audience", stated(but("aud", Value::Null))),
        ("over", stated(but("exp", json!(now - 61)))),
        ("no end", stated(but("exp", Value::Null))),
        ("an end that is no number", stated(but("exp", json!("tomorrow")))),
        ("a life of eleven minutes", stated(but("exp", json!(now + 660)))),
        ("not yet", stated(but("nbf", json!(now + 120)))),
        ("of the future", stated(but("iat", json!(now + 120)))),
        ("no beginning", stated(but("iat", Value::Null))),
        ("nobody", stated(but("sub", Value::Null))),
        ("an empty name", stated(but("sub", json!("")))),
        ("a name with a line break", stated(but("sub", json!("lin\nadmin")))),
        ("no department", stated(but("department", Value::Null))),
        ("divisions that are none", stated(but("divisions", json!(["44x"])))),
        ("divisions as numbers", stated(but("divisions", json!([4401, 11])))),
        ("a division as a number", stated(but("divisions", json!(4401)))),
        ("divisions of which one is a number", stated(but("divisions", json!(["4401", 11])))),
        ("divisions in an object", stated(but("divisions", json!({ "code": "4401" })))),
        ("an empty list of divisions", stated(but("divisions", json!([])))),
        ("an empty text of divisions", stated(but("divisions", json!(" ")))),
        ("an administrator who reads", stated(claims(&["base-reader", "base-audit"]))),
        ("cut off", unsigned.to_owned()),
        ("without a signature", format!("{unsigned}.")),
        ("a part too many", format!("{good}.{signature}")),
        ("padded", format!("{good}=")),
        ("another head over the same signature", format!("{}.{rest}", text(br#"{"alg":"EdDSA","kid":"ed","typ":"JWT","a":1}"#))),
        ("claims that are no object", format!("{first}.{}.{signature}", text(b"[]"))),
        ("very long", stated(but("filler", json!("x".repeat(7000))))),
    ];
    let mut bent = good.clone();
    bent.replace_range(first.len() + 3..first.len() + 4, if &bent[first.len() + 3..first.len() + 4] == "a" { "b" } else { "a" });
    bad.push(("one letter of the claims", bent));
    for (what, token) in &bad {
        let answer = with(token).get("/api/v1/stats");
        assert_eq!((answer.status, answer.problem().as_str()), (401, "token-invalid"), "B91 {what}: {}", answer.text);
        assert!(!answer.text.contains("detail"), "no reason is given: {}", answer.text);
    }
    assert!(bad.len() >= 40);
    // Where no provider is named, the same token is nobody's.
    let plain = Service::sqlite();
    assert_eq!(plain.stranger().with("Authorization", &format!("Bearer {good}")).get("/api/v1/stats").problem(), "token-invalid");
}

#[test]
fn what_is_known_here_of_an_account_holds_for_its_tokens() {
    let provider = Provider::new();
    let service = Service::trusting(&provider.settings());
    let [inside, outside] = [("1", "44010619700101101", "440106"), ("2", "44030519750202102", "440305")].map(|(key, first, division)| {
        let number = identity_number(first);
        let record = json!({ "source": "gongan", "source_key": key, "name": "诸葛明", "id_number": number, "division": division });
        service.caller(&[Role::Source]).post("/api/v1/persons/records", &record).expect(200)["entity"].as_str().expect("an id").to_owned()
    });
    let token = |claims: &Value| provider.sign(&head("EdDSA", "ed"), claims);
    let ask = |token: &str, id: &str| {
        let caller = service.stranger().with("Authorization", &format!("Bearer {token}")).with("Purpose-Of-Use", "test");
        caller.get(&format!("/api/v1/persons/{id}")).status
    };
    let scoped = token(&but("divisions", json!("4401 11")));
    assert_eq!((ask(&scoped, &inside), ask(&scoped, &outside)), (200, 404), "divisions of the token");
    let operator = Actor::operator("test");
    let user = NewUser {
        name: "lin".to_owned(),
        department: "elsewhere".to_owned(),
        roles: vec![Role::Steward],
        password: PASSWORD.to_owned(),
        staff_number: None,
        sources: Sources::default(),
    };
    service.registry.create_user(&operator, &user).expect("a user");
    service.registry.set_limits(&operator, "lin", &Limits { divisions: vec!["4403".to_owned()], ..Limits::default() }).expect("limits");
    let plain = token(&but("jti", json!("another token")));
    assert_eq!((ask(&plain, &inside), ask(&plain, &outside)), (404, 200), "limits of the account");
    let both = token(&but("divisions", json!(["4401"])));
    assert_eq!((ask(&both, &inside), ask(&both, &outside)), (404, 404), "neither widens the other");
    service.registry.enable_principal(&operator, "lin", false).expect("kept out");
    assert_eq!(ask(&token(&but("jti", json!("a third"))), &outside), 401, "an account that is kept out");
}

/// One human may have two accounts at the provider, and nothing here tells them apart.
#[test]
fn who_is_known_by_tokens_alone_is_nobodys_second_pair_of_hands() {
    let provider = Provider::new();
    let service = Service::trusting(&provider.settings());
    let ids: Vec<String> = [("1", "司马相如", "1981-01-01"), ("2", "诸葛孔明", "1972-02-02")]
        .map(|(key, name, born)| {
            let record = json!({ "source": "gongan", "source_key": key, "name": name, "birth_date": born });
            service.caller(&[Role::Source]).post("/api/v1/persons/records", &record).expect(200)["entity"]
                .as_str()
                .expect("an id")
                .to_owned()
        })
        .into();
    let by_token = |name: &str| {
        let mut claims = claims(&["base-steward", "base-reader"]);
        claims["sub"] = json!(name);
        let token = provider.sign(&head("EdDSA", "ed"), &claims);
        service.stranger().with("Authorization", &format!("Bearer {token}")).with("Purpose-Of-Use", "test")
    };
    let (lin, again) = (by_token("lin"), by_token("lin.private"));
    let key = service.caller_of("north", &[Role::Steward, Role::Reader]);
    let propose = || {
        let tags = format!("\"{}.1\", \"{}.1\"", ids[0], ids[1]);
        let made = lin.clone().with("If-Match", &tags).post("/api/v1/persons/proposals", &json!({ "entities": ids })).expect(201);
        format!("/api/v1/proposals/{}/approval", made["id"].as_str().expect("an id"))
    };
    let approval = propose();
    for (who, caller) in [("the same", &lin), ("perhaps the same", &again), ("with an account, and who proposed has none", &key)] {
        let refused = caller.post(&approval, &json!({}));
        assert_eq!((refused.status, refused.problem().as_str()), (403, "separation-of-duties"), "{who}: {}", refused.text);
    }
    let operator = Actor::operator("test");
    let account = |name: &str, number: &str| {
        let user = NewUser {
            name: name.to_owned(),
            department: "health".to_owned(),
            roles: vec![Role::Steward],
            password: PASSWORD.to_owned(),
            staff_number: Some(number.to_owned()),
            sources: Sources::default(),
        };
        service.registry.create_user(&operator, &user).expect("a user");
    };
    account("lin", "7001");
    account("lin.private", "7001");
    assert_eq!(again.post(&approval, &json!({})).problem(), "separation-of-duties", "one human");
    account("wu", "7002");
    by_token("wu").post(&approval, &json!({})).expect(200);
}

#[test]
fn keys_roll_over_while_the_service_runs() {
    let mut provider = Provider::new();
    let folder = tempfile::tempdir().expect("a folder");
    let database = format!("sqlite://{}", folder.path().join("base.db").display());
    let registry = Registry::open(Options { oidc: Some(provider.settings()), ..Options::new(database) }).expect("it opens");
    let before = provider.good(&["base-reader"]);
    registry.authenticate(&before).expect("the first key");
    (provider.ed, provider.ec) = keys();
    let after = provider.good(&["base-reader"]);
    assert!(registry.authenticate(&after).is_err(), "a key that is not published");
    fs::write(provider.folder.path().join("keys.json"), "not JSON").expect("written");
    std::thread::sleep(Duration::from_millis(2_100));
    registry.authenticate(&provider_token_again(&before)).expect_err("no such token");
    registry.authenticate(&before).expect("a file that cannot be read leaves the former keys");
    provider.publish();
    let begun = Instant::now();
    while registry.authenticate(&after).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(30), "the new key is taken over");
        std::thread::sleep(Duration::from_millis(200));
    }
    std::thread::sleep(Duration::from_millis(2_100));
    assert!(registry.authenticate(&before).is_err(), "and the former one is gone");
}

/// The same token with another ending.
fn provider_token_again(token: &str) -> String {
    format!("{}AAAA", &token[..token.len() - 4])
}

#[test]
fn settings_that_cannot_hold_are_refused_at_the_start() {
    let provider = Provider::new();
    let good = fs::read_to_string(provider.settings()).expect("read");
    let folder = tempfile::tempdir().expect("a folder");
    let database = format!("sqlite://{}", folder.path().join("base.db").display());
    for (what, settings) in [
        ("an algorithm with a shared secret", good.replace("EdDSA", "HS256")),
        ("none", good.replace("EdDSA", "none")),
        ("an unknown role", good.replace("\"steward\"", "\"emperor\"")),
        ("no audience", good.replace("audience = \"jiku\"\n", "")),
        ("a word that is not known", format!("verify = false\n{good}")),
        ("no keys", good.replace("keys.json", "nowhere.json")),
    ] {
        fs::write(provider.settings(), settings).expect("written");
        let refused = Registry::open(Options { oidc: Some(provider.settings()), ..Options::new(&*database) });
        let message = refused.err().expect(what).to_string();
        assert!(message.contains("identity provider"), "{what}: {message}");
    }
}
