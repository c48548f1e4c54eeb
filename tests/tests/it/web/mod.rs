//! The HTTP face, with a real server on a free port.

mod catalogue;
mod console;
mod files;
mod gate;
mod life;
mod masking;
mod ogc;
mod openapi;
pub(crate) mod service;
