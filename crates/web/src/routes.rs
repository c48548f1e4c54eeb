//! Which addresses are there, who may call them, and what answers?

use actix_web::dev::HttpServiceFactory;
use actix_web::guard;
use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::{Route, web};

use crate::console::pages::office::{
    access as office_access, accounts as office_accounts, acts as office_acts, alarms as office_alarms, audit as office_audit,
    emergencies as office_emergencies, exports as office_exports, principal as office_principal, purposes as office_purposes,
    quality as office_quality, sources as office_sources,
};
use crate::console::pages::{
    account as account_page, assignment as assignment_page, decisions as decisions_page, emergency as emergency_page, files as files_page,
    history as history_page, home as home_page, language as language_page, map as map_page, merge as merge_page, models as models_page,
    proposals as proposals_page, readers as readers_page, record as record_page, review as review_page, reviews as reviews_page,
    search as search_page, session as session_page, set_value as set_value_page, split as split_page, survivorship as survivorship_page,
    why as why_page,
};
use crate::console::{assets, modules, vendor};
use crate::gate::{gate, no_route};
use crate::handlers::{
    alarms, cadastre, changes, decisions, docs, emergencies, entities, exports, health, jobs, matching, minimal, models, overrides,
    parcels, preview, proposals, quality, records, resolve, reviews, rights, search, sessions, sources, stats, survivorship,
};
use crate::ogc::{about, collections, edits, items, styles, tiles};
use crate::permission::{Personal, Right};

/// Who an address speaks to, and in which media types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Face {
    /// Programs, in JSON.
    Json,
    /// Programs, in JSON or GeoJSON.
    Features,
    /// Programs, in CSV or lines of JSON.
    Lists,
    /// Programs, in server-sent events.
    Events,
    /// Programs, in lines of text or JSON.
    Text,
    /// Browsers, whatever the file is.
    File,
    /// GIS programs and browsers, each in its own form.
    Map,
    /// People, in HTML: recognised by the session cookie.
    Page,
}

impl Face {
    /// The media types it answers in.
    #[must_use]
    pub const fn media_types(self) -> &'static [&'static str] {
        match self {
            Self::Json => &["application/json", "application/problem+json"],
            Self::Features => &["application/json", "application/geo+json", "application/problem+json"],
            Self::Lists => &["text/csv", "application/x-ndjson", "application/problem+json"],
            Self::Events => &["text/event-stream"],
            Self::Text => &["text/plain", "application/x-ndjson", "application/json"],
            Self::File => &["*/*", "text/html", "text/css", "text/javascript", "image/svg+xml", "image/png", "application/json"],
            Self::Map => &[
                "application/json",
                "application/geo+json",
                "text/html",
                "application/vnd.oai.openapi+json",
                "application/schema+json",
                "application/vnd.mapbox-vector-tile",
                "application/x-protobuf",
                "application/vnd.mapbox.style+json",
                "application/problem+json",
            ],
            Self::Page => &["text/html"],
        }
    }
}

/// The routes of what takes two people: a key of the role is refused there with `separation-of-duties`, whether it asks or approves.
pub const PEOPLE_ALONE: [(&str, &str); 4] = [
    ("POST", "/api/v1/{kind}/proposals"),
    ("POST", "/api/v1/proposals/{id}/approval"),
    ("POST", "/api/v1/exports"),
    ("POST", "/api/v1/exports/{id}/approval"),
];

/// A row of the route table.
#[derive(Debug)]
pub struct Entry {
    /// The method; GET also answers HEAD.
    pub method: &'static str,
    /// The path with its variables in braces.
    pub path: &'static str,
    /// What the caller must be allowed to do.
    pub right: Right,
    /// Whether personal data is shown, so that a purpose of use is needed.
    pub personal: Personal,
    /// In which form it answers.
    pub face: Face,
}

