//! A small shop whose settings tests write, and a clock that they set.

use std::sync::Mutex;

use anyhow::Result;
use catwing_domain::Clock;
use catwing_raw_store::Manifest;
use catwing_recovery::apply::Grouping;
use catwing_settings::{Change, Plan, Saved, Settings, SettingsError, Writer};
use catwing_transform::Mapping;
use futures_util::TryStreamExt;
use jiff::Timestamp;

use crate::warehouse::Warehouse;

const FILE: &str = r#"
client = "CW-000200"
name = "Shop"
time_zone = "Europe/Sofia"
base_currency = "EUR"
[datasets.products]
number = 1
completeness = "snapshot"
[datasets.locations]
number = 2
completeness = "snapshot"
[datasets.suppliers]
number = 3
completeness = "snapshot"
[datasets.sales_orders]
number = 4
[datasets.pricing_lists]
number = 5
"#;
pub const USER: &str = "ana@shop.example";
pub const DAY: &str = "2026-02-24";

/// A clock that a test sets.
pub struct Hand(Mutex<Timestamp>);

impl Hand {
    pub fn at(text: &str) -> Result<Self> {
        Ok(Self(Mutex::new(text.parse()?)))
    }

    pub fn set(&self, text: &str) -> Result<()> {
        *self.0.lock().expect("a clock") = text.parse()?;
        Ok(())
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("a clock")
    }
}

pub struct Shop {
    pub warehouse: Warehouse,
    pub mapping: Mapping,
    pub files: tempfile::TempDir,
    pub clock: Hand,
}

impl Shop {
    pub async fn open() -> Result<Self> {
        let warehouse = Warehouse::create(FILE).await?;
        let mapping = Mapping::compile(&warehouse.file).expect("a mapping");
        let shop = Self {
            warehouse,
            mapping,
            files: tempfile::tempdir()?,
            clock: Hand::at("2026-02-24T10:00:00Z")?,
        };
        shop.deliver(
            DAY,
            &[
                ("products.json", r#"[{"external_id": "P001", "name": "Holder", "category": {"external_id": "C1", "name": "Gifts"}, "supplier_external_id": "V1"}]"#),
                ("locations.json", LOCATIONS),
                ("suppliers.json", r#"[{"external_id": "V1", "name": "Vendor"}]"#),
            ],
        )
        .await?;
        Ok(shop)
    }

    pub async fn deliver(&self, day: &str, files: &[(&str, &str)]) -> Result<()> {
        let folder = self.files.path().join(day);
        std::fs::create_dir_all(&folder)?;
        for (name, content) in files {
            std::fs::write(folder.join(name), content)?;
        }
        self.warehouse.import_day(&folder, day).await?;
        std::fs::remove_dir_all(&folder)?;
        let pending = self.warehouse.pending().await?;
        self.warehouse.apply(&pending, Grouping::default()).await?;
        Ok(())
    }

    pub fn settings(&self) -> Settings<'_> {
        Settings {
            store: &self.warehouse.archive.store,
            pool: &self.warehouse.pool,
            tenant: self.warehouse.tenant(),
            mapping: (self.warehouse.archive.mapping, &self.mapping),
            clock: &self.clock,
        }
    }

    pub async fn save(
        &self,
        event_id: &str,
        table: &str,
        values: &[&str],
    ) -> Result<Saved, SettingsError> {
        let writer = Writer {
            user: USER,
            event_id,
            run_id: "test",
        };
        self.settings().save(&change(table, values)?, writer).await
    }

    pub async fn plan(&self, table: &str, values: &[&str]) -> Result<Plan, SettingsError> {
        self.settings().plan(&change(table, values)?, USER).await
    }

    /// The fields in force that are not null, by name.
    pub async fn in_force(&self, table: &str, key: &[&str]) -> Result<Vec<String>> {
        let rows = self.settings().show(&change(table, key)?).await?;
        let fields = rows.into_iter().flat_map(|row| row.fields);
        let set = fields.filter(|(_, value)| !value.is_null());
        Ok(set.map(|(name, value)| format!("{name} {value}")).collect())
    }

    pub async fn entries(&self) -> Result<usize> {
        let manifest = Manifest::of(&self.warehouse.archive.store, self.warehouse.tenant());
        Ok(manifest.entries(None).try_collect::<Vec<_>>().await?.len())
    }
}

pub const LOCATIONS: &str = r#"[
    {"external_id": "W1", "name": "Hub", "type": "warehouse", "city": "Plovdiv", "country": "BG"},
    {"external_id": "S1", "name": "Shop", "type": "store", "relationships":
        [{"parent_external_id": "W1", "type": "supplies", "priority": 1, "lead_time_days": 2}]}]"#;

pub fn change(table: &str, values: &[&str]) -> Result<Change, SettingsError> {
    let values: Vec<_> = values.iter().map(ToString::to_string).collect();
    Change::parse(table, &values)
}
