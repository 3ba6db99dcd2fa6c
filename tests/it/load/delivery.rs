//! Deliveries as transform would hand them on, made by hand.

use std::collections::BTreeMap;

use catwing_domain::{
    BusinessDay, Cell, DatasetNumber, Entity, Money, ObjectCounts, Output, Place, PresenceMark,
    PresenceScope, Problem, Quantity, RawPosition, Reject, Revision, RowKey, Rule, TableId, Unit,
    Version,
    manifest::{EntryNumber, Sha256Hash},
};
use catwing_load::{DeliveryHead, ObjectEntity};

/// One object, one dataset, whatever records a test needs.
pub struct Delivery {
    pub entry: u64,
    pub day: BusinessDay,
    pub output: Output,
    pub counts: BTreeMap<ObjectEntity, ObjectCounts>,
    pub presence: Vec<PresenceScope>,
    revision: Revision,
    dataset: DatasetNumber,
    ordinal: u64,
    /// The update time of the records that follow, else the end of the day.
    updated_at: Option<&'static str>,
}

/// A line of a document: number, product, quantity.
pub type Line = (i32, &'static str, i64);

/// Who wrote a parent row.
#[derive(Clone, Copy)]
pub enum Rank {
    Inferred = 0,
    Embedded = 2,
    Record = 3,
}

impl Delivery {
    pub fn new(entry: u64, day: &str, dataset: u64) -> Self {
        Self {
            entry,
            day: day.parse().expect("a day"),
            output: Output::default(),
            counts: BTreeMap::new(),
            presence: Vec::new(),
            revision: Revision::FIRST,
            dataset: DatasetNumber::try_from(dataset).expect("a dataset's number"),
            ordinal: 0,
            updated_at: None,
        }
    }

    pub fn revision(mut self, number: u16) -> Self {
        self.revision = Revision::new(number).expect("a revision");
        self
    }

    pub fn updated_at(mut self, at: &'static str) -> Self {
        self.updated_at = Some(at);
        self
    }

    pub fn head(&self) -> DeliveryHead {
        DeliveryHead {
            kind: "delivery",
            entry: EntryNumber(self.entry),
            entry_sha256: Sha256Hash::of(format!("entry {}", self.entry).as_bytes()),
            business_day: self.day,
            mapping_sha256: Sha256Hash::of(b"mapping"),
            transform_version: 1,
            run_id: "run".into(),
            objects: vec![format!("raw-data/CW-000200/{}/object.csv", self.day)],
            fix: None,
        }
    }

    /// A sales document in shop `L1`, with the line that each row of the source holds.
    pub fn order(mut self, name: &str, status: &str, lines: &[Line]) -> Self {
        let header = self.next_version();
        let kind = self.lookup(TableId::SalesOrderTypes, "sale", header);
        let status_id = self.lookup(TableId::SalesOrderStatuses, status, header);
        let location = self.parent(TableId::Locations, "L1", "L1", Rank::Inferred, header);
        let currency = RowKey::of_shared("currencies", &[Some("GBP")]).expect("a short key");
        self.output.currencies.insert("GBP".into(), currency);
        let id = key(TableId::SalesOrders, name);
        self.output
            .rows(TableId::SalesOrders)
            .row()
            .key(id)
            .text(name)
            .key(kind)
            .key_or_null(None)
            .key(location)
            .key_or_null(None)
            .key(status_id)
            .date(self.day.date())
            .date_or_null(None)
            .date_or_null(None)
            .money_or_null(None)
            .money(Money::from_units(10_000))
            .key(currency)
            .version(header);
        for (index, line) in lines.iter().enumerate() {
            let own = if index == 0 {
                header
            } else {
                self.next_version()
            };
            self.line(name, id, *line, header, own);
        }
        self.unit(
            TableId::SalesOrders,
            id,
            header,
            &format!("{status}{lines:?}"),
        );
        self.count(Entity::SalesOrders, lines.len().max(1) as u64);
        self
    }

    /// A product of the source's own catalogue.
    pub fn product(mut self, name: &str, label: &str, rank: Rank) -> Self {
        let version = self.next_version();
        let id = self.parent(TableId::Products, name, label, rank, version);
        if matches!(rank, Rank::Record) {
            self.unit(TableId::Products, id, version, label);
            self.mark(name);
            self.count(Entity::Products, 1);
        }
        self
    }

    /// A product's record that is refused, but whose key could be read.
    pub fn refused_product(mut self, name: &str) -> Self {
        let position = self.next_version().raw_position;
        self.mark(name);
        self.output.rejects.push(Reject {
            position,
            object: 0,
            ordinal: self.ordinal - 1,
            entity: Entity::Products,
            record_key: Some(name.to_owned()),
            source_rows: 1,
            problems: vec![
                Problem {
                    rule: Rule::Missing,
                    field: Some("name".into()),
                    value: None,
                    message: "name is missing".into(),
                },
                Problem {
                    rule: Rule::Word,
                    field: Some("kind".into()),
                    value: Some("go\0ods".into()),
                    message: "kind must be goods or service".into(),
                },
            ],
            record: format!("{name},\0"),
        });
        self.count(Entity::Products, 1);
        let counts = self.counts.entry((0, Entity::Products)).or_default();
        counts.records_quarantined += 1;
        counts.rows_quarantined += 1;
        self
    }

    /// Says what the delivery is for the presence of products.
    pub fn snapshot(mut self, retires: bool) -> Self {
        let place = Place {
            page: None,
            ordinal: 0,
        };
        let position = RawPosition::new(self.day, self.revision, self.dataset, place);
        self.presence.push(PresenceScope {
            table: TableId::Products,
            dataset: self.dataset.number(),
            scope: String::new(),
            position: position.expect("a position"),
            retires,
        });
        self
    }

    pub fn lookup(&mut self, table: TableId, name: &str, version: Version) -> RowKey {
        let id = key(table, name);
        let rows = self.output.rows(table);
        rows.row().key(id).text(name).version(version);
        id
    }

    /// A location or a product.
    pub fn parent(
        &mut self,
        table: TableId,
        name: &str,
        label: &str,
        rank: Rank,
        version: Version,
    ) -> RowKey {
        let id = key(table, name);
        let mut row = self.output.rows(table).row().key(id).text(name);
        let nulls = match table {
            TableId::Products => {
                row = row.cell(Cell::Null).cell(Cell::Null);
                row = row.text(label).text("goods");
                10
            }
            _ => {
                row = row.text(label);
                6
            }
        };
        for _ in 0..nulls {
            row = row.cell(Cell::Null);
        }
        let active = !label.ends_with("(gone)");
        row.bool(active)
            .bool(active)
            .small(rank as i16)
            .version(version);
        id
    }

    pub fn mark(&mut self, product: &str) {
        self.output.present.push(PresenceMark {
            table: TableId::Products,
            id: key(TableId::Products, product),
        });
    }

    pub fn next_version(&mut self) -> Version {
        let place = Place {
            page: None,
            ordinal: self.ordinal,
        };
        self.ordinal += 1;
        let at = self
            .updated_at
            .map_or_else(|| format!("{}T23:59:59.999999Z", self.day), str::to_owned);
        Version {
            source_version: at.parse().expect("an instant"),
            raw_position: RawPosition::new(self.day, self.revision, self.dataset, place)
                .expect("a position"),
        }
    }

    fn line(&mut self, order: &str, order_id: RowKey, line: Line, header: Version, own: Version) {
        let (line_no, product, qty) = line;
        let product_id = self.parent(TableId::Products, product, product, Rank::Inferred, own);
        let number = line_no.to_string();
        let id = key_of(TableId::SalesOrderLines, &[order, &number]);
        self.output
            .rows(TableId::SalesOrderLines)
            .row()
            .key(id)
            .key(order_id)
            .int(line_no)
            .text_or_null(None)
            .key(product_id)
            .quantity(Quantity::from_units(qty))
            .money(Money::from_units(10_000))
            .rate_or_null(None)
            .money(Money::ZERO)
            .money(Money::from_units(qty * 10))
            .version(own);
        self.part(TableId::SalesOrderLines, header);
        let kind = self.lookup(TableId::SalesOrderLineUpdateTypes, "correction", own);
        self.output
            .rows(TableId::SalesOrderLineUpdates)
            .row()
            .key(key_of(
                TableId::SalesOrderLineUpdates,
                &[order, &number, "1"],
            ))
            .key(order_id)
            .key(id)
            .int(1)
            .text_or_null(None)
            .key(kind)
            .date(self.day.date())
            .quantity(Quantity::from_units(-qty))
            .money(Money::ZERO)
            .version(own);
        self.part(TableId::SalesOrderLineUpdates, header);
    }

    fn part(&mut self, table: TableId, header: Version) {
        let units = self.output.part_units.entry(table).or_default();
        units.push(header.raw_position);
    }

    fn unit(&mut self, table: TableId, id: RowKey, version: Version, content: &str) {
        let hash = Sha256Hash::of(content.as_bytes());
        self.output.units.push(Unit {
            table,
            id,
            version,
            content: hash.0[..8]
                .iter()
                .fold(0, |sum, b| sum << 8 | i64::from(*b)),
            object: 0,
        });
    }

    fn count(&mut self, entity: Entity, source_rows: u64) {
        let counts = self.counts.entry((0, entity)).or_default();
        counts.source_rows += source_rows;
        counts.records_read += 1;
    }
}

pub fn key(table: TableId, name: &str) -> RowKey {
    key_of(table, &[name])
}

fn key_of(table: TableId, parts: &[&str]) -> RowKey {
    let parts: Vec<_> = parts.iter().copied().map(Some).collect();
    RowKey::of(table, "", &parts).expect("a short key")
}