macro_rules! routes {
    (
        described { $($method:ident $path:literal $right:ident $personal:ident $face:ident => $module:ident :: $handler:ident;)* }
        maps { $($map_method:ident $map_path:literal $map_right:ident => $map_module:ident :: $map_handler:ident;)* }
        plain { $($plain_method:ident $plain_path:literal $plain_right:ident $plain_personal:ident $plain_face:ident => $plain_module:ident :: $plain_handler:ident;)* }
    ) => {
        /// Every route, in the order in which they are tried.
        pub static ROUTES: &[Entry] = &[
            $(Entry { method: stringify!($method), path: $path, right: Right::$right, personal: Personal::$personal, face: Face::$face },)*
            $(Entry { method: stringify!($map_method), path: $map_path, right: Right::$map_right, personal: Personal::No, face: Face::Map },)*
            $(Entry { method: stringify!($plain_method), path: $plain_path, right: Right::$plain_right, personal: Personal::$plain_personal, face: Face::$plain_face },)*
        ];

        /// The description of the described ones.
        #[derive(utoipa::OpenApi)]
        #[openapi(paths($($module::$handler),*))]
        pub(crate) struct Described;

        /// Puts every route behind its gate.
        pub(crate) fn configure(config: &mut web::ServiceConfig) {
            let mut maps = rows(|entry| entry.face == Face::Map);
            let mut others = rows(|entry| entry.face != Face::Map);
            // A scope of their own, tried first: a map asks often, and for little.
            let scope = web::scope(OGC)$(.service(behind_gate(&mut maps, web::to($map_module::$map_handler))))*;
            config.service(scope.default_service(web::to(no_route)));
            $(config.service(behind_gate(&mut others, web::to($module::$handler)));)*
            $(config.service(behind_gate(&mut others, web::to($plain_module::$plain_handler)));)*
        }
    };
}

