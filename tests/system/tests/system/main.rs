//! The whole product, end to end. One program: tests that wait let others work meanwhile.

mod callbacks;
mod campaigns;
mod dispositions;
mod http_api;
mod interactions;
mod lost_answers;
mod opt_out;
mod permissions;
