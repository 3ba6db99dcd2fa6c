//! Queries of registers and journals: quarantine, ledger, runs, quality, staging.

use super::{Query, query};

pub(super) const REGISTERS: &[Query] = &[
    query(
        "quarantine_newest",
        "UI and `quarantine list`",
        "select * from quarantine order by raw_position desc limit 50",
        "",
        &["quarantine_pkey"],
    ),
    query(
        "quarantine_of_day",
        "steps 2 and 4, UI and `quarantine list`",
        "select entity, rule, field, count(*) from quarantine
         where business_day = $1 group by entity, rule, field",
        "'2025-12-01'",
        &["quarantine_business_day_idx"],
    ),
    query(
        "quarantine_of_rule",
        "UI and `quarantine list`",
        "select * from quarantine where entity = $1 and rule = $2
         order by business_day desc, raw_position desc limit 50",
        "'products', 'limit'",
        &["quarantine_entity_idx"],
    ),
    query(
        "quarantine_of_object",
        "`quarantine show` and `fix`, UI: delivery",
        "select * from quarantine where object_key = $1 order by ordinal",
        "'raw-data/700'",
        &["quarantine_object_key_idx"],
    ),
    query(
        "ledger_of_day",
        "step 3, UI: day",
        "select * from load_ledger where business_day = $1",
        "'2025-06-30'",
        &["load_ledger_business_day_idx"],
    ),
    query(
        "newest_applied_day",
        "step 3, `status`",
        "select max(business_day) from load_ledger",
        "",
        &["load_ledger_business_day_idx"],
    ),
    query(
        "ledger_entry",
        "step 3",
        "select entry_sha256 from load_ledger where entry_number = $1",
        "1234",
        &["load_ledger_pkey"],
    ),
    query(
        "counts_of_entry",
        "step 3, UI: delivery",
        "select * from load_counts where entry_number = $1",
        "1234",
        &["load_counts_pkey"],
    ),
    query(
        "newest_runs",
        "`runs list`, UI: runs",
        "select * from pipeline_runs order by id desc limit 20",
        "",
        &["pipeline_runs_pkey"],
    ),
    query(
        "run_by_key",
        "`runs show`",
        "select * from pipeline_runs where run_key = $1",
        "'run 1234'",
        &["pipeline_runs_natural_key"],
    ),
    query(
        "runs_of_day",
        "a run that is resumed, UI: day",
        "select * from pipeline_runs where kind = 'run' and from_day = $1 order by id desc",
        "'2025-06-30'",
        &["pipeline_runs_from_day_idx"],
    ),
    query(
        "runs_under_way",
        "a run that begins, UI: runs",
        "select * from pipeline_runs where status = 'running'",
        "",
        &["pipeline_runs_running_idx"],
    ),
    query(
        "steps_of_run",
        "`runs show`, a run that is resumed",
        "select * from pipeline_step_runs where pipeline_run_id = $1 order by id",
        "1234",
        &["pipeline_step_runs_pipeline_run_id_idx"],
    ),
    query(
        "steps_of_day",
        "every step: what went before",
        "select step_number, max(attempt) from pipeline_step_runs where run_date = $1 group by step_number",
        "'2025-06-30'",
        &["pipeline_step_runs_natural_key"],
    ),
    query(
        "steps_under_way",
        "a run that begins, UI: runs",
        "select * from pipeline_step_runs where status = 'running'",
        "",
        &["pipeline_step_runs_running_idx"],
    ),
];

pub(super) const QUALITY: &[Query] = &[
    query(
        "gate_runs_of_day",
        "step 3, UI: quality",
        "select * from data_quality_runs where run_date = $1",
        "'2025-06-30'",
        &["data_quality_runs_run_date_idx"],
    ),
    query(
        "reports_of_gate_run",
        "UI: quality",
        "select * from data_quality_check_reports where data_quality_run_id = $1",
        "1234",
        &["data_quality_check_reports_natural_key"],
    ),
    query(
        "failures_of_check",
        "UI: history of a check",
        "select * from data_quality_check_reports where data_quality_check_id = $1 and not is_passed
         order by data_quality_run_id desc",
        "18",
        &["data_quality_check_reports_data_quality_check_id_idx"],
    ),
    query(
        "health_of_day",
        "UI: health",
        "select * from data_health_reports where snapshot_date = $1",
        "'2025-06-30'",
        &["data_health_reports_natural_key"],
    ),
    query(
        "alarms",
        "UI: health",
        "select * from data_health_reports where data_health_severity_id = $1
         order by snapshot_date desc limit 50",
        "3",
        &["data_health_reports_data_health_severity_id_idx"],
    ),
    query(
        "files_of_batch",
        "step 2, UI: quality",
        "select * from staging_files where staging_batch_id = $1",
        "42",
        &["staging_files_staging_batch_id_idx"],
    ),
    query(
        "records_of_file",
        "steps 2 and 3, UI: staged file, page by page",
        "select * from staging_records where staging_file_id = $1 and record_number > $2
         order by record_number limit 50",
        "420, 10",
        &["staging_records_natural_key"],
    ),
    query(
        "invalid_records",
        "step 2, UI: staged file",
        "select * from staging_records where staging_file_id = $1 and not is_valid order by record_number",
        "420",
        &["staging_records_invalid_idx"],
    ),
    query(
        "profiles_of_file",
        "step 2",
        "select * from staging_column_profiles where staging_file_id = $1",
        "420",
        &["staging_column_profiles_natural_key"],
    ),
];
