//! Which fault is proved by which tests: the one place that says so. A test that counts for a fault and
//! is not named here fails this crate's own test, and so does a name that no test has.

/// A row of the list of faults.
pub struct Fault {
    /// Its number.
    pub id: &'static str,
    /// What is done.
    pub what: &'static str,
    /// Whether its tests count what they break and compare.
    pub is_counted: bool,
    /// The tests, by their names in nextest.
    pub tests: &'static [&'static str],
}

/// All of them, in their order.
pub const FAULTS: &[Fault] = &[
    Fault {
        id: "F1",
        what: "a process is killed at each step boundary",
        is_counted: true,
        tests: &[
            "raw_store::import::killed_at_any_point_nothing_is_half_and_the_same_command_completes",
            "points::every_failpoint_is_passed_by_a_command_that_a_test_kills",
            "kill::what_is_aborted_at_a_failpoint_is_whole_after_the_same_command",
            "first_load::a_first_load_that_is_killed_goes_on",
            "quarantine::a_correction_that_is_killed_is_sealed_once_and_replayed",
            "day::a_day_that_is_aborted_at_a_failpoint_goes_on_with_its_first_unfinished_step",
            "fetch::a_fetch_that_is_aborted_goes_on_with_the_first_missing_page",
            "export::a_killed_export_leaves_no_manifest_of_other_files",
            "backup::a_killed_backup_leaves_a_good_one_and_the_next_clears_up",
            "quality::a_gate_that_is_killed_after_its_verdict_is_obeyed_by_the_next_run",
            "rebuilds::a_rebuild_that_is_aborted_at_a_failpoint_is_finished_by_the_same_command",
            "rebuilds::a_restore_that_is_aborted_at_a_failpoint_is_finished_by_the_same_command",
        ],
    },
    Fault {
        id: "F2",
        what: "a process is killed at random moments, by seeds",
        is_counted: true,
        tests: &[
            "kill::a_backfill_that_is_killed_at_random_goes_on_where_it_was",
            "day::a_day_that_is_killed_at_random_goes_on_with_its_first_unfinished_step",
            "rebuilds::a_rebuild_that_is_killed_at_random_goes_on_where_it_was",
            "together::a_killed_backfill_does_not_keep_the_tenant_locked",
        ],
    },
    Fault {
        id: "F3",
        what: "PostgreSQL stops in mid-COPY, mid-merge, mid-rebuild; the answer of COMMIT is lost",
        is_counted: true,
        tests: &[
            "server::a_server_that_stops_in_mid_copy_mid_merge_or_mid_rebuild_costs_time_only",
            "server::a_commit_whose_answer_was_lost_is_found_in_the_ledger",
        ],
    },
    Fault {
        id: "F4",
        what: "a backend is terminated, a lock times out, connections are too many",
        is_counted: true,
        tests: &[
            "server::a_client_that_is_thrown_out_waits_too_long_or_is_not_let_in_fails_clearly",
            "load::faults::a_connection_that_dies_while_copying_leaves_nothing",
            "load::faults::one_load_of_a_tenant_at_a_time",
        ],
    },
    Fault {
        id: "F5",
        what: "S3 answers 500, 503, 409, 412, 403, not at all, in part, with a flipped bit",
        is_counted: true,
        tests: &[
            "storage::what_passes_is_tried_again_and_what_does_not_is_told",
            "storage::a_server_that_is_silent_is_given_up_and_asked_again",
            "raw_store::faults::a_body_that_stands_still_is_asked_for_again",
            "raw_store::faults::a_landing_survives_a_fault_at_every_put",
            "raw_store::faults::a_put_ends_well_whatever_the_first_answers_are",
            "raw_store::faults::a_lost_answer_is_not_mistaken_for_another_ones_bytes",
            "raw_store::faults::a_body_that_breaks_off_is_read_to_its_end",
            "raw_store::faults::a_bit_that_flips_on_the_way_is_noticed",
            "raw_store::faults::an_entry_whose_answer_was_lost_is_appended_once",
            "raw_store::faults::a_denial_is_not_tried_again",
        ],
    },
    Fault {
        id: "F6",
        what: "a source waits, fails, lies about its total, shifts its pages, goes in a circle",
        is_counted: false,
        tests: &[
            "raw_store::rest::faults::a_source_that_asks_to_wait_is_waited_for",
            "raw_store::rest::faults::failures_in_mid_paging_are_asked_again",
            "raw_store::rest::faults::an_answer_that_is_no_page_is_shown_and_never_sealed",
            "raw_store::rest::faults::a_total_that_never_matches_is_an_error_after_the_last_pass",
            "raw_store::rest::faults::pages_that_shift_are_fetched_anew_until_they_agree",
            "raw_store::rest::faults::a_source_that_goes_round_in_a_circle_is_left",
            "raw_store::rest::faults::a_token_that_expired_is_told_once_and_without_it",
        ],
    },
    Fault {
        id: "F7",
        what: "the clock is wrong, jumps, goes back, over the hour of DST and a leap day",
        is_counted: true,
        tests: &[
            "clocks::wrong_clocks_change_no_digest",
            "day::tests::a_day_ends_when_its_own_zone_says",
        ],
    },
    Fault {
        id: "F8",
        what: "the same bytes again, other bytes, older after newer, every order",
        is_counted: false,
        tests: &[
            "raw_store::landing::other_bytes_are_the_next_revision_and_the_same_bytes_are_there",
            "raw_store::landing::the_same_bytes_under_another_extension_are_there",
            "replay::nasty_deliveries_are_the_same_in_any_order",
            "replay::meant::two_deliveries_come_in_both_orders",
        ],
    },
    Fault {
        id: "F9",
        what: "2 to 8 processes on one tenant; a rebuild beside a backfill, beside rebuilds",
        is_counted: true,
        tests: &[
            "processes::up_to_eight_backfills_at_once_load_every_delivery_once",
            "processes::a_rebuild_beside_a_backfill_and_beside_another_rebuild",
            "together::of_two_backfills_one_is_told_that_the_other_runs",
            "together::two_imports_at_once_land_every_file_once",
        ],
    },
    Fault {
        id: "F10",
        what: "the disk of the archive, of the database is full",
        is_counted: true,
        tests: &[
            "disk::a_full_disk_fails_clearly_and_the_same_command_finishes_once_there_is_room",
        ],
    },
    Fault {
        id: "F11",
        what: "raw objects and entries are flipped, truncated, swapped, deleted",
        is_counted: true,
        tests: &[
            "archive::objects_that_are_damaged_are_named_left_out_and_admitted_again",
            "recovery::an_archive_with_gaps_is_refused_or_they_are_told",
            "archive::entries_that_are_lost_or_changed_are_named_and_left_out_until_they_are_back",
        ],
    },
    Fault {
        id: "F12",
        what: "a backup is damaged, empty, stale, half of a load, missing; a row is changed by hand",
        is_counted: true,
        tests: &[
            "rebuilds::a_drill_proves_both_ways_and_names_what_was_changed_by_hand",
            "backup::a_backup_says_what_it_holds_and_can_be_read_back",
            "backup::a_backup_beside_a_backfill_is_of_one_moment",
            "backup::a_backup_during_a_load_is_whole_and_says_where_it_stands",
            "backup::flaws::a_backup_that_was_damaged_is_refused_and_the_older_one_is_used",
            "backup::flaws::without_a_good_backup_every_refusal_is_told",
        ],
    },
    Fault {
        id: "F13",
        what: "malformed, huge and deep documents, wrong types, absurd numbers, any bytes",
        is_counted: false,
        tests: &[
            "bad_bytes::broken_json_documents",
            "bad_bytes::rows_of_delimited_text",
            "bad_documents::a_list_has_a_limit",
            "bad_documents::an_object_has_a_limit_of_keys",
            "bad_records::texts_have_limits",
            "determinism::any_bytes_in_any_pieces_come_to_the_same",
            "determinism::endless_records_come_to_the_same_in_any_pieces",
            "masters::records_that_are_refused",
            "supply::documents_that_are_refused",
            "malformed::every_malformed_input_is_told_as_the_page_says",
            "bounds::an_array_of_gigabytes_takes_no_more_memory_than_a_short_one",
        ],
    },
    Fault {
        id: "F14",
        what: "bombs of xlsx and zip: nothing reads such files yet",
        is_counted: false,
        tests: &[],
    },
    Fault {
        id: "F15",
        what: "hostile names; the role of one tenant on every object of another",
        is_counted: false,
        tests: &[
            "names::a_hostile_name_passes_no_door",
            "tenancy::hostile_names_stay_names",
            "strangers::every_object_of_another_tenant_is_refused",
            "strangers::shared_tables_show_a_tenant_its_own_rows_and_refuse_the_rest_without_a_word",
        ],
    },
    Fault {
        id: "F16",
        what: "links of a source that lead elsewhere",
        is_counted: false,
        tests: &[
            "rest::address::tests::links_stay_on_the_server",
            "raw_store::rest::faults::the_token_stays_on_its_server",
        ],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};

    use anyhow::{Context, Result};

    use super::FAULTS;
    use crate::workspace::Workspace;

    fn sources(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                sources(&path, found)?;
            } else if path.extension().is_some_and(|name| name == "rs") {
                found.push(path);
            }
        }
        Ok(())
    }

    /// The test that stands at a line, without its modules.
    fn function(line: &str) -> Option<&str> {
        let (_, rest) = line.split_once("fn ")?;
        rest.split_once('(').map(|(name, _)| name)
    }

    #[test]
    fn tests_and_names_agree() -> Result<()> {
        let workspace = Workspace::find()?;
        let mut files = Vec::new();
        for folder in ["tests/it", "crates"] {
            sources(&workspace.root().join(folder), &mut files)?;
        }
        let named = |id: &str, test: &str| {
            let mut fault = FAULTS.iter().filter(|fault| fault.id == id);
            let ends = |name: &str| name.rsplit("::").next() == Some(test);
            fault.any(|fault| fault.tests.iter().any(|name| ends(name)))
        };
        let (mut functions, mut unnamed) = (BTreeSet::new(), Vec::new());
        for file in files {
            let text = fs::read_to_string(&file)
                .with_context(|| format!("cannot read {}", file.display()))?;
            let mut current = "";
            for line in text.lines() {
                current = function(line).unwrap_or(current);
                functions.insert(current.to_owned());
                let counted = line.split_once("fault(\"F");
                let id = counted.and_then(|(_, rest)| rest.split_once('"'));
                if let Some((number, _)) = id
                    && !named(&format!("F{number}"), current)
                {
                    unnamed.push(format!("{current} counts for F{number}"));
                }
            }
        }
        assert_eq!(unnamed, Vec::<String>::new(), "name them in the catalogue");
        let tests = FAULTS.iter().flat_map(|fault| fault.tests);
        let gone: Vec<_> = tests
            .filter(|name| !functions.contains(name.rsplit("::").next().unwrap_or_default()))
            .collect();
        assert!(gone.is_empty(), "no test has these names: {gone:?}");
        Ok(())
    }
}
