-- The shared tenant is loaded like any other: its ledger, accounts, quarantine and runs stand beside
-- the shared data. These are the tables that each tenant has in its own schema.

-- Registers that load keeps: presence, quarantine, the ledger of applied deliveries and its counts.

create table presence_snapshots (
    table_name text not null check (octet_length(table_name) <= 63),
    dataset_number smallint not null check (dataset_number between 1 and 63),
    scope text not null check (octet_length(scope) <= 1000),
    newest_position bigint not null check (newest_position > 0),
    primary key (table_name, dataset_number, scope)
) with (fillfactor = 70);
comment on table presence_snapshots is
    'Newest complete snapshot of each source and scope; a key that it lacks is gone unless a later delta has it';
comment on column presence_snapshots.table_name is 'Table whose keys the snapshot lists';
comment on column presence_snapshots.dataset_number is 'Number of the dataset in the mapping';
comment on column presence_snapshots.scope is
    'What the snapshot is complete for; empty for all of the dataset';
comment on column presence_snapshots.newest_position is
    'Position of the newest delivery that was complete and had no unreadable key';

create table presence_keys (
    table_name text not null check (octet_length(table_name) <= 63),
    dataset_number smallint not null check (dataset_number between 1 and 63),
    scope text not null check (octet_length(scope) <= 1000),
    row_id bigint not null check (row_id >= 0),
    newest_position bigint not null check (newest_position > 0),
    primary key (table_name, dataset_number, scope, row_id)
) with (fillfactor = 50);
comment on table presence_keys is
    'Newest delivery of each source and scope that held a key, in an accepted record or a rejected one';
comment on column presence_keys.table_name is 'Table of the row';
comment on column presence_keys.dataset_number is 'Number of the dataset in the mapping';
comment on column presence_keys.scope is 'Scope of the delivery; empty for all of the dataset';
comment on column presence_keys.row_id is
    'Key of the row in table_name; no foreign key, since a rejected record has no row';
comment on column presence_keys.newest_position is
    'Position of the newest delivery that held the key; in no index, since every snapshot advances it';

create table quarantine (
    raw_position bigint not null check (raw_position > 0),
    entity text not null check (octet_length(entity) <= 63),
    business_day date not null,
    object_key text not null check (octet_length(object_key) <= 1024),
    ordinal bigint not null check (ordinal >= 0),
    record_key text,
    source_rows integer not null check (source_rows >= 0),
    rule text not null check (rule ~ '^[a-z_]{1,63}$'),
    field text,
    value text,
    message text not null,
    problems jsonb not null check (jsonb_typeof(problems) = 'array'),
    record text not null,
    primary key (raw_position, entity),
    constraint quarantine_day_check check (business_day - date '1970-01-01' = raw_position >> 47)
);
create index quarantine_object_key_idx on quarantine (object_key);
comment on table quarantine is
    'Records that were read and refused, with the reason; correctable and replayable';
comment on column quarantine.raw_position is
    'Raw record; of a document over several rows, the first';
comment on column quarantine.entity is 'Kind of record that it would have been';
comment on column quarantine.business_day is
    'Business day of the delivery: that of raw_position, readable';
comment on column quarantine.object_key is 'Raw object, by its whole key in the bucket';
comment on column quarantine.ordinal is 'Position of the record in its object, from 0';
comment on column quarantine.record_key is
    'Natural key of the record; null where it could not be read';
comment on column quarantine.source_rows is 'Source rows that the record holds';
comment on column quarantine.rule is
    'First rule that is broken: format, missing, type, range, word, repeated, consistency, limit, refused';
comment on column quarantine.field is
    'Canonical field of the first problem, lines[3].qty; null where the whole record is meant';
comment on column quarantine.value is
    'Value of the first problem as delivered, shortened; null where there is none';
comment on column quarantine.message is 'What is wrong and what to do, for a person';
comment on column quarantine.problems is
    'All problems in the order of fields, each with rule, field, value and message';
