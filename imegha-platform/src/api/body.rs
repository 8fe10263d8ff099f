//! JSON bodies.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::problem::ProblemCode;

/// A JSON body. `Content-Type: application/json` is asked for: no plain form of another site's page can send it.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(value)) => Ok(Self(value)),
            // What serde says of a body may quote it.
            Err(rejection) => Err(Error::refused(code(&rejection))),
        }
    }
}

fn code(rejection: &JsonRejection) -> ProblemCode {
    match rejection {
        JsonRejection::MissingJsonContentType(_) => ProblemCode::UnsupportedMediaType,
        JsonRejection::BytesRejection(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            ProblemCode::TooLarge
        }
        _ => ProblemCode::Malformed,
    }
}
