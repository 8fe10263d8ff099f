//! How much is taken from one network and for one account.

use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use imegha_crypto::Id;
use zeroize::Zeroizing;

use super::address::Network;
use crate::error::{Error, Result};
use crate::secret::{keyed_hash, random};

/// The limits of a platform. Each is for one network (the /24 or /64 of an address) or one account, and for each flow apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Sign-ups, recoveries, and codes mailed again, of one network.
    pub network_sign_up: Rate,
    /// Everything else that needs no session, of one network.
    pub network: Rate,
    /// Everything for one account or address, but:
    pub account: Rate,
    /// The mails to one address.
    pub mail: Rate,
    /// Everything with other people, for one account and, tenfold, of one network.
    pub people: PeopleLimits,
}

/// The limits of what one account does with other people. They are each instance's own: several instances behind a load balancer take
/// as much each. What is kept (connections, requests, devices) is bounded by the registry, and so for all of them together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeopleLimits {
    /// Looking up iMTags.
    pub look_up: Rate,
    /// Asking to be connected.
    pub ask: Rate,
    /// Everything else that is done to connections and devices; cards are put with each change of the own keys, to all connections.
    pub connect: Rate,
    /// Telling connections that there is something new.
    pub poke: Rate,
    /// The same, for each connection that is told.
    pub poke_one: Rate,
}

impl PeopleLimits {
    /// The same rate for all.
    pub fn all(rate: Rate) -> Self {
        Self { look_up: rate, ask: rate, connect: rate, poke: rate, poke_one: rate }
    }
}

impl Default for PeopleLimits {
    fn default() -> Self {
        Self {
            look_up: Rate { burst: 30, per_hour: 120 },
            ask: Rate { burst: 20, per_hour: 60 },
            connect: Rate { burst: 1_200, per_hour: 2_400 },
            poke: Rate { burst: 120, per_hour: 3_600 },
            poke_one: Rate { burst: 10, per_hour: 360 },
        }
    }
}

/// How many at once, and how soon again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many at once.
    pub burst: u32,
    /// How many come back in an hour.
    pub per_hour: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            network_sign_up: Rate { burst: 20, per_hour: 60 },
            network: Rate { burst: 120, per_hour: 3_600 },
            account: Rate { burst: 30, per_hour: 240 },
            mail: Rate { burst: 6, per_hour: 6 },
            people: PeopleLimits::default(),
        }
    }
}

/// A flow with a limit of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Flow {
    SignUp,
    Confirm,
    Resend,
    Prelogin,
    SignIn,
    /// The first step of a recovery, and the two that are signed.
    Recovery,
    RecoverySigned,
    /// Changes of an account by its owner.
    Change,
    Mail,
    LookUp,
    Ask,
    Connect,
    Card,
    Device,
    Events,
    Poke,
    PokeOne,
}

/// Counts. Addresses are kept only as a keyed hash of their network, under a random key that lives for an hour.
pub(super) struct Limiter {
    limits: Limits,
    hour: Mutex<Option<Hour>>,
}

/// What one flow counts, by the keyed hash of a network or an account.
type Counts = DefaultKeyedRateLimiter<[u8; 32]>;

