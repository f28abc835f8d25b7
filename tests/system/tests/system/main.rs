//! The whole product, end to end. One program: tests that wait let others work meanwhile. They begin
//! in the order of their names, so that a long one is named to be early.

mod answers_lost;
mod callbacks;
mod campaigns;
mod dispositions;
mod http_api;
mod interactions;
mod opt_out;
mod permissions;
