//! The HTTP face, with a real server on a free port.

mod cadastre;
mod catalogue;
mod connections;
mod console;
mod emergencies;
mod files;
mod gate;
mod life;
mod masking;
mod models;
mod ogc;
mod oidc;
mod openapi;
mod problem_types;
mod proposals;
mod repeated;
mod rights;
mod scoped;
mod second_factor;
pub(crate) mod service;
mod storage;
mod survivorship;
mod tls;