/// The key of an hour, and all that was counted under it.
struct Hour {
    began: Instant,
    key: Zeroizing<[u8; 32]>,
    counts: HashMap<(Flow, Whose), Arc<Counts>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Whose {
    Network,
    Account,
}

impl Limiter {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, hour: Mutex::new(None) }
    }

    /// Counts one mail to an address.
    ///
    /// # Errors
    /// [`TooManyTries`](crate::ProblemCode::TooManyTries).
    pub(super) fn count_mail(&self, email: &str) -> Result<()> {
        self.count_one(Flow::Mail, Whose::Account, email.as_bytes())
    }

    /// Counts one poke of one account to another.
    ///
    /// # Errors
    /// [`TooManyTries`](crate::ProblemCode::TooManyTries).
    pub(super) fn count_poke(&self, from: &Id, to: &Id) -> Result<()> {
        self.count_one(Flow::PokeOne, Whose::Account, &[*from.as_bytes(), *to.as_bytes()].concat())
    }

    /// Counts one request of a network for an account (its id, or its email).
    ///
    /// # Errors
    /// [`TooManyTries`](crate::ProblemCode::TooManyTries).
    pub(super) fn count(&self, flow: Flow, network: Network, account: &[u8]) -> Result<()> {
        let network = network.0.unwrap_or_default();
        self.count_one(flow, Whose::Network, &network)?;
        self.count_one(flow, Whose::Account, account)
    }

    fn count_one(&self, flow: Flow, whose: Whose, who: &[u8]) -> Result<()> {
        let (limiter, key) = self.hour(flow, whose, who)?;
        limiter.check_key(&key).map_err(|refused| {
            let wait = refused.wait_time_from(DefaultClock::default().now());
            Error::too_many(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1))
        })
    }

    /// The counts of this hour, and the key of `who` in them.
    fn hour(&self, flow: Flow, whose: Whose, who: &[u8]) -> Result<(Arc<Counts>, [u8; 32])> {
        let mut hour = self.hour.lock().unwrap_or_else(PoisonError::into_inner);
        if hour.as_ref().is_none_or(|hour| hour.began.elapsed() > HOUR) {
            // With the key go all counts: memory is bounded by what one hour brings.
            *hour = Some(Hour { began: Instant::now(), key: Zeroizing::new(random()?), counts: HashMap::new() });
        }
        let Some(hour) = hour.as_mut() else { return Err(Error::too_many(1000)) };
        let quota = self.rate(flow, whose).quota();
        let limiter = hour.counts.entry((flow, whose)).or_insert_with(|| Arc::new(RateLimiter::keyed(quota))).clone();
        Ok((limiter, *keyed_hash(&hour.key, "limit", &[who]).as_bytes()))
    }

    fn rate(&self, flow: Flow, whose: Whose) -> Rate {
        // Ten people of a household or a school share a network.
        let people = |rate: Rate| match whose {
            Whose::Account => rate,
            Whose::Network => Rate { burst: rate.burst.saturating_mul(10), per_hour: rate.per_hour.saturating_mul(10) },
        };
        match (whose, flow) {
            (Whose::Network, Flow::SignUp | Flow::Resend | Flow::Recovery) => self.limits.network_sign_up,
            (_, Flow::LookUp) => people(self.limits.people.look_up),
            (_, Flow::Ask) => people(self.limits.people.ask),
            (_, Flow::Connect | Flow::Card | Flow::Device | Flow::Events) => people(self.limits.people.connect),
            (_, Flow::Poke) => people(self.limits.people.poke),
            (_, Flow::PokeOne) => people(self.limits.people.poke_one),
            (Whose::Network, _) => self.limits.network,
            (Whose::Account, Flow::Mail) => self.limits.mail,
            (Whose::Account, _) => self.limits.account,
        }
    }
}

impl Rate {
    fn quota(self) -> Quota {
        let one = NonZeroU32::MIN;
        let period = Duration::from_secs(3_600) / self.per_hour.max(1);
        Quota::with_period(period)
            .unwrap_or(Quota::per_hour(one))
            .allow_burst(NonZeroU32::new(self.burst).unwrap_or(one))
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").field("limits", &self.limits).finish_non_exhaustive()
    }
}

const HOUR: Duration = Duration::from_secs(3_600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_accounts_and_flows_are_counted_apart() {
        let rate = Rate { burst: 2, per_hour: 1 };
        let wide = Rate { burst: 100, per_hour: 100 };
        let limiter = Limiter::new(Limits {
            network_sign_up: wide,
            network: wide,
            account: rate,
            mail: rate,
            ..Limits::default()
        });
        let (here, there) = (Network(Some([1; 8])), Network(None));
        for _ in 0..2 {
            limiter.count(Flow::SignIn, here, b"alice").unwrap();
        }
        let refused = limiter.count(Flow::SignIn, there, b"alice").unwrap_err();
        assert!((3_000_000..=3_600_000).contains(&refused.retry_after_ms().unwrap()), "{refused:?}");
        limiter.count(Flow::SignIn, here, b"bob").unwrap();
        limiter.count(Flow::Prelogin, here, b"alice").unwrap();
    }
}
