-- The indexes that are asked for beside keys and references. The comment of each begins with the names of its
-- queries, as in a tenant's schema, whose registers these tables have.

comment on index quarantine_object_key_idx is
    'quarantine_of_object: what was refused of an object';
create index quarantine_business_day_idx on quarantine (business_day);
comment on index quarantine_business_day_idx is
    'quarantine_of_day: what was refused on a day';
create index quarantine_entity_idx on quarantine (entity, rule, business_day);
comment on index quarantine_entity_idx is
    'quarantine_of_rule: what broke a rule, newest days first';

comment on index load_ledger_business_day_idx is
    'ledger_of_day, newest_applied_day: deliveries of a day, and the newest day';

create index pipeline_runs_from_day_idx on pipeline_runs (from_day);
comment on index pipeline_runs_from_day_idx is
    'runs_of_day: runs of a day, the newest of which may be resumed';
create index pipeline_runs_running_idx on pipeline_runs (id) where status = 'running';
comment on index pipeline_runs_running_idx is
    'runs_under_way: runs that have not ended';

create index pipeline_step_runs_running_idx on pipeline_step_runs (id) where status = 'running';
comment on index pipeline_step_runs_running_idx is
    'steps_under_way: steps that have not ended';

-- Whom a tenant sees is asked with each look at people.
create index x_user_clients_client_id_idx on x_user_clients (client_id);
comment on index x_user_clients_client_id_idx is
    'people_of_client: the people who work for a tenant';
