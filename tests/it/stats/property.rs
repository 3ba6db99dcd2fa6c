//! Whatever happens in whatever order, refreshes and a rebuild leave the same rows, and these are what
//! a reading of the facts by other means says.

use anyhow::Result;

use super::shop::{EUR, GBP, Purchase, Receipt, Sale, Shop, USD};

/// Histories, each with its own seed.
const HISTORIES: u64 = 4;
/// Changes of a history.
const CHANGES: usize = 60;

/// A small generator of our own: the same numbers on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    fn id(&mut self, sides: u64) -> i64 {
        1 + self.roll(sides) as i64
    }

    /// A day of the weeks around New Year, and of February.
    fn day(&mut self) -> String {
        match self.roll(3) {
            0 => format!("2025-12-{:02}", 20 + self.roll(12)),
            1 => format!("2026-01-{:02}", 1 + self.roll(12)),
            _ => format!("2026-02-{:02}", 1 + self.roll(5)),
        }
    }

    fn amount(&mut self) -> String {
        format!("{}.{:03}", self.roll(20), self.roll(1000))
    }

    fn currency(&mut self) -> i64 {
        [EUR, USD, GBP][self.roll(3) as usize]
    }

    fn one_of<T: Copy>(&mut self, options: &[T]) -> T {
        options[self.roll(options.len() as u64) as usize]
    }
}

#[tokio::test]
async fn refreshes_leave_what_a_rebuild_finds() -> Result<()> {
    for seed in 1..=HISTORIES {
        let shop = Shop::open().await?;
        for currency in [USD, GBP] {
            shop.rate(currency, "2025-12-01", "0.5").await?;
        }
        let mut dice = Dice(seed);
        for _ in 0..CHANGES {
            change(&shop, &mut dice).await?;
            if dice.roll(4) == 0 {
                shop.refresh().await?;
            }
        }
        shop.refresh().await?;
        let problems = shop.differences().await?;
        assert!(problems.is_empty(), "seed {seed}: {problems:#?}");
        shop.is_as_rebuilt().await?;
    }
    Ok(())
}

async fn change(shop: &Shop, dice: &mut Dice) -> Result<()> {
    match dice.roll(8) {
        0 | 1 => {
            let mut sale = Sale::of(dice.id(12), dice.id(3), &dice.day());
            sale.kind = dice.one_of(&["sale", "sale", "return", "adjustment"]);
            sale.status = dice.one_of(&[None, Some("paid"), Some("Cancelled")]);
            sale.currency = dice.currency();
            let lines = 1 + dice.roll(3) as usize;
            for _ in 0..lines {
                sale = sale.line(dice.id(5), &dice.amount(), &dice.amount());
            }
            for _ in 0..dice.roll(3) {
                let line = 1 + dice.roll(lines as u64) as usize;
                sale = sale.update(
                    line,
                    &dice.day(),
                    &dice.amount(),
                    &format!("-{}", dice.amount()),
                );
            }
            shop.sale(&sale).await
        }
        2 => {
            let mut purchase = Purchase::of(dice.id(5), dice.id(3), &dice.day());
            purchase.status = dice.one_of(&[
                None,
                Some("ordered"),
                Some("draft"),
                Some("cancelled"),
                Some("received"),
                Some("Closed"),
            ]);
            // Nothing is closed before it is ordered.
            let ordered = purchase.day.clone();
            purchase.closed = (dice.roll(4) == 0).then(|| dice.day().max(ordered));
            purchase.record_day = dice.day();
            purchase.currency = dice.currency();
            for _ in 0..=dice.roll(2) {
                purchase = purchase.line(dice.id(5), &dice.amount(), &dice.amount());
            }
            shop.purchase(&purchase).await
        }
        3 => {
            let product = dice.id(5);
            let line = 1 + dice.roll(2) as usize;
            let mut receipt = Receipt::of(
                dice.id(8),
                dice.id(5),
                &dice.day(),
                &[(line, product, &dice.amount())],
            );
            receipt.status = dice.one_of(&[None, Some("booked"), Some("cancelled")]);
            shop.receipt(&receipt).await
        }
        4 => {
            let day = dice.day();
            shop.purchases_delivered(&[&day]).await
        }
        5 => {
            let (location, day) = (dice.id(3), dice.day());
            let quantities: Vec<_> = (1..=5)
                .filter(|_| dice.roll(2) == 0)
                .collect::<Vec<_>>()
                .into_iter()
                .map(|product| (product, dice.amount()))
                .collect();
            let quantities: Vec<_> = quantities.iter().map(|(p, q)| (*p, q.as_str())).collect();
            shop.stock(location, &day, &quantities).await
        }
        6 => {
            let mut days: Vec<_> = (0..=dice.roll(3)).map(|_| dice.day()).collect();
            days.sort();
            days.dedup();
            let costs: Vec<_> = days
                .iter()
                .map(|_| (dice.roll(5) > 0).then(|| dice.amount()))
                .collect();
            let history: Vec<_> = days
                .iter()
                .zip(&costs)
                .map(|(day, cost)| (day.as_str(), cost.as_deref(), dice.currency()))
                .collect();
            shop.costs(dice.id(5), &history).await
        }
        _ => {
            let (currency, day) = (dice.one_of(&[USD, GBP]), dice.day());
            shop.rate(currency, &day, &format!("0.{}", 1 + dice.roll(9999)))
                .await
        }
    }
}
