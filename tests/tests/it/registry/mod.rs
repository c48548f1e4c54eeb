//! The registry on a database of its own: does the heart of the service keep its promises?

mod life;
mod nodes;
mod order;
mod stewardship;
mod support;
