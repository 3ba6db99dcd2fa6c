//! The desk that supplies stores: their requests, and goods on their way between locations.

use std::collections::BTreeMap;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::{
    Dataset,
    demand::Demand,
    document::{StoreOrder, StoreOrderLine, Transfer, TransferLine},
    workday::Workday,
};

/// The most lines of a request or a transfer.
const LINES_MAX: usize = 40;

/// The desk that supplies stores.
#[derive(Clone, Debug)]
pub(crate) struct Supply {
    rng: ChaCha8Rng,
    demand: Demand,
    numbers: u64,
    /// Requests that are open: they are answered on the next day.
    requests: Vec<StoreOrder>,
    /// Transfers by the day of their arrival, and whether anybody was told that they were sent.
    on_the_way: BTreeMap<u16, Vec<(Transfer, bool)>>,
}

impl Supply {
    pub(crate) fn new(rng: ChaCha8Rng, demand: Demand) -> Self {
        Self {
            rng,
            demand,
            numbers: 0,
            requests: Vec::new(),
            on_the_way: BTreeMap::new(),
        }
    }

    /// The morning: transfers arrive, and yesterday's requests are answered.
    pub(crate) fn open(&mut self, on: &mut Workday<'_>) {
        for (transfer, is_told) in self.on_the_way.remove(&on.day).unwrap_or_default() {
            self.arrive(transfer, is_told, on);
        }
        for request in std::mem::take(&mut self.requests) {
            self.answer(request, on);
        }
    }

    /// The evening: stores ask for what they lack, and the centre gets its goods from the warehouse.
    pub(crate) fn close(&mut self, on: &mut Workday<'_>) {
        let source = on.masters.source();
        for store in on.masters.stores(on.day) {
            if (on.day + store).is_multiple_of(2) {
                self.request(store, source, on);
            }
        }
        if source != 0 {
            self.fill_centre(source, on);
        }
    }

    /// The products that a location lacks, and how many pieces.
    fn lacks(&self, location: u16, on: &Workday<'_>) -> Vec<(u32, i64)> {
        let lack = |product: u32| {
            let level = on.stock.level(location, product);
            let there = level.on_hand - level.reserved + level.in_transit;
            let target = self.demand.target(on.masters, location, product);
            let is_low = Demand::is_carried(on.masters, location, product) && there * 2 < target;
            is_low.then_some((product, target - there))
        };
        let listed = on.masters.listed(on.day).into_iter();
        listed.filter_map(lack).take(LINES_MAX).collect()
    }

    fn request(&mut self, store: u16, source: u16, on: &mut Workday<'_>) {
        let lacks = self.lacks(store, on);
        if lacks.is_empty() {
            return;
        }
        let mut line = |(product, qty): (u32, i64)| {
            let reserved = qty.min(on.stock.available(source, product)).max(0);
            on.stock.reserve(source, product, reserved);
            StoreOrderLine {
                product,
                qty,
                reserved,
                fulfilled: None,
            }
        };
        let lines = lacks.into_iter().map(&mut line).collect();
        let calendar = on.masters.calendar;
        let request = StoreOrder {
            external_id: self.number("SO"),
            store,
            source,
            order_date: on.date(),
            requested_date: self
                .rng
                .random_ratio(2, 3)
                .then(|| calendar.date(on.day.saturating_add(2))),
            status: "open",
            updated_at: calendar.at(&mut self.rng, on.day, 18),
            lines,
        };
        let record = request.record(on.masters);
        on.sheets.of(Dataset::StoreOrders).push(&record);
        on.books.store_order(None, &request);
        self.requests.push(request);
    }

    /// A request is fulfilled with what was set aside for it; a few are called off.
    fn answer(&mut self, request: StoreOrder, on: &mut Workday<'_>) {
        for line in &request.lines {
            on.stock
                .reserve(request.source, line.product, -line.reserved);
        }
        let mut newer = request.clone();
        newer.updated_at = on.masters.calendar.at(&mut self.rng, on.day, 7);
        let is_off =
            self.rng.random_ratio(1, 15) || request.lines.iter().all(|one| one.reserved == 0);
        newer.status = if is_off { "cancelled" } else { "fulfilled" };
        for line in &mut newer.lines {
            line.fulfilled = Some(if is_off { 0 } else { line.reserved });
        }
        on.sheets
            .of(Dataset::StoreOrders)
            .push(&newer.record(on.masters));
        on.books.store_order(Some(&request), &newer);
        if is_off {
            return;
        }
        let goods: Vec<_> = newer
            .lines
            .iter()
            .map(|line| (line.product, line.reserved))
            .collect();
        self.ship(
            Some(newer.external_id),
            (newer.source, newer.store),
            &goods,
            on,
        );
    }

    fn fill_centre(&mut self, centre: u16, on: &mut Workday<'_>) {
        let goods: Vec<_> = self
            .lacks(centre, on)
            .into_iter()
            .map(|(product, qty)| (product, qty.min(on.stock.available(0, product))))
            .collect();
        self.ship(None, (0, centre), &goods, on);
    }

    /// Sends goods on their way. Of one in 20 transfers nobody is told before it arrives.
    fn ship(
        &mut self,
        store_order: Option<String>,
        (from, to): (u16, u16),
        goods: &[(u32, i64)],
        on: &mut Workday<'_>,
    ) {
        let lines: Vec<_> = goods
            .iter()
            .filter(|(_, qty)| *qty > 0)
            .map(|(product, shipped)| TransferLine {
                product: *product,
                shipped: *shipped,
                received: None,
            })
            .collect();
        if lines.is_empty() {
            return;
        }
        for line in &lines {
            on.stock.add(from, line.product, -line.shipped);
            on.stock.send(to, line.product, line.shipped);
        }
        let transfer = Transfer {
            external_id: self.number("TO"),
            store_order,
            from,
            to,
            ship_date: on.date(),
            received_date: None,
            updated_at: on.masters.calendar.at(&mut self.rng, on.day, 18),
            lines,
        };
        let days = self.rng.random_range(1..=2);
        let arrives = on.later(days);
        let is_told = arrives.is_none() || !self.rng.random_ratio(1, 20);
        if is_told {
            let record = transfer.record(on.masters);
            on.sheets.of(Dataset::TransferOrders).push(&record);
            on.books.transfer(None, &transfer);
        }
        if let Some(day) = arrives {
            let coming = self.on_the_way.entry(day).or_default();
            coming.push((transfer, is_told));
        }
    }

    /// What was sent arrives; of one line in 60 a piece is lost.
    fn arrive(&mut self, transfer: Transfer, is_told: bool, on: &mut Workday<'_>) {
        let mut newer = transfer.clone();
        newer.received_date = Some(on.date());
        newer.updated_at = on.masters.calendar.at(&mut self.rng, on.day, 7);
        for line in &mut newer.lines {
            let lost = i64::from(self.rng.random_ratio(1, 60));
            let received = line.shipped - lost;
            on.stock.send(newer.to, line.product, -line.shipped);
            on.stock.add(newer.to, line.product, received);
            line.received = Some(received);
        }
        on.sheets
            .of(Dataset::TransferOrders)
            .push(&newer.record(on.masters));
        let old = Some(&transfer).filter(|_| is_told);
        on.books.transfer(old, &newer);
    }

    fn number(&mut self, kind: &str) -> String {
        self.numbers += 1;
        format!("{kind}-{:06}", self.numbers)
    }
}
