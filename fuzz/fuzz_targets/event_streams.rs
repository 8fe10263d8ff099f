//! A stream of server-sent events, as a platform or what stands before it may send it.
//!
//! Nothing panics, and memory stays bounded. Where the stream is cut makes no difference: not to its events, and not to whether it is refused.
#![no_main]

use imegha_platform::protocol::{PokeEvent, SseEvent, SseParser};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (Vec<u8>, &[u8])| {
    let (cuts, stream) = input;
    let whole = read([stream]);
    let mut pieces = Vec::new();
    let mut rest = stream;
    for cut in cuts {
        let (piece, behind) = rest.split_at(usize::from(cut).min(rest.len()));
        pieces.push(piece);
        rest = behind;
    }
    pieces.push(rest);
    let cut = read(pieces);
    // What came before the refusal is told or not, by how much came at once.
    assert_eq!(cut.1, whole.1);
    if !whole.1 {
        assert_eq!(cut.0, whole.0);
    }
    for event in whole.0 {
        assert!(event.data.len() <= 16 * 1024 && event.name.len() <= 16 * 1024);
        let _ = serde_json::from_str::<PokeEvent>(&event.data);
    }
});

/// The events of a stream, and whether it was refused.
fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<SseEvent>, bool) {
    let (mut parser, mut events) = (SseParser::default(), Vec::new());
    for piece in pieces {
        match parser.push(piece) {
            Ok(more) => events.extend(more),
            Err(_) => return (events, true),
        }
    }
    (events, false)
}
