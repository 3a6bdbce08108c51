//! Lists in pages: how many, and behind what to go on.

use roomcast_protocol::{ErrorCode, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::refused::Refused;

/// Items of a page, unless asked otherwise.
const USUAL: usize = 50;

/// Items of a page at most.
pub(crate) const MAX_PAGE: usize = 200;

/// Characters of a cursor. Ours are ids and names.
const MAX_CURSOR_CHARS: usize = 256;

/// Which page of a list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Page {
    /// Where the page before ended: its `next`. Without it, the list begins.
    #[param(max_length = 256)]
    pub(crate) after: Option<String>,
    /// Items at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<usize>,
}

impl Page {
    /// Items at most.
    pub(crate) fn limit(&self) -> Result<usize, Refused> {
        let limit = self.limit.unwrap_or(USUAL);
        let message = match () {
            () if !(1..=MAX_PAGE).contains(&limit) => {
                format!("`limit` goes from 1 to {MAX_PAGE}")
            }
            () if self.after.as_ref().is_some_and(|after| after.len() > MAX_CURSOR_CHARS) => {
                "`after` is no `next` of a list".to_owned()
            }
            () => return Ok(limit),
        };
        Err(Refused(Refusal::new(ErrorCode::Malformed, message)))
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Listing<T> {
    /// The items.
    pub(crate) items: Vec<T>,
    /// What to ask `after` for the rest; absent at the end of the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

impl<T> Listing<T> {
    /// Of one more item than the page has, if there are as many.
    pub(crate) fn of(mut items: Vec<T>, limit: usize, cursor: impl Fn(&T) -> String) -> Self {
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(cursor);
        Self { items, next }
    }

    /// The whole list: it is short.
    pub(crate) fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_tells_where_the_next_begins() {
        let of = |items: Vec<u32>| Listing::of(items, 2, u32::to_string);
        assert_eq!(of(vec![1, 2, 3]).next.as_deref(), Some("2"));
        assert_eq!(of(vec![1, 2]).next, None);
        assert_eq!(of(vec![]).next, None);
    }

    #[test]
    fn a_page_has_a_bound() {
        let page = |limit| Page { after: None, limit };
        assert_eq!(page(None).limit().unwrap(), USUAL);
        assert_eq!(page(Some(200)).limit().unwrap(), 200);
        assert!(page(Some(0)).limit().is_err() && page(Some(201)).limit().is_err());
        let long = Page { after: Some("x".repeat(257)), limit: None };
        assert!(long.limit().is_err());
    }
}