routes! {
    described {
//  method path                                                   right      personal  face         handler
    // What departments ask all day long is tried first, with those whose paths the golden record's would take.
    POST   "/api/v1/{kind}/resolve"                               Resolve    OfPersons Json      => resolve::resolve;
    GET    "/api/v1/changes/stream"                               Follow     No        Events    => changes::follow;
    GET    "/api/v1/jobs/{id}"                                    Follow     No        Json      => jobs::one;
    GET    "/api/v1/models/{kind}"                                SeeReviews No        Json      => models::one;
    GET    "/api/v1/proposals/{id}"                               SeeReviews No        Json      => proposals::one;
    GET    "/api/v1/reviews/{id}"                                 SeeReviews Always    Json      => reviews::one;
    GET    "/api/v1/sessions/current"                             SignedIn   No        Json      => sessions::current;
    GET    "/api/v1/survivorship/{kind}"                          SeeReviews No        Json      => survivorship::one;
    GET    "/api/v1/usage/current"                                SignedIn   No        Json      => rights::own_usage;
    GET    "/api/v1/{kind}/{id}"                                  Read       OfPersons Json      => entities::find;
    GET    "/api/v1/changes"                                      Follow     No        Json      => changes::list;
    GET    "/api/v1/jobs"                                         Follow     No        Json      => jobs::list;
    GET    "/api/v1/jobs/{id}/rejections"                         Submit     Always    Text      => jobs::rejections;
    PUT    "/api/v1/models/{kind}"                                Models     No        Json      => models::apply;
    POST   "/api/v1/models/{kind}/preview"                        SeeReviews No        Json      => models::preview;
    POST   "/api/v1/models/{kind}/redo"                           Models     No        Json      => models::redo;
    PUT    "/api/v1/survivorship/{kind}"                          Models     No        Json      => survivorship::apply;
    POST   "/api/v1/survivorship/{kind}/preview"                  SeeReviews OfPersons Json      => survivorship::preview;
    GET    "/api/v1/survivorship/{kind}/toml"                     SeeReviews No        Text      => survivorship::toml;
    GET    "/api/v1/proposals"                                    SeeReviews No        Json      => proposals::list;
    POST   "/api/v1/proposals/{id}/approval"                      Steward    Always    Json      => proposals::approve;
    POST   "/api/v1/proposals/{id}/refusal"                       Steward    No        Json      => proposals::refuse;
    GET    "/api/v1/quality"                                      Follow     No        Json      => quality::quality;
    GET    "/api/v1/reviews"                                      SeeReviews Always    Json      => reviews::list;
    POST   "/api/v1/reviews/{id}/judgement"                       Steward    Always    Json      => reviews::judge;
    PUT    "/api/v1/reviews/{id}/assignment"                      Steward    No        Json      => reviews::assign;
    POST   "/api/v1/sessions"                                     Open       No        Json      => sessions::sign_in;
    DELETE "/api/v1/sessions/current"                             SignedIn   No        Json      => sessions::sign_out;
    GET    "/api/v1/purposes"                                     SignedIn   No        Json      => rights::purposes;
    PUT    "/api/v1/purposes/{department}/{code}"                 Sources    No        Json      => rights::put_purpose;
    DELETE "/api/v1/purposes/{department}/{code}"                 Sources    No        Json      => rights::delete_purpose;
    GET    "/api/v1/usage"                                        Accounts   No        Json      => rights::usage;
    PUT    "/api/v1/principals/{name}/limits"                     Accounts   No        Json      => rights::set_limits;
    DELETE "/api/v1/principals/{name}/second-factor"              Accounts   No        Json      => rights::reset_second_factor;
    POST   "/api/v1/sessions/current/second-factor"               SignedIn   No        Json      => sessions::new_second_factor;
    PUT    "/api/v1/sessions/current/second-factor"               SignedIn   No        Json      => sessions::confirm_second_factor;
    POST   "/api/v1/emergencies"                                  Read       No        Json      => emergencies::begin;
    GET    "/api/v1/administration"                               Audit      No        Json      => alarms::acts;
    GET    "/api/v1/alarms"                                       Alarms     No        Json      => alarms::list;
    GET    "/api/v1/emergencies"                                  Audit      No        Json      => emergencies::list;
    POST   "/api/v1/emergencies/{id}/end"                         Read       No        Json      => emergencies::end;
    POST   "/api/v1/emergencies/{id}/review"                      Audit      No        Json      => emergencies::review;
    POST   "/api/v1/exports"                                      Export     Always    Json      => exports::ask;
    GET    "/api/v1/exports"                                      SeeExports No        Json      => exports::list;
    POST   "/api/v1/exports/{id}/approval"                        Accounts   No        Json      => exports::approve;
    POST   "/api/v1/exports/{id}/refusal"                         SeeExports No        Json      => exports::refuse;
    GET    "/api/v1/sources"                                      SignedIn   No        Json      => sources::list;
    PUT    "/api/v1/sources/{source}"                             Sources    No        Json      => sources::put;
    POST   "/api/v1/sources/{source}/{kind}/lookup"               Read       OfPersons Json      => entities::look_up;
    POST   "/api/v1/sources/{source}/{kind}/withdraw"             Submit     No        Json      => sources::withdraw_told;
    GET    "/api/v1/sources/{source}/{kind}/{key}"                Read       OfPersons Json      => entities::crosswalk;
    DELETE "/api/v1/sources/{source}/{kind}/{key}"                Submit     No        Json      => sources::withdraw;
    GET    "/api/v1/stats"                                        SignedIn   No        Json      => stats::stats;
    POST   "/api/v1/parcels/query"                                Read       No        Features  => parcels::query;
    POST   "/api/v1/parcels"                                      EditParcels No       Json      => cadastre::create;
    POST   "/api/v1/parcels/aggregate"                            Read       No        Json      => parcels::aggregate;
    POST   "/api/v1/parcels/validate"                             Read       No        Json      => cadastre::validate;
    POST   "/api/v1/parcels/unite"                                EditParcels No       Json      => cadastre::unite;
    POST   "/api/v1/parcels/adjust"                               EditParcels No       Json      => cadastre::adjust;
    POST   "/api/v1/parcels/undo"                                 EditParcels No       Json      => cadastre::undo;
    PUT    "/api/v1/parcels/{id}"                                 EditParcels No       Json      => cadastre::replace;
    PATCH  "/api/v1/parcels/{id}"                                 EditParcels No       Json      => cadastre::patch;
    DELETE "/api/v1/parcels/{id}"                                 EditParcels No       Json      => cadastre::retire;
    POST   "/api/v1/parcels/{id}/split"                           EditParcels No       Json      => cadastre::split;
    GET    "/api/v1/parcels/{id}/rights"                          Read       No        Json      => cadastre::rights;
    GET    "/api/v1/parcels/{id}/lineage"                         Read       No        Json      => cadastre::lineage;
    POST   "/api/v1/{kind}/same"                                  Verify     OfPersons Json      => minimal::same;
    POST   "/api/v1/{kind}/exists"                                Verify     OfPersons Json      => minimal::exists;
    POST   "/api/v1/{kind}/pseudonym"                             Verify     OfPersons Json      => minimal::pseudonym;
    POST   "/api/v1/{kind}/records"                               Submit     No        Json      => records::receive;
    POST   "/api/v1/{kind}/preview"                               Submit     No        Json      => preview::preview;
    POST   "/api/v1/{kind}/match"                                 Resolve    OfPersons Lists     => matching::match_list;
    POST   "/api/v1/{kind}/search"                                Read       OfPersons Json      => search::search;
    POST   "/api/v1/{kind}/merge"                                 Steward    OfPersons Json      => decisions::merge;
    POST   "/api/v1/{kind}/proposals"                             Steward    OfPersons Json      => proposals::propose;
    POST   "/api/v1/{kind}/unmerge"                               Steward    OfPersons Json      => decisions::unmerge;
    POST   "/api/v1/{kind}/split"                                 Steward    OfPersons Json      => decisions::split;
    GET    "/api/v1/persons/{id}/report"                          Audit      No        Json      => entities::report;
    GET    "/api/v1/{kind}/{id}/versions"                         Read       OfPersons Json      => entities::versions;
    GET    "/api/v1/{kind}/{id}/explain"                          Read       OfPersons Json      => entities::explain;
    GET    "/api/v1/{kind}/{id}/decisions"                        SeeReviews OfPersons Json      => entities::decisions;
    GET    "/api/v1/{kind}/{id}/access"                           Audit      No        Json      => entities::access;
    GET    "/api/v1/{kind}/{id}/overrides"                        SeeReviews OfPersons Json      => overrides::list;
    PUT    "/api/v1/{kind}/{id}/overrides/{column}"               Steward    OfPersons Json      => overrides::set;
    POST   "/api/v1/{kind}/{id}/overrides/{column}/release"       Steward    OfPersons Json      => overrides::release;
    GET    "/healthz"                                             Open       No        Json      => health::healthz;
    GET    "/readyz"                                              Open       No        Json      => health::readyz;
    GET    "/metrics"                                             Open       No        Text      => health::metrics;
    }
    maps {
    GET    "/ogc/collections/{collection}/items"                                Map  => items::list;
    GET    "/ogc/collections/{collection}/items/{id}"                           Map  => items::one;
    POST   "/ogc/collections/{collection}/items"                                EditParcels => edits::create;
    PUT    "/ogc/collections/{collection}/items/{id}"                           EditParcels => edits::replace;
    PATCH  "/ogc/collections/{collection}/items/{id}"                           EditParcels => edits::update;
    DELETE "/ogc/collections/{collection}/items/{id}"                           EditParcels => edits::delete;
    GET    "/ogc/tiles/{zoom}/{x}/{y}"                                          Map  => tiles::by_column;
    GET    "/ogc/tiles/{set}/{zoom}/{row}/{column}"                             Map  => tiles::by_row;
    GET    "/ogc/collections/{collection}/tiles/{set}/{zoom}/{row}/{column}"    Map  => tiles::by_row;
    GET    "/ogc/collections/{collection}/tiles/{set}"                          Map  => tiles::set;
    GET    "/ogc/collections/{collection}/tiles"                                Map  => tiles::list;
    GET    "/ogc/tiles/parcels.json"                                            Map  => tiles::tile_json;
    GET    "/ogc/tiles/{set}"                                                   Map  => tiles::set;
    GET    "/ogc/tiles"                                                         Map  => tiles::list;
    GET    "/ogc/collections/{collection}/queryables"                           Map  => collections::queryables;
    GET    "/ogc/collections/{collection}/sortables"                            Map  => collections::sortables;
    GET    "/ogc/collections/{collection}/schema"                               Map  => collections::returnables;
    GET    "/ogc/collections/{collection}"                                      Map  => collections::one;
    GET    "/ogc/collections"                                                   Map  => collections::list;
    GET    "/ogc/functions"                                                     Open => about::functions;
    GET    "/ogc/conformance"                                                   Open => about::conformance;
    GET    "/ogc/api"                                                           Open => about::api;
    GET    "/ogc/"                                                              Open => about::landing;
    GET    "/ogc"                                                               Open => about::landing;
    GET    "/ogc/tileMatrixSets/{set}"                                          Open => tiles::matrix_set;
    GET    "/ogc/tileMatrixSets"                                                Open => tiles::matrix_sets;
    GET    "/ogc/styles/{style}"                                                Open => styles::one;
    GET    "/ogc/styles"                                                        Open => styles::list;
    }
    plain {
    GET    "/api/openapi.json"                                    Open       No        File      => docs::description;
    GET    "/api/docs"                                            Open       No        File      => docs::redirect;
    GET    "/api/docs/{file:.*}"                                  Open       No        File      => docs::page;
    GET    "/problems"                                            Open       No        File      => docs::problem_types;
    GET    "/problems/{slug}"                                     Open       No        File      => docs::problem_type;
    GET    "/assets/{file}"                                       Open       No        File      => assets::file;
    GET    "/assets/modules/{stamp}/{file}"                       Open       No        File      => modules::file;
    GET    "/assets/vendor/{folder}/{file}"                       Open       No        File      => vendor::file;
    GET    "/language/{code}"                                     Open       No        Page      => language_page::switch;
    GET    "/sign-in"                                             Open       No        Page      => session_page::form;
    POST   "/sign-in"                                             Open       No        Page      => session_page::sign_in;
    POST   "/sign-out"                                            SignedIn   No        Page      => session_page::sign_out;
    GET    "/"                                                    SignedIn   No        Page      => home_page::show;
    GET    "/home/jobs"                                           SignedIn   No        Page      => home_page::jobs;
    GET    "/search"                                              Read       Always    Page      => search_page::form;
    POST   "/search"                                              Read       Always    Page      => search_page::search;
    GET    "/reviews"                                             SeeReviews Always    Page      => reviews_page::list;
    GET    "/reviews/first"                                       SeeReviews No        Page      => reviews_page::first;
    POST   "/reviews/bulk"                                        Steward    Always    Page      => reviews_page::bulk;
    POST   "/reviews/undo"                                        Steward    Always    Page      => reviews_page::undo;
    GET    "/reviews/{id}"                                        SeeReviews Always    Page      => review_page::show;
    POST   "/reviews/{id}"                                        Steward    Always    Page      => review_page::judge;
    GET    "/reviews/{id}/assignment"                             Steward    No        Page      => assignment_page::show;
    POST   "/reviews/{id}/assignment"                             Steward    No        Page      => assignment_page::assign;
    GET    "/proposals"                                           SeeReviews No        Page      => proposals_page::list;
    GET    "/proposals/{id}"                                      SeeReviews Always    Page      => proposals_page::show;
    POST   "/proposals/{id}"                                      Steward    Always    Page      => proposals_page::act;
    GET    "/account"                                             SignedIn   No        Page      => account_page::show;
    POST   "/account"                                             SignedIn   No        Page      => account_page::act;
    GET    "/models"                                              SeeReviews No        Page      => models_page::show;
    POST   "/models"                                              Models     No        Page      => models_page::act;
    POST   "/models/preview"                                      SeeReviews No        Page      => models_page::preview;
    GET    "/survivorship"                                        SeeReviews Always    Page      => survivorship_page::show;
    POST   "/survivorship"                                        Models     Always    Page      => survivorship_page::act;
    GET    "/emergency"                                           Read       No        Page      => emergency_page::show;
    POST   "/emergency"                                           Read       No        Page      => emergency_page::act;
    GET    "/decisions"                                          SeeReviews Always    Page      => decisions_page::list;
    GET    "/decisions/{id}"                                     SeeReviews Always    Page      => decisions_page::show;
    POST   "/decisions/{id}"                                     Steward    Always    Page      => decisions_page::undo;
    GET    "/{kind:persons|legal-persons|parcels}/merge"         Steward    Always    Page      => merge_page::preview;
    POST   "/{kind:persons|legal-persons|parcels}/merge"         Steward    Always    Page      => merge_page::merge;
    GET    "/{kind:persons|legal-persons|parcels}/{id}"          Read       Always    Page      => record_page::show;
    GET    "/{kind:persons|legal-persons|parcels}/{id}/why"      Read       Always    Page      => why_page::show;
    GET    "/{kind:persons|legal-persons|parcels}/{id}/history"  Read       Always    Page      => history_page::show;
    GET    "/{kind:persons|legal-persons|parcels}/{id}/decisions" SeeReviews Always    Page      => decisions_page::of_entity;
    GET    "/{kind:persons|legal-persons|parcels}/{id}/readers"  Audit      No        Page      => readers_page::show;
    GET    "/{kind:persons|legal-persons|parcels}/{id}/merge"    Steward    Always    Page      => merge_page::choose;
    GET    "/{kind:persons|legal-persons|parcels}/{id}/split"    Steward    Always    Page      => split_page::choose;
    POST   "/{kind:persons|legal-persons|parcels}/{id}/split"    Steward    Always    Page      => split_page::split;
    GET    "/{kind:persons|legal-persons|parcels}/{id}/values/{column}" Steward    Always    Page      => set_value_page::show;
    POST   "/{kind:persons|legal-persons|parcels}/{id}/values/{column}" Steward    Always    Page      => set_value_page::set;
    GET    "/import"                                              Submit     No        Page      => files_page::import;
    GET    "/match"                                               Resolve    No        Page      => files_page::match_list;
    GET    "/map"                                                 Read       No        Page      => map_page::show;
    GET    "/office"                                              SignedIn   No        Page      => office_quality::show;
    GET    "/office/sources"                                      Sources    No        Page      => office_sources::show;
    POST   "/office/sources"                                      Sources    No        Page      => office_sources::put;
    GET    "/office/purposes"                                     Sources    No        Page      => office_purposes::show;
    POST   "/office/purposes"                                     Sources    No        Page      => office_purposes::act;
    GET    "/office/access"                                       Audit      No        Page      => office_access::form;
    POST   "/office/access"                                       Audit      No        Page      => office_access::show;
    GET    "/office/emergencies"                                  Audit      No        Page      => office_emergencies::show;
    POST   "/office/emergencies"                                  Audit      No        Page      => office_emergencies::review;
    GET    "/office/exports"                                      SeeExports No        Page      => office_exports::show;
    POST   "/office/exports"                                      SeeExports No        Page      => office_exports::act;
    GET    "/office/alarms"                                       Alarms     No        Page      => office_alarms::show;
    GET    "/office/acts"                                         Audit      No        Page      => office_acts::show;
    GET    "/office/audit"                                        Audit      No        Page      => office_audit::show;
    POST   "/office/audit"                                        Audit      No        Page      => office_audit::search;
    GET    "/office/accounts"                                     Accounts   No        Page      => office_accounts::show;
    POST   "/office/accounts"                                     Accounts   No        Page      => office_accounts::act;
    GET    "/office/accounts/{name}"                              Accounts   No        Page      => office_principal::show;
    POST   "/office/accounts/{name}"                              Accounts   No        Page      => office_principal::act;
    }
}

