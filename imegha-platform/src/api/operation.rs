//! What the description says of one route: what it answers stands in the table of routes, what it takes is read off its handler.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use utoipa::ToSchema;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation as Described, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Ref, RefOr, Required, Schema};

use super::Api;
use super::address::Network;
use super::body::Body;
use super::people::{ACTIONS, After};
use super::session::SignedIn;
use crate::problem::{Problem, ProblemCode};
use crate::protocol::schema::{Hex16, Hex32};

/// One operation: a method of a path.
#[derive(Default)]
pub(super) struct Operation {
    about: &'static str,
    answers: Vec<Answer>,
    body: Option<RefOr<Schema>>,
    query: Vec<Parameter>,
    codes: BTreeSet<ProblemCode>,
    is_signed_in: bool,
    gives_session: bool,
    schemas: Schemas,
}

/// Schemas by their names.
pub(super) type Schemas = Vec<(String, RefOr<Schema>)>;

struct Answer {
    status: u16,
    content: Option<(&'static str, RefOr<Schema>)>,
}

impl Operation {
    /// An operation that does what `about` says, in a sentence.
    pub(super) fn new(about: &'static str) -> Self {
        Self { about, ..Self::default() }.refuses(&OF_ALL)
    }

    /// It is answered with a value in JSON.
    pub(super) fn answers<T: ToSchema>(mut self, status: u16) -> Self {
        let schema = self.reference::<T>();
        self.answers.push(Answer { status, content: Some(("application/json", schema)) });
        self
    }

    /// It is answered with a status alone.
    pub(super) fn answers_nothing(mut self, status: u16) -> Self {
        self.answers.push(Answer { status, content: None });
        self
    }

    /// It is answered with a JSON document whose form is another standard's.
    pub(super) fn answers_document(mut self, status: u16) -> Self {
        let schema = ObjectBuilder::new().schema_type(Type::Object).into();
        self.answers.push(Answer { status, content: Some(("application/json", schema)) });
        self
    }

    /// It is answered with a stream of events, whose data is of that type.
    pub(super) fn answers_events<T: ToSchema>(mut self) -> Self {
        // The schema of a stream is that of its text; what is in an event stands among the schemas.
        _ = self.reference::<T>();
        let about = format!("Server-sent events `poke`; the data of each is a `{}` in JSON.", T::name());
        let schema = ObjectBuilder::new().schema_type(Type::String).description(Some(about)).into();
        self.answers.push(Answer { status: 200, content: Some(("text/event-stream", schema)) });
        self
    }

    /// Its answer sets or clears the cookie of a session.
    pub(super) fn with_cookie(mut self) -> Self {
        self.gives_session = true;
        self
    }

    /// What the platform's rules may say instead, beside what follows from the handler's arguments.
    pub(super) fn refuses(mut self, codes: &[ProblemCode]) -> Self {
        self.codes.extend(codes);
        self
    }

    /// The operation as it stands in the description, and the schemas that it names.
    pub(super) fn describe(mut self, name: &str, path: &str) -> (Described, Schemas) {
        let problem = self.reference::<Problem>();
        let mut operation = OperationBuilder::new().summary(Some(self.about)).operation_id(Some(name));
        operation = operation.tag(path.split('/').nth(1).unwrap_or_default());
        for parameter in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
            operation = operation.parameter(path_parameter(parameter));
        }
        for parameter in self.query {
            operation = operation.parameter(parameter);
        }
        if let Some(schema) = self.body {
            let content = ContentBuilder::new().schema(Some(schema)).build();
            let body = RequestBodyBuilder::new().content("application/json", content).required(Some(Required::True));
            operation = operation.request_body(Some(body.build()));
        }
        for answer in self.answers {
            let mut response = ResponseBuilder::new().description("Done.");
            if self.gives_session {
                let text = ObjectBuilder::new().schema_type(Type::String).build();
                let about = "The session of a page: HttpOnly, SameSite=Strict. Not there for programs.";
                let header = HeaderBuilder::new().schema(Some(text)).description(Some(about)).build();
                response = response.header("Set-Cookie", header);
            }
            if let Some((kind, schema)) = answer.content {
                response = response.content(kind, ContentBuilder::new().schema(Some(schema)).build());
            }
            operation = operation.response(answer.status.to_string(), response.build());
        }
        for (status, codes) in by_status(&self.codes) {
            operation = operation.response(status.to_string(), refusal(&codes, problem.clone()));
        }
        if self.is_signed_in {
            for scheme in [BEARER, COOKIE, SECURE_COOKIE] {
                operation = operation.security(SecurityRequirement::new(scheme, [""; 0]));
            }
        }
        (operation.build(), self.schemas)
    }

