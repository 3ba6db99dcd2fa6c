//! The days of a history, one after the other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use catwing_domain::{BusinessDay, TenantId};
use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use crate::{
    DocumentTotals, Totals,
    dirt::Dirt,
    document::{Document, Line, Update},
    masters::{Masters, SHIPPING},
    totals::Newest,
};

/// 2026-01-05, a Monday.
const FIRST_DAY: u16 = 20_458;
/// Documents that may still be corrected or sent again.
const RECENT: usize = 400;
/// Days between one wrong record and the next.
const DIRT_PAUSE: u16 = 3;

/// What is simulated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whose history.
    pub tenant: TenantId,
    /// Another seed, another history.
    pub seed: u64,
    /// Its first day.
    pub first_day: BusinessDay,
    /// Days, the first one among them.
    pub days: u16,
    /// Products beside the charge for shipping.
    pub products: u32,
    /// Locations; the first is the warehouse that sends what is bought on the web.
    pub locations: u32,
    /// Customers by the last day.
    pub customers: u32,
    /// Documents of a usual day; of a weekend day half as many more.
    pub documents_a_day: u32,
    /// ISO 4217.
    pub currency: String,
}

impl Settings {
    /// Thirty days of a small retailer.
    #[must_use]
    pub fn demo(tenant: TenantId, seed: u64) -> Self {
        Self {
            tenant,
            seed,
            first_day: BusinessDay::from_number(FIRST_DAY),
            days: 30,
            products: 120,
            locations: 5,
            customers: 400,
            documents_a_day: 80,
            currency: "EUR".to_owned(),
        }
    }
}

/// What one day brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayOfHistory {
    /// The business day.
    pub day: BusinessDay,
    /// Its files, named as raw objects are.
    pub files: Vec<DayFile>,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayFile {
    /// `sales_orders.json`, or `sales_orders.r2.json` for a second delivery of the day.
    pub name: String,
    /// A JSON array of canonical records, one a line.
    pub bytes: Vec<u8>,
}

/// A retailer's history: an iterator over its days, and the totals of those that it gave.
#[derive(Clone, Debug)]
pub struct History {
    settings: Settings,
    rng: ChaCha8Rng,
    masters: Masters,
    /// The next day's index.
    day: u16,
    documents: u64,
    /// Documents that were held back, by the index of the day that brings them.
    late: BTreeMap<u16, Vec<Document>>,
    recent: VecDeque<Document>,
    newest: Newest,
    /// Place of the next sales record: by day, revision and position.
    place: u64,
    customers: BTreeSet<String>,
    totals: Totals,
}

