//! What is decided on deliveries once they are landed: verdicts, corrections, and writes of the UI
//! between them; as data that can be generated, shrunk and shown to a person.

use std::fmt;

use anyhow::{Context, Result};
use catwing_domain::manifest::{EntryNumber, Sha256Hash, SourceFacts, Verdict};
use catwing_raw_store::{Correction, Payload, Writes};

use super::{
    deliveries::{Arrival, Shown, date, land},
    record::{Key, Record},
};
use crate::warehouse::{AUTHOR, Warehouse};

/// Deliveries, and what is decided on them.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub arrivals: Vec<Arrival>,
    /// In the order of their entries.
    pub decisions: Vec<Decision>,
}

#[derive(Clone, Debug)]
pub enum Decision {
    /// A verdict refuses what arrived; one that comes when all else is loaded may admit it again.
    Refuse { arrival: usize, overridden: bool },
    /// A record is replaced: of an arrival's file, at a place.
    Fix {
        arrival: usize,
        object: usize,
        ordinal: usize,
        record: Record,
    },
    /// A product's setting is written in the UI; the same event may come again.
    Write { day: u8, product: u8, event: u8 },
}

impl From<Vec<Arrival>> for History {
    fn from(arrivals: Vec<Arrival>) -> Self {
        Self {
            arrivals,
            decisions: Vec::new(),
        }
    }
}

impl Decision {
    /// The minute after midnight at which a write is made.
    pub fn at(day: u8, event: u8) -> String {
        format!("{}T00:0{event}:00.000000", date(day))
    }
}

impl History {
    /// Whether what arrived stays refused in the end.
    pub fn refuses(&self, number: usize) -> bool {
        self.decisions.iter().any(|decision| {
            matches!(decision, Decision::Refuse { arrival, overridden: false } if *arrival == number)
        })
    }

    /// The same with the newest days first.
    pub fn by_day(&self) -> Self {
        let mut order: Vec<_> = (0..self.arrivals.len()).collect();
        order.sort_by_key(|number| std::cmp::Reverse(self.arrivals[*number].day));
        let arrivals = order.iter().map(|number| self.arrivals[*number].clone());
        let mut by_day = Self {
            arrivals: arrivals.collect(),
            decisions: self.decisions.clone(),
        };
        for decision in &mut by_day.decisions {
            if let Decision::Refuse { arrival, .. } | Decision::Fix { arrival, .. } = decision {
                let place = order.iter().position(|number| number == arrival);
                *arrival = place.expect("every arrival has a place");
            }
        }
        by_day
    }

    /// Lands and decides everything but what comes late, and returns the entries that are admitted
    /// again then.
    pub async fn seal(&self, warehouse: &Warehouse) -> Result<Vec<EntryNumber>> {
        let landed = land(warehouse, &self.arrivals).await?;
        let store = &warehouse.archive.store;
        let mut late = Vec::new();
        for decision in &self.decisions {
            match decision {
                Decision::Refuse {
                    arrival,
                    overridden,
                } => {
                    let entry = landed
                        .get(*arrival)
                        .and_then(|landed| landed.entry.as_ref());
                    let Some(entry) = entry.map(|sealed| sealed.entry.number) else {
                        continue;
                    };
                    judge(warehouse, entry, false).await?;
                    late.extend(overridden.then_some(entry));
                }
                Decision::Fix {
                    arrival,
                    object,
                    ordinal,
                    record,
                } => {
                    let of = &self.arrivals[*arrival].objects[*object];
                    let bad = of.records[*ordinal].json(of.dataset).to_string();
                    let correction = Correction {
                        object: landed[*arrival].objects[*object].key.clone(),
                        ordinal: u64::try_from(*ordinal)?,
                        sha256: Sha256Hash::of(bad.as_bytes()),
                        record: record.json(of.dataset).to_string(),
                        by: "ana@shop.example".to_owned(),
                    };
                    store
                        .seal_fix(warehouse.tenant(), correction, AUTHOR)
                        .await?;
                }
                Decision::Write {
                    day,
                    product,
                    event,
                } => write(warehouse, *day, *product, *event).await?,
            }
        }
        Ok(late)
    }
}

/// Seals a verdict.
pub async fn judge(warehouse: &Warehouse, delivery: EntryNumber, accepted: bool) -> Result<()> {
    let verdict = Verdict {
        delivery,
        accepted,
        by: "ana@shop.example".to_owned(),
        reason: "looked at".to_owned(),
    };
    let store = &warehouse.archive.store;
    let sealed = store
        .seal_verdict(warehouse.tenant(), verdict, AUTHOR)
        .await;
    sealed.context("a verdict")?;
    Ok(())
}

async fn write(warehouse: &Warehouse, day: u8, product: u8, event: u8) -> Result<()> {
    let write = serde_json::json!([{
        "event_id": format!("e{event}"), "table": "product_settings",
        "key": { "product": product.to_string() }, "fields": { "enabled_for_processing": event > 0, "package_qty": event + 1 },
        "user": "ana@shop.example", "at": format!("{}Z", Decision::at(day, event)),
    }]);
    let writes = Writes {
        day: date(day).parse()?,
        mapping: warehouse.archive.mapping,
        payload: Payload::from_bytes(write.to_string()),
        record_count: 1,
        source: SourceFacts::default(),
    };
    let store = &warehouse.archive.store;
    store
        .land_writes(warehouse.tenant(), writes, AUTHOR)
        .await?;
    Ok(())
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Shown(&self.arrivals))?;
        for decision in &self.decisions {
            match decision {
                Decision::Refuse {
                    arrival,
                    overridden,
                } => {
                    let late = if *overridden {
                        ", and admitted late"
                    } else {
                        ""
                    };
                    writeln!(f, "{arrival} is refused{late}")?;
                }
                Decision::Fix {
                    arrival,
                    object,
                    ordinal,
                    record,
                } => {
                    let file = self.arrivals[*arrival].objects[*object].dataset.name();
                    let key = match record.key() {
                        Key::Good(key) => key.to_string(),
                        Key::Refused(key) => format!("{key}!"),
                        Key::Unreadable => "?".into(),
                    };
                    writeln!(
                        f,
                        "{arrival} {file} #{ordinal} is corrected: key {key}, updated {:?}, {record}",
                        record.updated()
                    )?;
                }
                Decision::Write {
                    day,
                    product,
                    event,
                } => {
                    let day = date(*day);
                    writeln!(
                        f,
                        "event {event} of {day} sets something of product {product}"
                    )?;
                }
            }
        }
        Ok(())
    }
}