    /// A reference to the schema of a type, which is kept with all that it names.
    fn reference<T: ToSchema>(&mut self) -> RefOr<Schema> {
        self.schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(&mut self.schemas);
        Ref::from_schema_name(T::name()).into()
    }
}

/// What an argument of a handler says of its route.
pub(super) trait Argument {
    /// Adds it.
    fn describe(operation: Operation) -> Operation {
        operation
    }
}

impl Argument for State<Api> {}

impl Argument for HeaderMap {}

/// Whoever is asked for his network is limited by it.
impl Argument for Network {
    fn describe(operation: Operation) -> Operation {
        operation.refuses(&[ProblemCode::TooManyTries])
    }
}

impl Argument for SignedIn {
    fn describe(operation: Operation) -> Operation {
        let operation = operation.refuses(&[ProblemCode::SignedOut, ProblemCode::OriginRefused]);
        Operation { is_signed_in: true, ..operation }
    }
}

impl<T: ToSchema> Argument for Body<T> {
    fn describe(mut operation: Operation) -> Operation {
        operation.body = Some(operation.reference::<T>());
        operation.refuses(&[ProblemCode::Malformed, ProblemCode::UnsupportedMediaType, ProblemCode::TooLarge])
    }
}

impl<T> Argument for Result<Path<T>, PathRejection> {
    fn describe(operation: Operation) -> Operation {
        operation.refuses(&[ProblemCode::NotFound])
    }
}

impl Argument for Result<Query<After>, QueryRejection> {
    fn describe(mut operation: Operation) -> Operation {
        let after = parameter::<Hex16>("after", ParameterIn::Query).required(Required::False);
        operation.query.push(after.description(Some("`next` of the page before.")).build());
        operation.schemas.push((Hex16::name().into_owned(), <Hex16 as utoipa::PartialSchema>::schema()));
        operation.refuses(&[ProblemCode::Malformed, ProblemCode::NotFound])
    }
}

/// The arguments of a handler, as axum names them: a marker, then each.
pub(super) trait Arguments {
    /// Adds what they say.
    fn describe(operation: Operation) -> Operation;
}

macro_rules! arguments {
    ($($argument:ident),+) => {
        impl<M, $($argument: Argument),+> Arguments for (M, $($argument,)+) {
            fn describe(operation: Operation) -> Operation {
                $(let operation = $argument::describe(operation);)+
                operation
            }
        }
    };
}

arguments!(A);
arguments!(A, B);
arguments!(A, B, C);
arguments!(A, B, C, D);
arguments!(A, B, C, D, E);

fn by_status(codes: &BTreeSet<ProblemCode>) -> BTreeMap<u16, Vec<ProblemCode>> {
    let mut by_status = BTreeMap::<_, Vec<_>>::new();
    for code in codes {
        by_status.entry(code.status()).or_default().push(*code);
    }
    by_status
}

/// The answer of one status that refuses: a problem with one of these codes.
fn refusal(codes: &[ProblemCode], problem: RefOr<Schema>) -> Response {
    let said: Vec<_> = codes.iter().map(|code| format!("`{}`: {}", code.name(), code.title())).collect();
    let content = ContentBuilder::new().schema(Some(problem)).build();
    let mut response = ResponseBuilder::new().description(said.join("; ")).content("application/problem+json", content);
    if codes.contains(&ProblemCode::TooManyTries) {
        let seconds = ObjectBuilder::new().schema_type(Type::Integer).build();
        let header = HeaderBuilder::new().schema(Some(seconds)).description(Some("Seconds to wait.")).build();
        response = response.header("Retry-After", header);
    }
    response.build()
}

fn path_parameter(name: &str) -> Parameter {
    let parameter = match name {
        "account" => parameter::<Hex16>(name, ParameterIn::Path).description(Some("The other account's id.")),
        "id" => parameter::<Hex32>(name, ParameterIn::Path).description(Some("Its id, in hexadecimal.")),
        "action" => {
            let actions =
                ObjectBuilder::new().schema_type(Type::String).enum_values(Some(ACTIONS.iter().map(|(name, _)| *name)));
            ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path).schema(Some(actions.build()))
        }
        _ => {
            let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).build();
            ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path).schema(Some(text))
        }
    };
    parameter.required(Required::True).build()
}

fn parameter<T: ToSchema>(name: &str, place: ParameterIn) -> ParameterBuilder {
    ParameterBuilder::new().name(name).parameter_in(place).schema(Some(T::schema()))
}

/// What may happen to any request.
const OF_ALL: [ProblemCode; 4] =
    [ProblemCode::Timeout, ProblemCode::Internal, ProblemCode::Unavailable, ProblemCode::StorageFull];

/// The ways in which a session is carried, as the description names them.
pub(super) const BEARER: &str = "bearer";
pub(super) const COOKIE: &str = "cookie";
pub(super) const SECURE_COOKIE: &str = "secure_cookie";
