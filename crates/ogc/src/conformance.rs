//! Which conformance classes are there to claim?
//!
//! A server claims a class only when a test of its own passes for it.

macro_rules! classes {
    ($($(#[$doc:meta])* $name:ident = $base:literal [$($class:literal),* $(,)?];)*) => { $(
        $(#[$doc])*
        pub const $name: &[&str] = &[$(concat!($base, $class)),*];
    )* };
}

classes! {
    /// Features part 1, version 1.0.1.
    FEATURES = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/" ["core", "geojson", "oas30", "html"];
    /// Common parts 1 and 2.
    COMMON = "http://www.opengis.net/spec/ogcapi-common-" [
        "1/1.0/conf/core", "1/1.0/conf/landing-page", "1/1.0/conf/json", "1/1.0/conf/html", "1/1.0/conf/oas30", "2/1.0/conf/collections",
    ];
    /// Features part 2: coordinate reference systems.
    CRS = "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/" ["crs"];
    /// Features part 3: filtering.
    FILTERING = "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/" ["filter", "features-filter", "queryables", "queryables-query-parameters"];
    /// CQL2, the classes that [`crate::cql2`] implements.
    CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf/" [
        "cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators", "case-insensitive-comparison", "accent-insensitive-comparison",
        "basic-spatial-functions", "basic-spatial-functions-plus", "spatial-functions", "temporal-functions", "property-property",
        "functions", "arithmetic",
    ];
    /// Features part 4 (draft): create, replace, update, delete.
    TRANSACTIONS = "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/" ["create-replace-delete", "update", "features", "optimistic-locking-etags"];
    /// Features parts 5 (draft, schemas) and 8 (draft, sorting).
    SCHEMAS_AND_SORTING = "http://www.opengis.net/spec/ogcapi-features-" [
        "5/1.0/conf/schemas", "5/1.0/conf/core-roles-features", "5/1.0/conf/returnables-and-receivables", "8/1.0/conf/sorting", "8/1.0/conf/features-sorting",
        "8/1.0/conf/sortables",
    ];
    /// Tiles part 1.
    TILES = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/" [
        "core", "tileset", "tilesets-list", "geodata-tilesets", "dataset-tilesets", "mvt", "datetime", "oas30",
    ];
}
