//! Names of tenants that mean harm, at every door: as a value, in a tenant's file, on the command line,
//! as a schema or role that is migrated, and as part of a key in the archive.

use std::{ffi::OsStr, os::unix::ffi::OsStrExt, path::Path};

use catwing_domain::{BusinessDay, DatasetName, ObjectName, Revision, TenantId};
use catwing_domain::{manifest::Sha256Hash, tenant_file::TenantFile};
use catwing_migrations::{MigrationError, TenantNames, ready};
use catwing_raw_store::config_key;
use sea_orm::sqlx::PgPool;

use crate::command::{Home, Said, text};

/// None of these is `CW-GLOBAL`, or `CW-` and six ASCII digits that are not all zero.
const HOSTILE: [&str; 41] = [
    "",
    " ",
    "CW-",
    "CW-1",
    "CW-20",
    "CW-00200",
    "CW-0000200",
    "CW-000000",
    "CW-4294967296",
    "CW-99999999999999999999",
    "CW--00200",
    "CW-+00200",
    "CW-0x00c8",
    "CW-2e0002",
    "CW-000200 ",
    " CW-000200",
    "CW-000200\n",
    "CW-000200\t",
    "cw-000200",
    "Cw-000200",
    "CW_000200",
    "CW\u{2013}000200",
    "\u{ff23}\u{ff37}-000200",
    "CW-\u{0660}\u{0660}\u{0660}\u{0662}\u{0660}\u{0660}",
    "CW-\u{ff10}\u{ff10}\u{ff10}\u{ff12}\u{ff10}\u{ff10}",
    "CW-\u{1d7ce}\u{1d7ce}\u{1d7ce}\u{1d7d0}\u{1d7ce}\u{1d7ce}",
    "CW-000200\0",
    "CW-000\u{0}200",
    "CW-000200\"; drop schema cw_201 cascade; --",
    "CW-000200' or '1'='1",
    "CW-000200/../CW-000201",
    "../CW-000200",
    "CW-000200/_manifest",
    "..",
    "select",
    "cw-global",
    "CW-GLOBAL ",
    "CW-GL\u{041e}BAL",
    "CW-GLOBALX",
    "CW-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "CW-00020\u{301}",
];

/// Not a panic, not a success, and not a word about anything but the name.
fn check(said: &Said, name: &str) {
    assert_eq!(said.code, 2, "{name:?}: {said:?}");
    assert!(!said.err.contains("panicked"), "{name:?}: {said:?}");
    assert!(said.out.is_empty(), "{name:?}: {said:?}");
}

#[tokio::test]
async fn a_hostile_name_passes_no_door() {
    let home = Home::new();
    // Nobody listens there: a name must be refused before anything connects.
    let pool = PgPool::connect_lazy("postgres://nobody@localhost:1/nothing").expect("a pool");
    for name in HOSTILE {
        assert!(name.parse::<TenantId>().is_err(), "{name:?}");
        let json = serde_json::json!(name).to_string();
        assert!(serde_json::from_str::<TenantId>(&json).is_err(), "{name:?}");

        let file = format!(
            "client = {json}\nname = \"x\"\ntime_zone = \"UTC\"\nbase_currency = \"EUR\"\n\
             [datasets.products]\nnumber = 1\n"
        );
        assert!(TenantFile::parse(&file).is_err(), "{name:?}");
        let file = home.file("hostile.toml", &file);
        for command in ["check", "add"] {
            check(&home.run(&["tenant", command, text(&file)]), name);
        }

        // The system admits no NUL in an argument, so that one never arrives.
        if !name.contains('\0') {
            let flag = format!("--client={name}");
            for arguments in [
                &["run", "--date", "2026-01-05", &flag][..],
                &["digest", &flag],
                &[
                    "raw",
                    "cat",
                    &flag,
                    "raw-data/CW-000200/2026-01-05/products.json",
                ],
                &["tenant", "remove", "--yes", "--", name],
            ] {
                check(&home.run(arguments), name);
            }
        }

        let taken = ["", "_staging", "_stats", "_owner", "_loader", "_reader"]
            .map(|suffix| format!("{name}{suffix}"));
        let [
            schema,
            staging_schema,
            stats_schema,
            owner_role,
            loader_role,
            reader_role,
        ] = taken;
        let names = TenantNames {
            schema,
            staging_schema,
            stats_schema,
            owner_role,
            loader_role,
            reader_role,
        };
        let refused = ready(&pool, &[names]).await;
        assert!(matches!(refused, Err(MigrationError::Name(_))), "{name:?}");
    }
    let mut command = home.command(&["digest", "--client"]);
    command.arg(OsStr::from_bytes(b"CW-000\xff00"));
    check(
        &Said::of(command.output().expect("catwing starts")),
        "not UTF-8",
    );
    assert!(
        !home.path().join("postgres").exists(),
        "a server was started"
    );
}

/// What is taken makes plain names of schemas and roles, and keys below the tenant's own prefix.
#[test]
fn names_that_are_taken_make_plain_keys_schemas_and_roles() {
    for (name, number) in [("CW-GLOBAL", 0), ("CW-000001", 1), ("CW-999999", 999_999)] {
        let tenant: TenantId = name.parse().expect("a client id");
        assert_eq!(
            (tenant.number(), tenant.to_string().as_str()),
            (number, name)
        );
        for identifier in [
            tenant.schema(),
            tenant.staging_schema(),
            tenant.stats_schema(),
            tenant.owner_role(),
            tenant.loader_role(),
            tenant.reader_role(),
        ] {
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
            assert!(identifier.name().bytes().all(plain), "{identifier}");
            assert!(identifier.name().len() <= 63, "{identifier}");
        }
        let object = ObjectName {
            dataset: "products".parse::<DatasetName>().expect("a dataset"),
            revision: Revision::FIRST,
            page: None,
            extension: "json".to_owned(),
        };
        for (key, prefix) in [
            (object.key(tenant, BusinessDay::from_number(1)), "raw-data"),
            (config_key(tenant, Sha256Hash::of(b"")), "client-data"),
        ] {
            assert!(
                Path::new(&key).starts_with(format!("{prefix}/{name}")),
                "{key}"
            );
            assert!(!key.contains(".."), "{key}");
        }
    }
}
