//! What a cloud costs in a month, about.

use super::counting::Usage;
use super::prices::{MicroDollars, PriceList};

/// Requests of a month, as whoever makes them reckons. None, by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// Requests that write or list objects: an upload of n parts is n + 2, of one part 1.
    pub object_writes: u64,
    /// Requests that read objects.
    pub object_reads: u64,
    /// Units of writing records: a record in a transaction takes two for each begun KB, and every change of a cloud is one transaction.
    pub record_writes: u64,
    /// Units of reading records: a consistent read takes one for each begun 4 KB.
    pub record_reads: u64,
}

/// What a month of a [`Usage`] costs, about.
///
/// It is an estimate, not a bill: without taxes, without what goes out to the internet, without what is free for new accounts, and as if
/// what is stored now were stored the whole month. What is billed beside, such as point-in-time recovery, versions of deleted objects
/// or a gateway's runs, is not in it. Each amount is rounded up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// When and where the prices were listed.
    pub listed: &'static str,
    /// For keeping the objects.
    pub objects: MicroDollars,
    /// For requests to them.
    pub object_requests: MicroDollars,
    /// For keeping the records.
    pub records: MicroDollars,
    /// For requests to them.
    pub record_requests: MicroDollars,
}

impl Usage {
    /// What a month of this costs by `prices`, with `requests` beside.
    pub fn estimate(&self, prices: &PriceList, requests: &Requests) -> Estimate {
        let record_bytes =
            u128::from(self.records.bytes) + u128::from(self.records.count) * u128::from(prices.record_overhead_bytes);
        let billed = record_bytes.saturating_sub(u128::from(prices.record_gb_free) * GB);
        let (object_writes, object_reads) = (requests.object_writes.into(), requests.object_reads.into());
        let (record_writes, record_reads) = (requests.record_writes.into(), requests.record_reads.into());
        Estimate {
            listed: prices.listed,
            objects: cost(&[(self.objects().bytes.into(), prices.object_gb_month, GB)]),
            object_requests: cost(&[
                (object_writes, prices.object_writes_1000, 1_000),
                (object_reads, prices.object_reads_1000, 1_000),
            ]),
            records: cost(&[(billed, prices.record_gb_month, GB)]),
            record_requests: cost(&[
                (record_writes, prices.record_writes_million, 1_000_000),
                (record_reads, prices.record_reads_million, 1_000_000),
            ]),
        }
    }
}

impl Estimate {
    /// All of it.
    pub fn total(&self) -> MicroDollars {
        let parts = [self.objects, self.object_requests, self.records, self.record_requests];
        MicroDollars(parts.iter().fold(0, |sum, part| sum.saturating_add(part.0)))
    }
}

/// The sum of amounts, each at a price for so many, rounded up.
fn cost(items: &[(u128, MicroDollars, u128)]) -> MicroDollars {
    let each = items.iter().map(|(amount, price, unit)| amount.saturating_mul(price.0.into()).div_ceil(*unit));
    MicroDollars(u64::try_from(each.sum::<u128>()).unwrap_or(u64::MAX))
}

/// As AWS bills it.
const GB: u128 = 1 << 30;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usage::Amount;

    const PRICES: PriceList = PriceList::AWS_2025;

    #[test]
    fn a_month_costs_what_the_list_says() {
        let gb = |gb: u64| gb << 30;
        let usage = Usage {
            newest: Amount { count: 7, bytes: gb(70) },
            older: Amount { count: 2, bytes: gb(20) },
            trash: Amount { count: 1, bytes: gb(5) },
            thumbnails: Amount { count: 7, bytes: gb(1) },
            orphaned: Amount { count: 1, bytes: gb(4) },
            // 25 GB are free, and 100 bytes are billed with each.
            records: Amount { count: 1 << 30, bytes: gb(25) },
            ..Usage::default()
        };
        assert_eq!(usage.objects(), Amount { count: 18, bytes: gb(100) });
        let requests = Requests {
            object_writes: 10_000,
            object_reads: 1_000_000,
            record_writes: 3_000_000,
            record_reads: 8_000_000,
        };
        let estimate = usage.estimate(&PRICES, &requests);
        assert_eq!(estimate.objects, MicroDollars(2_300_000), "100 GB at 0.023");
        assert_eq!(estimate.object_requests, MicroDollars(50_000 + 400_000), "0.05 and 0.40");
        assert_eq!(estimate.records, MicroDollars(25_000_000), "100 GB at 0.25");
        assert_eq!(estimate.record_requests, MicroDollars(1_875_000 + 1_000_000));
        assert_eq!(estimate.total(), MicroDollars(30_625_000));
        assert_eq!(estimate.total().to_string(), "$30.625000");
        assert_eq!(estimate.listed, "2025, us-east-1");
    }

    #[test]
    fn what_is_little_is_rounded_up_and_nothing_costs_nothing() {
        let one_byte = Usage { newest: Amount { count: 1, bytes: 1 }, ..Usage::default() };
        assert_eq!(one_byte.estimate(&PRICES, &Requests::default()).total(), MicroDollars(1));
        assert_eq!(Usage::default().estimate(&PRICES, &Requests::default()).total(), MicroDollars(0));
        let one_read = Requests { object_reads: 1, ..Requests::default() };
        assert_eq!(Usage::default().estimate(&PRICES, &one_read).total().to_string(), "$0.000001");
        let free = Usage { records: Amount { count: 0, bytes: 25 << 30 }, ..Usage::default() };
        assert_eq!(free.estimate(&PRICES, &Requests::default()).total(), MicroDollars(0));
    }

    #[test]
    fn no_amount_is_too_large() {
        let all = Amount { count: u64::MAX, bytes: u64::MAX };
        let usage = Usage { newest: all, records: all, ..Usage::default() };
        let requests = Requests {
            object_writes: u64::MAX,
            object_reads: u64::MAX,
            record_writes: u64::MAX,
            record_reads: u64::MAX,
        };
        let estimate = usage.estimate(&PRICES, &requests);
        assert!(estimate.total() >= estimate.objects && estimate.objects > MicroDollars(u64::MAX >> 30));
    }
}
