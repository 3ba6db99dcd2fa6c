drop table schema_drift;
