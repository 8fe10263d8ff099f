//! What an HTTP answer says of its body, and whether the body is that.

use std::ops::Range;

use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};

use crate::error::{Error, Result};
use crate::protocol::Decimal;

/// `bytes a-b/size` of a `Content-Range`, strictly: the range and the whole length.
pub(super) fn content_range(text: &str) -> Option<(Range<u64>, u64)> {
    let (range, size) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (start, last) = range.split_once('-')?;
    let number = |text| Decimal::parse(text).map(|number| number.0);
    let (start, end, size) = (number(start)?, number(last)?.checked_add(1)?, number(size)?);
    (start < end && end <= size).then_some((start..end, size))
}

/// The body, if it has just `len` bytes; otherwise it ends in an error, before a byte too many.
pub(super) fn exactly(
    body: BoxStream<'static, Result<Bytes>>,
    len: u64,
    otherwise: fn() -> Error,
) -> BoxStream<'static, Result<Bytes>> {
    stream::unfold(Some((body, len)), move |state| async move {
        let (mut body, left) = state?;
        match body.next().await {
            None if left == 0 => None,
            None => Some((Err(otherwise()), None)),
            Some(Err(error)) => Some((Err(error), None)),
            Some(Ok(piece)) => match left.checked_sub(piece.len() as u64) {
                Some(left) => Some((Ok(piece), Some((body, left)))),
                None => Some((Err(otherwise()), None)),
            },
        }
    })
    .boxed()
}

#[cfg(test)]
mod tests {
    use futures::TryStreamExt as _;

    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn a_content_range_has_one_form() {
        assert_eq!(content_range("bytes 5-9/10"), Some((5..10, 10)));
        for other in [
            "bytes 5-10/10",
            "bytes 9-5/10",
            "bytes 5-9/*",
            "bytes */10",
            "bytes 05-9/10",
            "bytes +5-9/10",
            "bytes=5-9/10",
            "items 5-9/10",
            "bytes 5-18446744073709551615/10",
            "5-9/10",
        ] {
            assert_eq!(content_range(other), None, "{other}");
        }
    }

    #[tokio::test]
    async fn a_body_has_its_length() {
        let other = || Error::new(ErrorKind::CannotOpen, "another length");
        let read = async |pieces: &[&'static str], len| {
            let pieces: Vec<_> = pieces.iter().map(|piece| Ok(Bytes::from_static(piece.as_bytes()))).collect();
            let body = exactly(stream::iter(pieces).boxed(), len, other);
            body.try_collect::<Vec<_>>().await.map(|pieces| pieces.concat())
        };
        assert_eq!(read(&["ab", "c"], 3).await.unwrap(), b"abc");
        assert_eq!(read(&[], 0).await.unwrap(), b"");
        for (pieces, len) in [(&["ab", "c"][..], 2), (&["ab", "c"], 4), (&[], 1), (&["a"], 0)] {
            assert_eq!(read(pieces, len).await.unwrap_err().kind(), ErrorKind::CannotOpen);
        }
    }
}
