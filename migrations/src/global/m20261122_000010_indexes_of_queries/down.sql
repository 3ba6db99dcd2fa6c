comment on index quarantine_object_key_idx is null;
drop index quarantine_business_day_idx;
drop index quarantine_entity_idx;
comment on index load_ledger_business_day_idx is null;
drop index pipeline_runs_from_day_idx;
drop index pipeline_runs_running_idx;
drop index pipeline_step_runs_running_idx;
drop index x_user_clients_client_id_idx;