impl History {
    /// A history from its first day.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let mut rng =
            ChaCha8Rng::seed_from_u64(settings.seed ^ u64::from(settings.tenant.number()) << 32);
        let sizes = (
            settings.products,
            settings.locations.max(1),
            settings.customers,
        );
        let masters = Masters::new(&mut rng, sizes, settings.days);
        Self {
            rng,
            masters,
            settings,
            day: 0,
            documents: 0,
            late: BTreeMap::new(),
            recent: VecDeque::new(),
            newest: Newest::default(),
            place: 0,
            customers: BTreeSet::new(),
            totals: Totals::default(),
        }
    }

    /// The tenant's file, with the tenant's name: canonical records, so that nothing is mapped.
    #[must_use]
    pub fn tenant_file(&self, name: &str) -> String {
        let Settings {
            tenant, currency, ..
        } = &self.settings;
        let mut file = format!(
            "# A simulated retailer, whose ERP speaks the canonical records.\nclient = \"{tenant}\"\n\
             name = \"{name}\"\ntime_zone = \"Europe/Berlin\"\nbase_currency = \"{currency}\"\n\n\
             [sources.erp]\nkind = \"files\"\n"
        );
        let datasets = [
            ("products", "snapshot"),
            ("locations", "snapshot"),
            ("customers", "snapshot"),
            ("sales_orders", "delta"),
        ];
        for (number, (name, completeness)) in (1..).zip(datasets) {
            file.push_str(&format!(
                "\n[datasets.{name}]\nnumber = {number}\nsource = \"erp\"\ncompleteness = \"{completeness}\"\n"
            ));
        }
        file
    }

    /// The totals of the days that were given.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let last = self.day.saturating_sub(1);
        let active = self
            .masters
            .products
            .iter()
            .filter(|product| product.is_listed(last))
            .count() as u64
            + 1;
        let known = self
            .masters
            .products
            .iter()
            .filter(|product| (0..=last).any(|day| product.is_listed(day)));
        let documents: BTreeMap<&'static str, DocumentTotals> = self.newest.by_type();
        Totals {
            products_active: active,
            products_retired: known.count() as u64 + 1 - active,
            locations: self.masters.locations.len() as u64,
            customers: self.customers.len() as u64,
            documents,
            ..self.totals.clone()
        }
    }

    fn date(&self, day: u16) -> BusinessDay {
        BusinessDay::from_number(self.settings.first_day.number().saturating_add(day))
    }

    /// A time of the day: hours grow with what happens later in it.
    fn at(&mut self, day: u16, hour: u32) -> String {
        let (minute, second) = (self.rng.random_range(0..60), self.rng.random_range(0..60));
        format!("{}T{hour:02}:{minute:02}:{second:02}Z", self.date(day))
    }

    fn new_document(&mut self, day: u16) -> Document {
        self.documents += 1;
        let is_web = self.rng.random_ratio(1, 3);
        let shop = self.rng.random_range(0..self.masters.locations.len());
        let location = self
            .masters
            .locations
            .get(if is_web { 0 } else { shop })
            .cloned()
            .unwrap_or_default();
        let named = is_web || self.rng.random_ratio(1, 2);
        let customer = if named {
            self.masters.customer(&mut self.rng, day)
        } else {
            None
        };
        let hour = self.rng.random_range(8..18);
        let mut document = Document {
            external_id: format!("{location}-{:07}", self.documents),
            kind: "sale",
            order_date: self.date(day),
            location,
            channel: if is_web { "web" } else { "store" },
            status: if is_web { "shipped" } else { "paid" },
            currency: self.settings.currency.clone(),
            customer,
            updated_at: self.at(day, hour),
            lines: Vec::new(),
        };
        self.fill(&mut document, day, is_web);
        document
    }

    /// Lines of a sale, of a return in one of 25, of a write-off in one of 100.
    fn fill(&mut self, document: &mut Document, day: u16, is_web: bool) {
        let listed: Vec<_> = self
            .masters
            .products
            .iter()
            .filter(|product| product.is_listed(day))
            .cloned()
            .collect();
        let count = self.rng.random_range(1..=6);
        let chosen: Vec<_> = listed
            .choose_multiple(&mut self.rng, count)
            .cloned()
            .collect();
        for product in chosen {
            let discount_percent = if self.rng.random_ratio(1, 6) {
                10 * self.rng.random_range(1..=3)
            } else {
                0
            };
            document.lines.push(Line {
                product: product.external_id,
                qty: self.rng.random_range(1..=5),
                price_cents: product.price_cents,
                discount_percent,
                updates: Vec::new(),
            });
        }
        match self.rng.random_range(0..100) {
            0..4 => {
                document.kind = "return";
                for line in &mut document.lines {
                    line.qty = -line.qty;
                }
            }
            4 => {
                document.kind = "adjustment";
                document.customer = None;
                for line in &mut document.lines {
                    (line.qty, line.price_cents, line.discount_percent) = (-line.qty, 0, 0);
                }
            }
            _ if is_web => document.lines.push(Line {
                product: SHIPPING.to_owned(),
                qty: 1,
                price_cents: 490,
                discount_percent: 0,
                updates: Vec::new(),
            }),
            _ => {}
        }
    }

    /// A newer version of a document: fewer lines, other quantities, or goods that came back.
    fn correct(&mut self, mut document: Document, day: u16) -> Document {
        document.updated_at = self.at(day, 19);
        match self.rng.random_range(0..3) {
            0 if document.lines.len() > 1 => {
                document.lines.pop();
            }
            1 if document.kind == "sale" => {
                if let Some(line) = document.lines.first_mut() {
                    let date = BusinessDay::from_number(self.settings.first_day.number() + day);
                    line.updates.push(Update {
                        date,
                        qty_delta: -1,
                        value_cents: -line.price_cents,
                    });
                }
            }
            _ => {
                for line in &mut document.lines {
                    line.qty += line.qty.signum();
                }
            }
        }
        document
    }

    /// The sales records of a day, in the order in which they are delivered.
    fn sales(&mut self, day: u16) -> Vec<Value> {
        let mut documents = self.late.remove(&day).unwrap_or_default();
        let usual = self.settings.documents_a_day;
        let weekend = matches!((self.date(day).number() + 3) % 7, 5 | 6);
        let count = if weekend { usual + usual / 2 } else { usual };
        for _ in 0..count {
            let document = self.new_document(day);
            if self.rng.random_ratio(1, 40) {
                let arrives = day + self.rng.random_range(1..=3);
                self.late.entry(arrives).or_default().push(document);
            } else {
                documents.push(document);
            }
        }
        let recent: Vec<_> = self.recent.iter().cloned().collect();
        let corrected: Vec<_> = recent
            .choose_multiple(&mut self.rng, count as usize / 25)
            .cloned()
            .collect();
        for document in corrected {
            let newer = self.correct(document, day);
            documents.push(newer);
        }
        let again: Vec<_> = recent
            .choose_multiple(&mut self.rng, count as usize / 40)
            .cloned()
            .collect();
        documents.extend(again);
        let mut records = self.write(&documents);
        let sale = documents.iter().find(|document| document.kind == "sale");
        if let (true, Some(sale)) = (day % DIRT_PAUSE == 1, sale) {
            let dirt = Dirt::ALL[usize::from(day / DIRT_PAUSE) % Dirt::ALL.len()];
            records.push(dirt.spoil(sale));
            *self.totals.refused.entry(dirt.name()).or_default() += 1;
        }
        records
    }

    /// The records of documents, which count from now on.
    fn write(&mut self, documents: &[Document]) -> Vec<Value> {
        let mut records = Vec::with_capacity(documents.len());
        for document in documents {
            self.newest.add(self.place, document);
            self.place += 1;
            if let Some((external_id, _)) = &document.customer {
                self.customers.insert(external_id.clone());
            }
            self.recent.push_back(document.clone());
            records.push(document.to_json());
        }
        while self.recent.len() > RECENT {
            self.recent.pop_front();
        }
        records
    }

    /// What the day's second delivery has: a document with the same update time and one more piece.
    /// The later revision counts.
    fn second_delivery(&mut self, day: u16) -> Option<Vec<Value>> {
        let mut document = self
            .recent
            .back()
            .filter(|_| day == self.settings.days / 2)?
            .clone();
        for line in &mut document.lines {
            line.qty += line.qty.signum();
        }
        Some(self.write(&[document]))
    }

    fn file(&mut self, entity: &'static str, name: &str, records: &[Value]) -> DayFile {
        *self.totals.records.entry(entity).or_default() += records.len() as u64;
        let lines: Vec<_> = records.iter().map(Value::to_string).collect();
        DayFile {
            name: name.to_owned(),
            bytes: format!("[\n{}\n]\n", lines.join(",\n")).into_bytes(),
        }
    }
}

