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
