//! How many deliveries go into one transaction.

use super::Pending;

/// Raw bytes that one transaction takes before it is committed: many small deliveries cost the
/// server much less together than one by one.
pub const TRANSACTION_BYTES_MAX: u64 = 128 << 20;
/// Deliveries that one transaction takes at the most.
pub const TRANSACTION_DELIVERIES_MAX: usize = 500;

/// How much goes into one transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grouping {
    /// Raw bytes, unless one delivery alone is larger.
    pub bytes_max: u64,
    /// Deliveries.
    pub deliveries_max: usize,
}

impl Default for Grouping {
    fn default() -> Self {
        Self {
            bytes_max: TRANSACTION_BYTES_MAX,
            deliveries_max: TRANSACTION_DELIVERIES_MAX,
        }
    }
}

impl Grouping {
    /// Every delivery in a transaction of its own.
    pub const ONE_BY_ONE: Self = Self {
        bytes_max: 0,
        deliveries_max: 1,
    };
    /// All deliveries in one transaction.
    pub const TOGETHER: Self = Self {
        bytes_max: u64::MAX,
        deliveries_max: usize::MAX,
    };

    /// How many of the next deliveries go into one transaction: at least one.
    pub(super) fn first_of(&self, pending: &[Pending]) -> usize {
        let mut bytes = 0_u64;
        let fits = |pending: &&Pending| {
            bytes = bytes.saturating_add(pending.size_bytes());
            bytes <= self.bytes_max
        };
        pending
            .iter()
            .take(self.deliveries_max)
            .take_while(fits)
            .count()
            .max(1)
    }
}
