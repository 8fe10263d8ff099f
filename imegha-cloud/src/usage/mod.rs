//! How much a cloud holds, and what that costs.

mod counting;
mod estimate;
mod prices;

pub use counting::{Amount, Usage};
pub use estimate::{Estimate, Requests};
pub use prices::{MicroDollars, PriceList};
