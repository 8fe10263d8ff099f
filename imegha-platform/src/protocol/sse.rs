//! Server-sent events as they come (WHATWG HTML, 9.2.6): the part that a platform uses, bounded.

use crate::error::{Error, ErrorKind, Result};

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SseEvent {
    /// Its name; `message` where it has none.
    pub name: String,
    /// Its data; several lines are joined by line feeds.
    pub data: String,
}

/// Puts a stream of bytes together into events. Ids and times to reconnect are passed over.
#[derive(Debug, Default)]
pub struct SseParser {
    line: Vec<u8>,
    /// The last byte was a carriage return: a line feed behind it belongs to it.
    after_return: bool,
    /// Whether the first line was read, before which a byte order mark may stand.
    begun: bool,
    name: String,
    data: Option<String>,
}

impl SseParser {
    /// Takes more bytes, and gives the events that they complete.
    ///
    /// # Errors
    /// [`ErrorKind::Version`] for lines or events longer than 16 KiB, and for what is not UTF-8.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<SseEvent>> {
        let mut events = Vec::new();
        for byte in bytes {
            let after_return = std::mem::replace(&mut self.after_return, *byte == b'\r');
            match byte {
                b'\n' if after_return => {}
                b'\n' | b'\r' => events.extend(self.end_line()?),
                _ if self.line.len() >= MAX_LEN => return Err(not_of_form()),
                _ => self.line.push(*byte),
            }
        }
        Ok(events)
    }

    fn end_line(&mut self) -> Result<Option<SseEvent>> {
        let line = std::mem::take(&mut self.line);
        let line = std::str::from_utf8(&line).map_err(|error| not_of_form().caused_by(error))?;
        let line = if std::mem::replace(&mut self.begun, true) { line } else { line.trim_start_matches('\u{feff}') };
        if line.is_empty() {
            let name = std::mem::take(&mut self.name);
            let name = if name.is_empty() { "message".to_owned() } else { name };
            return Ok(self.data.take().map(|data| SseEvent { name, data }));
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => {
                let data = self.data.take();
                let data = data.map_or_else(|| value.to_owned(), |data| format!("{data}\n{value}"));
                if data.len() > MAX_LEN {
                    return Err(not_of_form());
                }
                self.data = Some(data);
            }
            // Comments, ids, times, and what is to come.
            _ => {}
        }
        Ok(None)
    }
}

fn not_of_form() -> Error {
    Error::new(ErrorKind::Version, "this is no stream of events")
}

/// The longest line, and the longest data: an event of a platform has a hundredth of it.
const MAX_LEN: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str, data: &str) -> SseEvent {
        SseEvent { name: name.to_owned(), data: data.to_owned() }
    }

    #[test]
    fn events_are_the_same_however_they_are_cut() {
        let stream = "\u{feff}: open\n\nevent: poke\ndata: {\"a\":1}\n\ndata:x\r\ndata: y\r\rid: 7\nretry: 1\n\n\
                      event: e\n\ndata\n\nevent:poke\ndata:  z\nunknown: q\n\ndata: never ended\n";
        let expected =
            [event("poke", "{\"a\":1}"), event("message", "x\ny"), event("message", ""), event("poke", " z")];
        for size in 1..=stream.len() {
            let mut parser = SseParser::default();
            let mut events = Vec::new();
            for piece in stream.as_bytes().chunks(size) {
                events.extend(parser.push(piece).unwrap());
            }
            assert_eq!(events, expected, "in pieces of {size}");
        }
    }

    #[test]
    fn what_is_too_long_or_no_text_ends_it() {
        let line = "x".repeat(MAX_LEN + 1);
        let lines = format!("data: {}\n", "x".repeat(1_000)).repeat(20);
        for bad in [line.as_bytes(), lines.as_bytes(), b"data: \xff\n"] {
            assert_eq!(SseParser::default().push(bad).unwrap_err().kind(), ErrorKind::Version);
        }
        let longest = format!("data:{}\n\n", "x".repeat(MAX_LEN - 5));
        assert_eq!(SseParser::default().push(longest.as_bytes()).unwrap().len(), 1);
    }
}
