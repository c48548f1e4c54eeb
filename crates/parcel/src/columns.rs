//! Which columns does a parcel have, and how far may each travel?

use jiku_model::{Column, Sensitivity};

const fn column(
    name: &'static str,
    title_zh: &'static str,
    title_en: &'static str,
    sensitivity: Sensitivity,
    about: &'static str,
) -> Column {
    Column { name, title_zh, title_en, about, sensitivity }
}

use Sensitivity::{Internal, Personal, Public, Sensitive};

/// Every column, those of files first, then those that the service computes.
pub(crate) const COLUMNS: [Column; 23] = [
    column("parcel_code", "宗地代码", "Parcel code", Public, "19 characters, GB/T 37346-2019."),
    column(
        "unit_code",
        "不动产单元代码",
        "Real-estate unit code",
        Public,
        "28 characters, GB/T 37346-2019; the first 19 are the parcel code.",
    ),
    column("land_use", "土地用途", "Land use", Public, "Class of GB/T 21010-2017, two or four digits."),
    column("registered_area_m2", "登记面积（平方米）", "Registered area (m²)", Public, "The area the certificate states, square metres."),
    column("location", "坐落", "Location", Internal, "Where the parcel lies, in words."),
    column("right_holder", "权利人", "Right holder", Personal, "Name of the person or organisation that holds the right."),
    column(
        "right_holder_id",
        "权利人证件号",
        "Right holder's number",
        Sensitive,
        "Identity number or unified social credit code of the right holder.",
    ),
    column("right_type", "权利类型", "Right type", Public, "The right in words, such as 国有建设用地使用权."),
    column("right_share", "权利份额", "Share of the right", Internal, "The holder's share in lowest terms, such as 1/2 (ISO 19152)."),
    column(
        "rights",
        "权利清单",
        "Rights",
        Sensitive,
        "All rights, restrictions and responsibilities (ISO 19152): a JSON list of objects with right_type, right_holder, \
         right_holder_id, right_share, valid_from, valid_to, certificate and category; the four columns before then tell the leading one.",
    ),
    column("valid_from", "生效日期", "Valid from", Public, "From which day this holds in the world: YYYY, YYYY-MM or YYYY-MM-DD."),
    column("valid_to", "失效日期", "Valid to", Public, "Until which day this held in the world."),
    column(
        "geometry",
        "空间范围",
        "Geometry",
        Public,
        "Boundary: WKT, GeoJSON or hexadecimal WKB; kept as WKB in CGCS2000 longitude and latitude (EPSG:4490).",
    ),
    column(
        "crs",
        "坐标系",
        "Coordinate system",
        Public,
        "The system of the geometry as sent, east first: CRS84, EPSG:4490, EPSG:4326, EPSG:4491–4554, gcj02, bd09; without it EPSG:4490.",
    ),
    column("source_crs", "原坐标系", "Original coordinate system", Public, "The system the boundary was sent in, before it was converted."),
    column("division", "行政区划", "Administrative division", Public, "County, six digits, GB/T 2260; from the parcel code."),
    column("land_use_scheme", "用途分类标准", "Land use scheme", Public, "The standard and edition of the land-use class."),
    column(
        "land_use_suffix",
        "用途后缀",
        "Land use suffix",
        Public,
        "The letter a survey put behind the class: K adjustable, A square, fish pond or main canal.",
    ),
    column("planar_area_m2", "平面面积（平方米）", "Planar area (m²)", Public, "Computed in the plane of the 3-degree Gauss–Krüger zone."),
    column("ellipsoidal_area_m2", "椭球面积（平方米）", "Ellipsoidal area (m²)", Public, "Computed on the CGCS2000 ellipsoid."),
    column(
        "foreign_key",
        "来源宗地标识",
        "Source's parcel key",
        Public,
        "Source and its key, for parcels of a cadastre without Chinese parcel codes.",
    ),
    column("stage", "登记阶段", "Stage", Public, "draft while it is being prepared; without it the parcel counts as registered."),
    column(
        "left_empty",
        "编辑留空",
        "Left empty",
        Internal,
        "Columns that an edit of the parcel leaves empty whatever sources said before; the service writes it.",
    ),
];
