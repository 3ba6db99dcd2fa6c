drop table delivered_days;
drop table pipeline_step_runs;
drop table pipeline_runs;
drop table load_counts;
drop table load_ledger;
drop table quarantine;
drop table presence_keys;
drop table presence_snapshots;
