//! What does Jiku keep of its promises about secrecy and traces?

mod at_rest;
mod canaries;
mod evidence;
mod parsers;
mod supply;
mod traces;
