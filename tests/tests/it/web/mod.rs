//! The HTTP face, with a real server on a free port.

mod cadastre;
mod catalogue;
mod console;
mod files;
mod gate;
mod life;
mod masking;
mod ogc;
mod openapi;
mod rights;
pub(crate) mod service;