comment on column quarantine.record is 'Text of the record as delivered, shortened';

create table load_ledger (
    entry_number bigint not null check (entry_number > 0),
    entry_sha256 text not null check (entry_sha256 ~ '^[0-9a-f]{64}$'),
    business_day date not null,
    mapping_sha256 text not null check (mapping_sha256 ~ '^[0-9a-f]{64}$'),
    transform_version integer not null check (transform_version > 0),
    run_id text not null check (octet_length(run_id) <= 256),
    applied_at timestamptz not null,
    primary key (entry_number)
);
create index load_ledger_business_day_idx on load_ledger (business_day);
comment on table load_ledger is
    'Manifest entries that are applied, each in the transaction that wrote its rows';
comment on column load_ledger.entry_number is 'Number of the manifest entry';
comment on column load_ledger.entry_sha256 is 'SHA-256 of the entry, hex';
comment on column load_ledger.business_day is 'Business day of the delivery';
comment on column load_ledger.mapping_sha256 is 'SHA-256 of the mapping that was used, hex';
comment on column load_ledger.transform_version is 'Version of transform that was used';
comment on column load_ledger.run_id is 'Run that applied it';
comment on column load_ledger.applied_at is 'When it was applied';

create table load_counts (
    entry_number bigint not null references load_ledger (entry_number),
    object_key text not null check (octet_length(object_key) <= 1024),
    entity text not null check (octet_length(entity) <= 63),
    source_rows bigint not null check (source_rows >= 0),
    records_read bigint not null check (records_read >= 0),
    records_won bigint not null check (records_won >= 0),
    records_superseded bigint not null check (records_superseded >= 0),
    records_duplicate bigint not null check (records_duplicate >= 0),
    records_quarantined bigint not null check (records_quarantined >= 0),
    rows_quarantined bigint not null check (rows_quarantined >= 0),
    rows_skipped bigint not null check (rows_skipped >= 0),
    versions_cut bigint not null check (versions_cut >= 0),
    primary key (entry_number, object_key, entity),
    constraint load_counts_conservation_check check (
        records_read = records_won + records_superseded + records_duplicate + records_quarantined
    ),
    constraint load_counts_rows_check check (rows_quarantined + rows_skipped <= source_rows)
);
comment on table load_counts is
    'Conservation: what became of the records of each object and entity';
comment on column load_counts.entry_number is 'Manifest entry';
comment on column load_counts.object_key is 'Raw object, by its whole key in the bucket';
comment on column load_counts.entity is 'Kind of record';
comment on column load_counts.source_rows is 'Rows of the source: CSV lines, elements of an array';
comment on column load_counts.records_read is 'Canonical records read';
comment on column load_counts.records_won is 'Records whose version won';
comment on column load_counts.records_superseded is 'Records that lost to a greater version';
comment on column load_counts.records_duplicate is 'Records that repeat another one exactly';
comment on column load_counts.records_quarantined is 'Records that were refused';
comment on column load_counts.rows_quarantined is 'Source rows in refused records';
comment on column load_counts.rows_skipped is 'Source rows that the mapping leaves out by condition';
comment on column load_counts.versions_cut is
    'Update times later than the business day admits, which were cut';

-- What was run here: journals, in backups and never in digests.

create table pipeline_runs (
    id bigint generated always as identity not null primary key,
    run_key text not null check (octet_length(run_key) <= 256),
    kind text not null check (octet_length(kind) <= 256),
    from_day date not null,
    thru_day date not null,
    status text not null check (status in ('running', 'done', 'failed', 'halted', 'skipped')),
    error_message text,
    started_at timestamptz not null,
    finished_at timestamptz,
    constraint pipeline_runs_natural_key unique (run_key),
    constraint pipeline_runs_days_check check (from_day <= thru_day),
    constraint pipeline_runs_finished_check check ((status = 'running') = (finished_at is null))
);
comment on table pipeline_runs is 'Runs of the pipeline for a day or a span of days';
comment on column pipeline_runs.id is 'Ordinal given by this database';
comment on column pipeline_runs.run_key is 'Identifier of the run in logs and manifest entries';
comment on column pipeline_runs.kind is 'What was asked for: run, backfill and the like';
comment on column pipeline_runs.from_day is 'First business day';
comment on column pipeline_runs.thru_day is 'Last business day, inclusive';
comment on column pipeline_runs.status is
    'running, done, failed, halted (the quality gate refused) or skipped';
