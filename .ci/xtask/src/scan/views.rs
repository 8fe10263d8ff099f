//! The bytes of a file as they are, and as they would be if something in it were encoded.

use std::borrow::Cow;

/// One reading of the bytes.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) encoding: &'static str,
    pub(super) bytes: Cow<'a, [u8]>,
}

/// Every reading. What does not belong to an encoding is cut out, and a zero byte stands in its place.
pub(super) fn of(data: &[u8]) -> Vec<View<'_>> {
    let view = |encoding, bytes: Vec<u8>| View { encoding, bytes: Cow::Owned(bytes) };
    let mut views = vec![View { encoding: "raw", bytes: Cow::Borrowed(data) }];
    views.extend((0..2).map(|phase| view("hex", decode_runs(data, phase, 2, hex_digit, 4))));
    views.extend((0..4).map(|phase| view("base64", decode_runs(data, phase, 4, base64_digit, 6))));
    views.push(view("utf-16le", narrow(data, 0)));
    views.push(view("utf-16be", narrow(data, 1)));
    views.push(view("percent", percent(data)));
    views
}

/// Some bytes in each encoding, to be planted.
pub(super) fn encode(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let base64 = {
        let mut text = Vec::new();
        for group in bytes.chunks(3) {
            let number = group.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
            text.extend((0..=group.len()).map(|digit| BASE64[(number >> (18 - 6 * digit) & 63) as usize]));
        }
        text
    };
    vec![
        ("raw", bytes.to_vec()),
        ("hex", bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()),
        ("base64", base64),
        ("utf-16le", bytes.iter().flat_map(|byte| [*byte, 0]).collect()),
        ("utf-16be", bytes.iter().flat_map(|byte| [0, *byte]).collect()),
        ("percent", bytes.iter().flat_map(|byte| format!("%{byte:02X}").into_bytes()).collect()),
    ]
}

/// Decodes each run of digits that is long enough to hold a secret, from the digit at `phase` on, in groups of `group` digits.
fn decode_runs(data: &[u8], phase: usize, group: usize, digit: fn(u8) -> Option<u8>, bits: u32) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut start = 0;
    while start < data.len() {
        let length = data[start..].iter().take_while(|byte| digit(**byte).is_some()).count();
        if length >= SHORTEST_RUN {
            for digits in data[start..start + length].get(phase..).unwrap_or_default().chunks(group) {
                let number = digits
                    .iter()
                    .filter_map(|byte| digit(*byte))
                    .fold(0_u32, |sum, value| sum << bits | u32::from(value));
                let whole = digits.len() as u32 * bits / 8;
                let spare = digits.len() as u32 * bits % 8;
                decoded.extend((0..whole).map(|byte| (number >> spare >> (8 * (whole - 1 - byte))) as u8));
            }
            decoded.push(0);
        }
        start += length + 1;
    }
    decoded
}

/// The other halves of pairs of which one is zero: text in UTF-16, when it is Latin.
fn narrow(data: &[u8], kept: usize) -> Vec<u8> {
    let mut decoded = Vec::new();
    for phase in 0..2 {
        let mut run = Vec::new();
        let pairs = data.get(phase..).unwrap_or_default().chunks_exact(2);
        for pair in pairs.chain([&[1, 1][..]]) {
            if pair[1 - kept] == 0 {
                // Of zeros without end a few: what is looked for may begin with them.
                if pair[kept] != 0 || run.len() < MOST_ZEROS || run.iter().any(|byte| *byte != 0) {
                    run.push(pair[kept]);
                }
            } else {
                if run.len() >= SHORTEST_RUN / 2 {
                    decoded.append(&mut run);
                    decoded.push(0);
                }
                run.clear();
            }
        }
    }
    decoded
}

const MOST_ZEROS: usize = 4;

fn percent(data: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut rest = 0;
    // Only what stands round a percent sign: everything else is in the raw view.
    for first in memchr::memchr_iter(b'%', data) {
        if first < rest {
            continue;
        }
        rest = first;
        while rest < data.len() && (data[rest] == b'%' || data[rest].is_ascii_graphic()) {
            match data.get(rest..rest + 3) {
                Some([b'%', high, low]) if hex_digit(*high).is_some() && hex_digit(*low).is_some() => {
                    decoded.push(hex_digit(*high).unwrap_or_default() << 4 | hex_digit(*low).unwrap_or_default());
                    rest += 3;
                }
                _ => {
                    decoded.push(data[rest]);
                    rest += 1;
                }
            }
        }
        decoded.push(0);
    }
    decoded
}

fn hex_digit(byte: u8) -> Option<u8> {
    (byte as char).to_digit(16).map(|digit| digit as u8)
}

fn base64_digit(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Digits in a row that are decoded. Random bytes have few runs as long as this.
const SHORTEST_RUN: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_seen_in_its_view_at_every_offset() {
        // A window of a file may begin with zeros.
        for (secret, (encoding, encoded)) in [&b"Tr0ub4dor & 3: correct horse"[..], b"\0\0\0 correct horse, and \0\0"]
            .into_iter()
            .flat_map(|secret| encode(secret).into_iter().map(move |encoded| (secret, encoded)))
        {
            for before in 0..5 {
                // Digits before it, so that it does not begin where a group begins.
                let mut data = vec![0xff; 7];
                data.extend(std::iter::repeat_n(b'a', if encoding.starts_with("utf") { 0 } else { before }));
                data.extend(&encoded);
                data.push(0xff);
                let seen = of(&data)
                    .iter()
                    .any(|view| view.encoding == encoding && memchr::memmem::find(&view.bytes, secret).is_some());
                assert!(seen, "{encoding} after {before} digits");
            }
        }
    }
}