/// Where GIS programs enter.
const OGC: &str = "/ogc";

/// Rows of the table with their numbers.
fn rows(wanted: fn(&Entry) -> bool) -> impl Iterator<Item = (usize, &'static Entry)> {
    ROUTES.iter().enumerate().filter(move |(_, entry)| wanted(entry))
}

/// The next route of the table, behind its gate.
fn behind_gate(rows: &mut impl Iterator<Item = (usize, &'static Entry)>, handler: Route) -> impl HttpServiceFactory + 'static {
    let (number, entry) = rows.next().expect("the table has a row for each handler");
    let path = if entry.face == Face::Map { entry.path.strip_prefix(OGC).unwrap_or(entry.path) } else { entry.path };
    let gate = from_fn(move |request, next| gate(number, entry, request, next));
    web::resource(path).guard(method_guard(entry.method)).wrap(gate).route(handler)
}

fn method_guard(method: &'static str) -> guard::AnyGuard {
    let main = guard::Method(Method::from_bytes(method.as_bytes()).unwrap_or_default());
    let any = guard::Any(main);
    if method == "GET" { any.or(guard::Head()) } else { any }
}

/// What a page asks of its caller; none when there is no such page.
pub(crate) fn right_of_page(path: &str) -> Option<Right> {
    ROUTES.iter().find(|entry| entry.method == "GET" && entry.face == Face::Page && entry.path == path).map(|entry| entry.right)
}

/// What a call of a path asks of its caller; none when there is no such route.
pub(crate) fn right_of(method: &str, path: &str) -> Option<Right> {
    ROUTES.iter().find(|entry| entry.method == method && fits(entry.path, path)).map(|entry| entry.right)
}

/// The methods with which a path may be called; none when there is no such path.
pub(crate) fn allowed_methods(path: &str) -> Vec<&'static str> {
    let mut methods: Vec<&str> = ROUTES.iter().filter(|entry| fits(entry.path, path)).map(|entry| entry.method).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.sort_unstable();
    methods.dedup();
    methods
}

/// The methods of routes whose last part is a word and not a variable, for a path that an id route took.
pub(crate) fn methods_of_name(path: &str) -> Vec<&'static str> {
    let last = path.rsplit('/').next().unwrap_or("");
    ROUTES.iter().filter(|entry| entry.path.rsplit('/').next() == Some(last) && fits(entry.path, path)).map(|entry| entry.method).collect()
}

