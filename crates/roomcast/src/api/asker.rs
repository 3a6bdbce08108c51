//! Who asks.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use roomcast_protocol::ErrorCode;

use super::Api;
use super::refused::Refused;
use crate::auth::Bearer;
use crate::connections::Visitor;

/// Who asks: what they brought along, verified as far as it can be without a room. What they may do is
/// said by [`Api::node_operator`] and [`Api::room_operator`].
#[derive(Debug, Clone)]
pub(crate) struct Asker {
    pub(super) bearer: Option<Bearer>,
}

impl FromRequestParts<Api> for Asker {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Refused> {
        let visitor = parts.extensions.get::<Arc<Visitor>>();
        let Some(prefix) = visitor.map(|visitor| visitor.prefix()) else {
            return Err(Refused::new(ErrorCode::Internal, "the request came from nowhere"));
        };
        let bearer = api.gate.bearer(&parts.headers, prefix).await?;
        Ok(Self { bearer })
    }
}
