//! What the worker's messages say.

use imegha_worker::protocol::{ErrorCode, Event, Failure, Reply};

/// A message of the worker, read.
#[derive(Debug)]
pub(crate) enum Message {
    /// The answer to the request of this number.
    Answer(u32, Result<Reply, Failure>),
    /// Something that nobody asked for.
    Event(Event),
    /// Something of another version that can be left alone.
    Unknown,
}

impl Message {
    /// Reads a message. An answer that cannot be read is an answer all the same: who waits for it must not wait for ever.
    pub(crate) fn read(id: u32, json: &str) -> Self {
        if id == 0 {
            return serde_json::from_str(json).map_or(Self::Unknown, Self::Event);
        }
        Self::Answer(
            id,
            match serde_json::from_str(json) {
                Ok(Reply::Failed(failure)) => Err(failure),
                Ok(reply) => Ok(reply),
                Err(_) => Err(failure(ErrorCode::Version)),
            },
        )
    }
}

/// A failure without a number of milliseconds.
pub(crate) fn failure(code: ErrorCode) -> Failure {
    Failure { code, ms: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_events_and_the_unreadable() {
        assert!(matches!(Message::read(3, r#"{"reply":"done"}"#), Message::Answer(3, Ok(Reply::Done))));
        let failed = Message::read(4, r#"{"reply":"failed","code":"network","ms":null}"#);
        assert!(matches!(failed, Message::Answer(4, Err(Failure { code: ErrorCode::Network, ms: None }))));
        assert!(matches!(
            Message::read(0, r#"{"event":"progress","transfer":1,"done":2,"total":3}"#),
            Message::Event(Event::Progress { transfer: 1, done: 2, total: 3 })
        ));
        assert!(matches!(Message::read(0, r#"{"event":"of a later version"}"#), Message::Unknown));
    }

    #[test]
    fn an_unreadable_answer_still_answers() {
        for json in ["", "{}", r#"{"reply":"of a later version"}"#, r#"{"reply":"failed","code":"new","ms":null}"#] {
            assert!(matches!(
                Message::read(9, json),
                Message::Answer(9, Err(Failure { code: ErrorCode::Version, ms: None }))
            ));
        }
    }
}
