//! How large something is.

/// A size in words, in powers of 1000 as shops and operating systems count.
pub(crate) fn file_size(bytes: u64) -> String {
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut tenths = u128::from(bytes) * 10;
    let mut unit = 0;
    // 999,950 bytes are 1.0 MB, not 1000.0 kB.
    while tenths >= 9_995 && unit < UNITS.len() {
        tenths = (tenths + 500) / 1000;
        unit += 1;
    }
    let name = UNITS[unit.saturating_sub(1)];
    if tenths >= 100 {
        format!("{} {name}", (tenths + 5) / 10)
    } else {
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    }
}

/// How much of a whole is done; the whole of nothing is done.
pub(crate) fn percent(done: u64, total: u64) -> u64 {
    if total == 0 { 100 } else { u64::try_from(u128::from(done.min(total)) * 100 / u128::from(total)).unwrap_or(100) }
}

const UNITS: &[&str] = &["kB", "MB", "GB", "TB", "PB", "EB"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_in_words() {
        for (bytes, expected) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (1_549, "1.5 kB"),
            (9_949, "9.9 kB"),
            (16_385, "16 kB"),
            (999_400, "999 kB"),
            (999_999, "1.0 MB"),
            (52_428_800, "52 MB"),
            (2_000_000_000, "2.0 GB"),
            (u64::MAX, "18 EB"),
        ] {
            assert_eq!(file_size(bytes), expected, "{bytes}");
        }
    }

    #[test]
    fn parts_of_a_whole() {
        assert_eq!(percent(0, 0), 100);
        assert_eq!(percent(1, 3), 33);
        assert_eq!(percent(9, 3), 100);
        assert_eq!(percent(u64::MAX - 1, u64::MAX), 99);
    }
}
