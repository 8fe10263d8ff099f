//! Parts of a path.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;

use crate::error::{Error, Result};
use crate::problem::ProblemCode;

/// A part of a path. What axum says of one that is not UTF-8 is no problem document.
pub(super) type Part = Result<Path<String>, PathRejection>;

/// Its text.
///
/// # Errors
/// [`ProblemCode::NotFound`].
pub(super) fn part(part: Part) -> Result<String> {
    part.map(|Path(part)| part).map_err(|_| Error::refused(ProblemCode::NotFound))
}
