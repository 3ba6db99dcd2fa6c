drop index data_quality_checks_staging_entity_type_id_idx;
alter table data_quality_checks drop constraint data_quality_checks_staging_entity_type_id_fkey;
drop table staging_column_profiles;
drop table staging_records;
drop table staging_files;
drop table staging_batches;
drop table staging_entity_types;
