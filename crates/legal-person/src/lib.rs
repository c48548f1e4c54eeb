//! legal-person
