//! ogc