/// Whether a part of a path could fill a variable: any that is not empty, or one of those the variable lists.
fn is_meant(variable: &str, part: &str) -> bool {
    let Some(inside) = variable.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else { return false };
    inside.split_once(':').map_or(!part.is_empty(), |(_, listed)| listed.split('|').any(|word| word == part))
}

/// Whether a path could be meant by a path of the table.
fn fits(pattern: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    for expected in pattern.split('/') {
        if expected.ends_with(":.*}") {
            return true;
        }
        match parts.next() {
            Some(part) if expected == part || is_meant(expected, part) => {}
            _ => return false,
        }
    }
    parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_the_methods_it_may_be_called_with() {
        for (path, expected) in [
            ("/api/v1/stats", "GET HEAD"),
            ("/api/v1/persons/merge", "GET HEAD POST"),
            ("/api/v1/sources/gongan/persons/1", "DELETE GET HEAD"),
            ("/api/docs/swagger-ui.css", "GET HEAD"),
            ("/persons/1", "GET HEAD"),
            ("/somewhere/else", ""),
            ("/api/v1/sources//persons/1", ""),
            ("/api/v1", ""),
        ] {
            assert_eq!(allowed_methods(path).join(" "), expected, "{path}");
        }
    }

    #[test]
    fn no_route_stands_in_the_way_of_a_later_one() {
        for (number, entry) in ROUTES.iter().enumerate() {
            let earlier = ROUTES[..number].iter().find(|other| other.method == entry.method && fits(other.path, entry.path));
            assert!(earlier.is_none(), "{} is never reached", entry.path);
        }
    }
}
