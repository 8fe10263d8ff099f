//! A text as a QR code.

use qrcode::{Color, EcLevel, QrCode};

use crate::protocol::Code;

/// Draws a text. A quiet zone of four modules stands round it (ISO/IEC 18004, 5.3.8), so that it reads on any ground.
///
/// None for what is longer than a code holds.
pub(crate) fn draw(text: &str) -> Option<Code> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run.first() == Some(&Color::Dark) {
                let length = run.len();
                path.push_str(&format!("M{} {}h{length}v1h-{length}z", x + QUIET, y + QUIET));
            }
            x += run.len();
        }
    }
    Some(Code { side: width + 2 * QUIET, path })
}

const QUIET: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    /// The modules that the path darkens, as SVG draws it.
    fn dark(code: &Code) -> Vec<bool> {
        let mut modules = vec![false; code.side * code.side];
        for run in code.path.split_terminator('z') {
            let (x, rest) = run.strip_prefix('M').unwrap().split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let (length, back) = rest.split_once("v1h-").unwrap();
            assert_eq!(length, back);
            let [x, y, length] = [x, y, length].map(|number| number.parse::<usize>().unwrap());
            modules[y * code.side + x..][..length].fill(true);
        }
        modules
    }

    #[test]
    fn another_reader_reads_what_was_drawn() {
        let text = format!("IMEGHA:SAFETY:1:{}", "0123456789".repeat(6));
        let code = draw(&text).unwrap();
        let modules = dark(&code);
        let quiet = |at: usize| at < QUIET || at >= code.side - QUIET;
        assert!((0..modules.len()).all(|at| !modules[at] || !(quiet(at % code.side) || quiet(at / code.side))));
        // As a camera would see it: some pixels a module.
        let scale = 4;
        let pixel = |x: usize, y: usize| if modules[y / scale * code.side + x / scale] { 0 } else { 255 };
        let side = code.side * scale;
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, pixel);
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1);
        assert_eq!(grids[0].decode().unwrap().1, text);
    }

    #[test]
    fn what_no_code_holds_is_none() {
        assert_eq!(draw(&"A".repeat(10_000)), None);
    }
}
