delete from cw_global.client_config where client_id = 'CW-GLOBAL';
alter policy client_config_of_the_tenant on cw_global.client_config using (
    current_user in (
        'cw_' || substr(client_id, 4)::integer || '_owner',
        'cw_' || substr(client_id, 4)::integer || '_loader',
        'cw_' || substr(client_id, 4)::integer || '_reader'
    )
);
alter table cw_global.client_config drop constraint client_config_client_id_check;
alter table cw_global.client_config add constraint client_config_client_id_check
    check (client_id ~ '^CW-[0-9]{6}$');
comment on column cw_global.client_config.client_id is 'Client id, CW-000200';
drop table delivered_days;
drop table pipeline_step_runs;
drop table pipeline_runs;
drop table load_counts;
drop table load_ledger;
drop table quarantine;
drop table presence_keys;
drop table presence_snapshots;
