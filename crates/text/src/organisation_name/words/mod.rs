//! Which words do the parts of names of organisations end with, each list in a room of its own?

mod branches;
mod forms;
mod industries;
mod public_bodies;
mod short_names;

pub(super) use branches::{BRANCHES, CHAIN_ENDS, OWN_BODIES, PARENT_ENDS, SHOP_ENDS, STORE};
pub(super) use forms::{BODIES, COMPANY_WORDS, FORM_REMARKS, FORMS, SHOP_FORMS, SHOP_WORDS, VILLAGE_FORMS};
pub(super) use industries::{INDUSTRIES, MORE_INDUSTRIES};
pub(super) use public_bodies::{AUTHORITIES, COUNTED_BODIES, COUNTY_BODIES, LOCAL_BODIES, PUBLIC_BODIES, SECOND_NAMES};
pub(super) use short_names::{
    BANK_BRANCHES, OWN_NAMED_HOSPITALS, SHORT_AUTHORITIES, SHORT_BANKS, SHORT_COUNTED, SHORT_IN_UNIVERSITIES, SHORT_INSURERS,
    SHORT_UNIVERSITIES,
};
