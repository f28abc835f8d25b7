//! Pages, as CXone hands out what is too much for one answer.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// One page of many things. The first is page 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    pub(super) number: usize,
    pub(super) size: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<T> {
    data: Vec<T>,
    page: usize,
    total_pages: usize,
}

impl Page {
    /// The things on it, of so many. Beyond the last page there are none.
    pub(super) fn of<T: Serialize>(self, total: usize, thing: impl Fn(usize) -> T) -> Response {
        let Self { number, size } = self;
        let first = number.saturating_sub(1).saturating_mul(size);
        let data = (first..total).take(size).map(thing).collect();
        let total_pages = total.div_ceil(size).max(1);
        Json(Answer { data, page: number, total_pages }).into_response()
    }
}
