//! Stores, the warehouse and the distribution centre.

use catwing_domain::BusinessDay;
use serde::Serialize;

use super::Masters;
use crate::calendar::Calendar;

const CITIES: [(&str, &str); 6] = [
    ("Lyon", "FR"),
    ("Leeds", "GB"),
    ("Graz", "AT"),
    ("Ghent", "BE"),
    ("Turku", "FI"),
    ("Porto", "PT"),
];
/// With as many locations, the last store opens in the midst of the history.
const OPENING_FROM: u16 = 5;

/// What a location is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LocationKind {
    Warehouse,
    Centre,
    Store,
}

/// A location.
#[derive(Clone, Debug)]
pub(crate) struct Location {
    pub external_id: String,
    pub kind: LocationKind,
    /// The day on which it opens.
    opens: u16,
    opened_on: BusinessDay,
}

#[derive(Serialize)]
struct Relationship<'a> {
    parent_external_id: &'a str,
    r#type: &'static str,
    lead_time_days: u32,
    priority: u32,
}

#[derive(Serialize)]
pub(crate) struct LocationRecord<'a> {
    external_id: &'a str,
    name: String,
    r#type: &'static str,
    status: &'static str,
    city: &'static str,
    country: &'static str,
    opened_on: BusinessDay,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    relationships: Vec<Relationship<'a>>,
}

impl Location {
    pub(crate) fn is_open(&self, day: u16) -> bool {
        day >= self.opens
    }

    /// How many locations supply it.
    pub(crate) fn parents(&self, masters: &Masters) -> usize {
        self.suppliers(masters).len()
    }

    /// Stores are supplied by the centre and, where there is one, second by the warehouse.
    fn suppliers(&self, masters: &Masters) -> &'static [u16] {
        match (self.kind, masters.source()) {
            (LocationKind::Warehouse, _) => &[],
            (LocationKind::Centre, _) | (LocationKind::Store, 0) => &[0],
            (LocationKind::Store, _) => &[1, 0],
        }
    }

    pub(super) fn record<'a>(&'a self, masters: &'a Masters, index: usize) -> LocationRecord<'a> {
        let (city, country) = CITIES
            .get(index % CITIES.len())
            .copied()
            .unwrap_or_default();
        let (r#type, name) = match self.kind {
            LocationKind::Warehouse => ("warehouse", "Warehouse".to_owned()),
            LocationKind::Centre => ("distribution centre", format!("Centre {city}")),
            LocationKind::Store => ("store", format!("Shop {city}")),
        };
        let supplied = |(priority, parent): (u32, &u16)| Relationship {
            parent_external_id: masters.location_code(*parent),
            r#type: "supplies",
            lead_time_days: 2 * priority - 1,
            priority,
        };
        LocationRecord {
            external_id: &self.external_id,
            name,
            r#type,
            status: "open",
            city,
            country,
            opened_on: self.opened_on,
            relationships: (1..).zip(self.suppliers(masters)).map(supplied).collect(),
        }
    }
}

pub(super) fn locations(count: u16, calendar: Calendar) -> Vec<Location> {
    let location = |index: u16| {
        let kind = match index {
            0 => LocationKind::Warehouse,
            1 if count >= 3 => LocationKind::Centre,
            _ => LocationKind::Store,
        };
        let is_new = count >= OPENING_FROM && index + 1 == count;
        let opens = if is_new { calendar.days / 5 } else { 0 };
        Location {
            external_id: format!("L{:02}", index + 1),
            kind,
            opens,
            opened_on: if is_new {
                calendar.date(opens)
            } else {
                calendar.before(365)
            },
        }
    };
    (0..count).map(location).collect()
}
