//! The description of the API (OpenAPI 3.1), made from the handlers.
//!
//! A handler says what it answers when all is well. The refusals that any request can meet are the same
//! everywhere; they are added here.

use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use utoipa::PartialSchema as _;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, Content, Info, OpenApi, OpenApiBuilder, Ref, RefOr, ResponseBuilder, Server,
};

use super::receipts;
use super::refused::ErrorBody;

/// What the descriptions of the handlers are added to.
pub(super) fn head() -> OpenApi {
    let mut info = Info::new("Roomcast", env!("CARGO_PKG_VERSION"));
    info.description = Some(ABOUT.to_owned());
    OpenApiBuilder::new().info(info).servers(Some([Server::new("/api/v1")])).build()
}

const ABOUT: &str = "Rooms, participants, media and keys of one node. A request needs \
`Authorization: Bearer` with an API key (everything), a token with the grant `admin` (everything) or \
`moderate` (its room), or the host key of a room (that room). A refusal is `{code, message}`; the codes \
are in docs/ERRORS.md. Times are milliseconds since 1970.";

/// `GET /api/v1/openapi.json`.
pub(super) fn serve(document: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], document).into_response()
}

/// The whole description as JSON.
pub(super) fn written(mut document: OpenApi) -> Result<String, serde_json::Error> {
    document.paths.paths.values_mut().for_each(complete);
    let components = document.components.get_or_insert_with(Components::new);
    components.schemas.insert(ERROR.to_owned(), ErrorBody::schema());
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    components.security_schemes.insert(BEARER.to_owned(), SecurityScheme::Http(bearer).into());
    document.security = Some(vec![SecurityRequirement::new(BEARER, [""; 0])]);
    serde_json::to_string(&document)
}

const ERROR: &str = "Error";
const BEARER: &str = "bearer";

fn complete(item: &mut PathItem) {
    let PathItem { get, put, post, delete, patch, .. } = item;
    if let Some(post) = post.as_mut().filter(|post| post.responses.responses.contains_key("201")) {
        let key = RefOr::T(idempotency_key());
        post.parameters.get_or_insert_default().push(key);
        refuse(post, &[("409", "The Idempotency-Key was used for another request")]);
    }
    for operation in [get, put, post, delete, patch].into_iter().flatten() {
        refuse(operation, &ANY);
        if operation.request_body.is_some() {
            refuse(operation, &WITH_BODY);
        }
        if operation.parameters.iter().flatten().any(names_something) {
            refuse(operation, &WITH_NAMES);
        }
    }
}

const ANY: [(&str, &str); 6] = [
    ("400", "The request cannot be read, or a name in it is none"),
    ("401", "The bearer is missing, wrong, or its time is over"),
    ("403", "The bearer does not reach so far, or the room does not allow it"),
    ("429", "Too many requests or too many wrong keys"),
    ("500", "Something failed in the node; its log says what"),
    ("503", "A bound of the node was reached, or it goes down"),
];

const WITH_BODY: [(&str, &str); 2] =
    [("413", "The body is too large"), ("415", "The body is not JSON")];

const WITH_NAMES: [(&str, &str); 2] =
    [("404", "There is no such thing (any more)"), ("409", "It is in another state")];

/// Adds refusals of which the handler has not spoken itself, and gives all of them their body.
fn refuse(operation: &mut Operation, refusals: &[(&str, &str)]) {
    for (status, description) in refusals {
        let responses = &mut operation.responses.responses;
        let spoken = responses.get(*status).and_then(|response| match response {
            RefOr::T(response) => Some(response.description.clone()),
            RefOr::Ref(_) => None,
        });
        let content = Content::new(Some(Ref::from_schema_name(ERROR)));
        let response = ResponseBuilder::new()
            .description(spoken.unwrap_or_else(|| (*description).to_owned()))
            .content("application/json", content)
            .build();
        responses.insert((*status).to_owned(), response.into());
    }
}

/// Whether a parameter names a thing that there may not be: in the path, or where a page begins.
fn names_something(parameter: &RefOr<Parameter>) -> bool {
    matches!(parameter, RefOr::T(parameter)
        if parameter.parameter_in == ParameterIn::Path || parameter.name == "after")
}

fn idempotency_key() -> Parameter {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(receipts::MAX_KEY_CHARS))
        .pattern(Some("^[!-~]+$"))
        .build();
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .description(Some("Asked again with the same key within an hour, nothing is made twice"))
        .schema(Some(text))
        .build()
}
