//! What does Jiku keep of its promises about secrecy and traces?

mod at_rest;
mod evidence;
mod parsers;
mod supply;
mod traces;
