//! Times as people write and read them: UTC, as RFC 3339 has it.

/// `2026-11-25 13:05` of milliseconds since 1970.
pub(crate) fn shown_time(ms: u64) -> String {
    let (days, seconds) = (ms / DAY_MS, ms % DAY_MS / 1_000);
    let (year, month, day) = date_of(days);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}", seconds / 3_600, seconds / 60 % 60)
}

/// Milliseconds since 1970 of `2026-11-25`, `2026-11-25T13:05` or `2026-11-25T13:05:00Z`.
pub(crate) fn parse_time(text: &str) -> Result<u64, String> {
    read(text).ok_or_else(|| "a time is written as 2026-11-25 or 2026-11-25T13:05:00Z, in UTC".to_owned())
}

fn read(text: &str) -> Option<u64> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    let (date, clock) = text.split_once(['T', ' ']).unwrap_or((text, "00:00:00"));
    let [year, month, day] = numbers(date, '-')?[..] else { return None };
    let (hour, minute, second) = match numbers(clock, ':')?[..] {
        [hour, minute] => (hour, minute, 0),
        [hour, minute, second] => (hour, minute, second),
        _ => return None,
    };
    let days = (1970..=9999).contains(&year).then(|| days_before(year, month, day))??;
    (hour < 24 && minute < 60 && second < 60).then(|| days * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1_000)
}

fn numbers(text: &str, separator: char) -> Option<Vec<u64>> {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?;
    text.split(separator).map(digits).collect()
}

/// The days from 1970 to a date; nothing for one that is not.
fn days_before(year: u64, month: u64, day: u64) -> Option<u64> {
    let month_at = usize::try_from(month.checked_sub(1)?).ok()?;
    let length = *month_lengths(year).get(month_at)?;
    if !(1..=length).contains(&day) {
        return None;
    }
    let years: u64 = (1970..year).map(year_length).sum();
    Some(years + month_lengths(year)[..month_at].iter().sum::<u64>() + day - 1)
}

fn date_of(mut days: u64) -> (u64, u64, u64) {
    // Cycles of 400 years have 146,097 days: whatever a clock says, this ends soon.
    let mut year = 1970 + days / 146_097 * 400;
    days %= 146_097;
    while days >= year_length(year) {
        days -= year_length(year);
        year += 1;
    }
    let mut month = 1;
    for length in month_lengths(year) {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, days + 1)
}

fn year_length(year: u64) -> u64 {
    month_lengths(year).iter().sum()
}

fn month_lengths(year: u64) -> [u64; 12] {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
}

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers are those of `date -u -d … +%s`.
    #[test]
    fn times_are_those_of_the_calendar() {
        for (text, seconds) in [
            ("1970-01-01", 0),
            ("2000-02-29T12:00:00Z", 951_825_600),
            ("2024-12-31T23:59", 1_735_689_540),
            ("2026-11-25 13:05:00", 1_795_611_900),
            ("2100-03-01", 4_107_542_400),
        ] {
            assert_eq!(parse_time(text), Ok(seconds * 1_000), "{text}");
        }
        assert_eq!(shown_time(951_825_600_000), "2000-02-29 12:00");
        assert_eq!(shown_time(4_107_542_399_999), "2100-02-28 23:59");
        assert!(shown_time(u64::MAX).starts_with("5845"));
        for text in
            ["", "2026", "2026-13-01", "2023-02-29", "2026-11-25T24:00", "-1-1-1", "2026-11-25T1:2:3:4", "1969-01-01"]
        {
            parse_time(text).unwrap_err();
        }
    }
}