comment on column pipeline_runs.error_message is 'Why it failed; null where it did not';
comment on column pipeline_runs.started_at is 'When it started';
comment on column pipeline_runs.finished_at is 'When it ended; null while it runs';

create table pipeline_step_runs (
    id bigint generated always as identity not null primary key,
    pipeline_run_id bigint not null references pipeline_runs (id),
    run_date date not null,
    step_number integer not null check (step_number between 1 and 13),
    step_name text not null check (octet_length(step_name) <= 256),
    attempt integer not null check (attempt >= 1),
    status text not null check (status in ('running', 'done', 'failed', 'halted', 'skipped')),
    rows_in bigint check (rows_in >= 0),
    rows_out bigint check (rows_out >= 0),
    error_message text,
    counts jsonb check (jsonb_typeof(counts) = 'object'),
    started_at timestamptz not null,
    finished_at timestamptz,
    constraint pipeline_step_runs_natural_key unique (run_date, step_number, attempt),
    constraint pipeline_step_runs_finished_check check ((status = 'running') = (finished_at is null))
);
create index pipeline_step_runs_pipeline_run_id_idx on pipeline_step_runs (pipeline_run_id);
comment on table pipeline_step_runs is
    'Steps of runs, one row per attempt; drives gating and resume';
comment on column pipeline_step_runs.id is 'Ordinal given by this database';
comment on column pipeline_step_runs.pipeline_run_id is 'Run that made the attempt';
comment on column pipeline_step_runs.run_date is 'Business day';
comment on column pipeline_step_runs.step_number is 'Step, 1 to 13';
comment on column pipeline_step_runs.step_name is 'Name of the step';
comment on column pipeline_step_runs.attempt is
    'Ordinal of the attempt for the day and step, from 1';
comment on column pipeline_step_runs.status is
    'running, done, failed, halted (the quality gate refused) or skipped';
comment on column pipeline_step_runs.rows_in is 'Records read; null where the step counts none';
comment on column pipeline_step_runs.rows_out is 'Rows written; null where the step counts none';
comment on column pipeline_step_runs.error_message is 'Why it failed; null where it did not';
comment on column pipeline_step_runs.counts is
    'Further counts of the step by name; null where it has none';
comment on column pipeline_step_runs.started_at is 'When the attempt started';
comment on column pipeline_step_runs.finished_at is 'When it ended; null while it runs';

create table delivered_days (
    entity text not null check (octet_length(entity) <= 63),
    business_day date not null,
    primary key (entity, business_day)
);
comment on table delivered_days is
    'Business days on which something was delivered of a kind of record: what statistics of stocks show';
comment on column delivered_days.entity is 'Kind of record';
comment on column delivered_days.business_day is 'Business day of the delivery';

-- The shared tenant is registered like the others; only who loads it sees its row.
alter table cw_global.client_config drop constraint client_config_client_id_check;
alter table cw_global.client_config add constraint client_config_client_id_check
    check (client_id ~ '^CW-([0-9]{6}|GLOBAL)$');
comment on column cw_global.client_config.client_id is 'Client id, CW-000200; CW-GLOBAL for shared data';
alter policy client_config_of_the_tenant on cw_global.client_config using (
    case when client_id ~ '^CW-[0-9]{6}$' then current_user in (
        'cw_' || substr(client_id, 4)::integer || '_owner',
        'cw_' || substr(client_id, 4)::integer || '_loader',
        'cw_' || substr(client_id, 4)::integer || '_reader'
    ) else false end
);
