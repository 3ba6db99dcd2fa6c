-- What the quality gate and the health monitor found: journals, in backups and never in digests.

create table data_quality_runs (
    id bigint generated always as identity primary key,
    pipeline_step_run_id bigint not null references pipeline_step_runs (id),
    run_date date not null,
    raw_prefix text not null check (char_length(raw_prefix) <= 1000),
    data_quality_gate_decision_id bigint references data_quality_gate_decisions (id),
    checks_total integer not null check (checks_total >= 0),
    checks_failed integer not null check (checks_failed >= 0),
    started_at timestamptz not null,
    finished_at timestamptz,
    constraint data_quality_runs_natural_key unique (pipeline_step_run_id),
    constraint data_quality_runs_counts_check check (checks_failed <= checks_total),
    constraint data_quality_runs_finished_check check (finished_at >= started_at and (finished_at is null) = (data_quality_gate_decision_id is null))
);
create index data_quality_runs_data_quality_gate_decision_id_idx on data_quality_runs (data_quality_gate_decision_id);
create index data_quality_runs_run_date_idx on data_quality_runs (run_date);
comment on table data_quality_runs is 'Runs of the quality gate';
comment on column data_quality_runs.id is 'Ordinal given by this database';
comment on column data_quality_runs.pipeline_step_run_id is 'Attempt of the step';
comment on column data_quality_runs.run_date is 'Business day';
comment on column data_quality_runs.raw_prefix is 'Folder of the raw objects that were checked';
comment on column data_quality_runs.data_quality_gate_decision_id is
    'What the gate decided; null while it runs';
comment on column data_quality_runs.checks_total is 'Checks that were made';
comment on column data_quality_runs.checks_failed is 'Of these, failed ones';
comment on column data_quality_runs.started_at is 'When it started';
comment on column data_quality_runs.finished_at is 'When it ended; null while it runs';

create table data_quality_checks (
    id bigint generated always as identity primary key,
    name text not null check (octet_length(name) <= 256),
    data_quality_check_type_id bigint not null references data_quality_check_types (id),
    data_quality_severity_id bigint not null references data_quality_severities (id),
    staging_entity_type_id bigint,
    threshold double precision,
    parameters jsonb check (jsonb_typeof(parameters) = 'object'),
    is_active boolean not null,
    constraint data_quality_checks_natural_key unique (name)
);
create index data_quality_checks_data_quality_check_type_id_idx on data_quality_checks (data_quality_check_type_id);
create index data_quality_checks_data_quality_severity_id_idx on data_quality_checks (data_quality_severity_id);
comment on table data_quality_checks is 'Catalogue of checks of the quality gate';
comment on column data_quality_checks.id is 'Ordinal given by this database';
comment on column data_quality_checks.name is 'Name of the check';
comment on column data_quality_checks.data_quality_check_type_id is 'Kind';
comment on column data_quality_checks.data_quality_severity_id is 'How grave it is to fail it';
comment on column data_quality_checks.staging_entity_type_id is
    'Kind of raw file that it looks at; null for all';
comment on column data_quality_checks.threshold is
    'Value beyond which the check fails; null where it needs none';
comment on column data_quality_checks.parameters is
    'Further settings by name; null where there are none';
comment on column data_quality_checks.is_active is 'Whether the check is made';

create table data_quality_check_reports (
    id bigint generated always as identity primary key,
    data_quality_run_id bigint not null references data_quality_runs (id),
    data_quality_check_id bigint not null references data_quality_checks (id),
    is_passed boolean not null,
    observed_value double precision,
    expected_value double precision,
    affected_rows bigint not null check (affected_rows >= 0),
    details jsonb check (jsonb_typeof(details) = 'object'),
    constraint data_quality_check_reports_natural_key unique (data_quality_run_id, data_quality_check_id)
);
create index data_quality_check_reports_data_quality_check_id_idx on data_quality_check_reports (data_quality_check_id);
comment on table data_quality_check_reports is 'Results of the quality gate, one a check and run';
comment on column data_quality_check_reports.id is 'Ordinal given by this database';
comment on column data_quality_check_reports.data_quality_run_id is 'Run of the gate';
comment on column data_quality_check_reports.data_quality_check_id is 'Check';
comment on column data_quality_check_reports.is_passed is 'Whether it passed';
comment on column data_quality_check_reports.observed_value is
    'What was measured; null where nothing is';
comment on column data_quality_check_reports.expected_value is
    'What was expected; null where nothing is';
comment on column data_quality_check_reports.affected_rows is 'Rows that the finding is about';
comment on column data_quality_check_reports.details is
    'Findings by name; null where there are none';

create table data_health_reports (
    id bigint generated always as identity primary key,
    pipeline_step_run_id bigint not null references pipeline_step_runs (id),
    snapshot_date date not null,
    table_name text not null check (octet_length(table_name) <= 256),
    metric_name text not null check (octet_length(metric_name) <= 256),
    previous_value double precision,
    current_value double precision,
    shift_ratio double precision,
    data_health_severity_id bigint not null references data_health_severities (id),
    message text not null check (char_length(message) <= 1000),
    constraint data_health_reports_natural_key unique (snapshot_date, table_name, metric_name)
);
create index data_health_reports_pipeline_step_run_id_idx on data_health_reports (pipeline_step_run_id);
create index data_health_reports_data_health_severity_id_idx on data_health_reports (data_health_severity_id);
comment on table data_health_reports is
    'Shifts of loaded data that the health monitor saw; warnings only';
comment on column data_health_reports.id is 'Ordinal given by this database';
comment on column data_health_reports.pipeline_step_run_id is 'Attempt of the step';
comment on column data_health_reports.snapshot_date is 'Business day';
comment on column data_health_reports.table_name is 'Table';
comment on column data_health_reports.metric_name is 'What was measured';
comment on column data_health_reports.previous_value is 'Value before; null where there is none';
comment on column data_health_reports.current_value is 'Value now; null where there is none';
comment on column data_health_reports.shift_ratio is
    'Change relative to the value before; null where that is none or zero';
comment on column data_health_reports.data_health_severity_id is 'How grave the shift is';
comment on column data_health_reports.message is 'What it means, for a person';
