//! What happens to a document after its day.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::Selling;
use crate::{
    Dataset,
    amount::Cents,
    document::{Discount, Sale, SaleKind, Update},
    stock::Flow,
    workday::Workday,
};

/// What happens to a document after its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Happening {
    /// It is told late.
    Arrive,
    /// It was told wrong, and comes right.
    ComeRight,
    /// Its correction is told before itself.
    Overtake,
    /// It arrives after its correction, and counts no more.
    BeLate,
    /// It is corrected.
    Correct,
    /// Goods come back.
    Return,
    /// It is cancelled.
    Cancel,
    /// It is told once more as it was.
    Repeat,
}

impl Happening {
    /// What happens to a new document, and after how many days; to most nothing does.
    pub(super) fn plan(rng: &mut ChaCha8Rng) -> Option<(Self, u16)> {
        let happening = match rng.random_range(0..200) {
            0..5 => Self::Arrive,
            5 => Self::ComeRight,
            6 => Self::Overtake,
            7..15 => Self::Correct,
            15..21 => Self::Return,
            21..24 => Self::Cancel,
            24..29 => Self::Repeat,
            _ => return None,
        };
        let days = match happening {
            Self::Overtake => 1,
            Self::Arrive | Self::ComeRight => rng.random_range(1..=3),
            _ => rng.random_range(1..=7),
        };
        Some((happening, days))
    }
}

impl Selling {
    pub(super) fn happen(&mut self, happening: Happening, sale: Sale, on: &mut Workday<'_>) {
        match happening {
            Happening::Arrive | Happening::ComeRight => self.tell(None, &sale, on),
            Happening::BeLate | Happening::Repeat => {
                let record = sale.record(on.masters, &on.market.base);
                on.sheets.of(Dataset::SalesOrders).push(&record);
            }
            Happening::Overtake => {
                let newer = self.corrected(&sale, on);
                self.tell(None, &newer, on);
                if let Some(day) = on.later(2) {
                    let late = (Happening::BeLate, sale);
                    self.agenda.entry(day).or_default().push(late);
                }
            }
            Happening::Correct => {
                let newer = self.corrected(&sale, on);
                self.tell(Some(&sale), &newer, on);
            }
            Happening::Return => {
                let newer = self.returned(&sale, on);
                self.tell(Some(&sale), &newer, on);
                // Some of these are corrected afterwards, with what came back still on them.
                if let Some(day) = on.later(3).filter(|_| self.rng.random_ratio(1, 3)) {
                    let next = (Happening::Correct, newer);
                    self.agenda.entry(day).or_default().push(next);
                }
            }
            Happening::Cancel => {
                let mut newer = self.newer(&sale, on);
                newer.status = "cancelled";
                let newer = if is_possible(&sale, &newer, on) {
                    newer
                } else {
                    self.repriced(&sale, on)
                };
                self.tell(Some(&sale), &newer, on);
            }
        }
    }

    /// A newer version: a line fewer, another quantity, another day and place, or another price.
    fn corrected(&mut self, sale: &Sale, on: &mut Workday<'_>) -> Sale {
        let mut newer = self.newer(sale, on);
        let choice = self.rng.random_range(0..4);
        match choice {
            0 if newer.lines.len() > 1 => {
                newer.lines.pop();
            }
            1 => {
                for line in &mut newer.lines {
                    line.qty += line.qty.signum();
                }
            }
            2 if sale.kind == SaleKind::Sale => {
                let store = on.masters.stores(0).first().copied();
                newer.location = store.unwrap_or(sale.location);
                let first = on.masters.calendar.first.number();
                let moved = sale.order_date.number().saturating_sub(1).max(first);
                newer.order_date = catwing_domain::BusinessDay::from_number(moved);
            }
            _ => return self.repriced(sale, on),
        }
        if is_possible(sale, &newer, on) {
            newer
        } else {
            self.repriced(sale, on)
        }
    }

    /// A newer version at another price, which moves no goods.
    fn repriced(&mut self, sale: &Sale, on: &Workday<'_>) -> Sale {
        let mut newer = self.newer(sale, on);
        if let Some(line) = newer.lines.first_mut() {
            line.discount = match line.discount {
                Discount::Percent(5) => Discount::None,
                _ => Discount::Percent(5),
            };
        }
        newer
    }

    /// A newer version where a piece of the first line came back.
    fn returned(&mut self, sale: &Sale, on: &mut Workday<'_>) -> Sale {
        let mut newer = self.newer(sale, on);
        let date = on.date();
        let first = newer.lines.first_mut().filter(|line| {
            let left: i64 = line.qty + line.updates.iter().map(|one| one.qty_delta).sum::<i64>();
            sale.kind == SaleKind::Sale && left > 0
        });
        let Some(line) = first else {
            return self.repriced(sale, on);
        };
        line.updates.push(Update {
            date,
            qty_delta: -1,
            value_delta: Cents(-line.price.0),
        });
        if is_possible(sale, &newer, on) {
            newer
        } else {
            self.repriced(sale, on)
        }
    }

    fn newer(&mut self, sale: &Sale, on: &Workday<'_>) -> Sale {
        let mut newer = sale.clone();
        newer.updated_at = on.masters.calendar.at(&mut self.rng, on.day, 19);
        newer
    }
}

/// Whether the goods are there that a newer version takes beyond the older one; if so, they move.
pub(super) fn is_possible(old: &Sale, new: &Sale, on: &mut Workday<'_>) -> bool {
    let back = old.flows(on.masters).into_iter().map(|flow| Flow {
        qty: -flow.qty,
        ..flow
    });
    let flows: Vec<_> = back.chain(new.flows(on.masters)).collect();
    on.stock.try_all(&flows)
}
