//! A home, and the binary on it.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

/// A home of its own; its PostgreSQL is stopped with it.
pub struct Home {
    folder: TempDir,
}

/// What a command said.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Home {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// A file beside the home.
    pub fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(&path, content).expect("a file");
        path
    }

    /// The binary, ready to be given arguments; nothing of the caller's settings reaches it.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_catwing"));
        for variable in [
            "DATABASE_URL",
            "AWS_ENDPOINT_URL",
            "AWS_ACCESS_KEY_ID",
            "CATWING_CONFIG",
        ] {
            command.env_remove(variable);
        }
        command
            .env("CATWING_HOME", self.path())
            .current_dir(self.folder.path())
            .args(arguments);
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Said {
        Said::of(self.command(arguments).output().expect("catwing starts"))
    }

    /// Runs a command that must succeed, and reads its one JSON document.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let said = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(said.code, 0, "{arguments:?}: {said:?}");
        said.json()
    }

    /// Adds the tenant of these tests, whose ERP speaks canonical records.
    pub fn add_tenant(&self) {
        let file = self.file("tenant.toml", TENANT);
        let said = self.run(&["tenant", "add", text(&file)]);
        assert_eq!(said.code, 0, "{said:?}");
    }

    /// A home whose tenant has sold three of a product on a day, which is loaded.
    pub fn after_a_sale(day: &str) -> Self {
        let home = Self::new();
        home.add_tenant();
        let sale = document("A", day, 3);
        home.import(day, "sales_orders.json", &format!("[{sale}]"));
        home.json(&["backfill", "--client", CLIENT]);
        home
    }

    /// Imports a day's sales documents.
    pub fn import(&self, day: &str, name: &str, documents: &str) -> Said {
        let file = self.file(&format!("in/{day}/{name}"), documents);
        self.run(&[
            "raw",
            "import",
            text(&file),
            "--client",
            CLIENT,
            "--date",
            day,
        ])
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let said = self.run(&["db", "down"]);
        if said.code != 0 {
            eprintln!("the PostgreSQL of a test is not stopped: {said:?}");
        }
    }
}

impl Said {
    pub fn of(output: Output) -> Self {
        let read = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Self {
            code: output.status.code().unwrap_or(-1),
            out: read(output.stdout),
            err: read(output.stderr),
        }
    }

    /// The one JSON document on stdout.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

pub fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

pub const CLIENT: &str = "CW-000500";
pub const TENANT: &str = r#"
client = "CW-000500"
name = "Shop"
time_zone = "Europe/Berlin"
base_currency = "EUR"

[sources.erp]
kind = "files"
folder = "drop/{date}"

[datasets.sales_orders]
number = 1
source = "erp"
"#;

/// A sales document of one line.
pub fn document(external_id: &str, day: &str, qty: i64) -> String {
    serde_json::json!({
        "external_id": external_id, "order_date": day, "location_external_id": "L1",
        "lines": [{ "line_no": 1, "product_external_id": "P1", "qty": qty, "unit_price": "2.50" }],
    })
    .to_string()
}