impl Iterator for History {
    type Item = DayOfHistory;

    fn next(&mut self) -> Option<DayOfHistory> {
        let day = self.day;
        if day >= self.settings.days {
            return None;
        }
        self.day += 1;
        let (products, locations, customers) = (
            self.masters.products_json(day),
            self.masters.locations_json(self.settings.first_day),
            self.masters.customers_json(day),
        );
        for record in &customers {
            self.customers
                .extend(record["external_id"].as_str().map(str::to_owned));
        }
        let sales = self.sales(day);
        let mut files = vec![
            self.file("products", "products.json", &products),
            self.file("locations", "locations.json", &locations),
            self.file("customers", "customers.json", &customers),
            self.file("sales_orders", "sales_orders.json", &sales),
        ];
        if let Some(more) = self.second_delivery(day) {
            files.push(self.file("sales_orders", "sales_orders.r2.json", &more));
        }
        Some(DayOfHistory {
            day: self.date(day),
            files,
        })
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::{History, Settings};

    #[test]
    fn the_same_settings_give_the_same_bytes_everywhere() {
        let digest = |seed: u64| {
            let mut hasher = Sha256::new();
            let history = History::new(Settings::demo("CW-000200".parse().unwrap(), seed));
            for day in history {
                for file in day.files {
                    hasher.update(day.day.to_string());
                    hasher.update(file.name);
                    hasher.update(file.bytes);
                }
            }
            hex::encode(hasher.finalize())
        };
        assert_eq!(digest(1), digest(1));
        assert_ne!(digest(1), digest(2));
        assert_eq!(
            digest(1),
            "201074b9d9ba2ae38fa0d766068ccdb168fde99033c03a2014bf1b11c7ddcb36"
        );
    }

    #[test]
    fn a_history_has_everything_that_makes_real_ones_hard() {
        let mut history = History::new(Settings::demo("CW-000200".parse().unwrap(), 1));
        let days: Vec<_> = history.by_ref().collect();
        let totals = history.totals();
        assert_eq!(days.len(), 30);
        assert_eq!(days.iter().filter(|day| day.files.len() == 5).count(), 1);
        let sent = totals.records["sales_orders"];
        let documents: u64 = totals.documents.values().map(|one| one.documents).sum();
        let refused: u64 = totals.refused.values().sum();
        assert!(
            sent > documents + refused,
            "nothing was corrected or sent twice"
        );
        assert_eq!(totals.refused.len(), 5);
        assert!(totals.products_retired > 0 && totals.documents["sale"].updates > 0);
        assert_eq!(totals.documents.len(), 3);
    }
}
