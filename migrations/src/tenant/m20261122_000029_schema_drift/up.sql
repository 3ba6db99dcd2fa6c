-- Fields of sources that differ from what their mapping speaks of, each told once: with the first object
-- that showed it to a load. Another mapping is told of anew.
create table schema_drift (
    entity text not null check (octet_length(entity) <= 63),
    kind text not null,
    field text not null check (char_length(field) <= 201),
    mapping_sha256 text not null,
    entry_number bigint not null check (entry_number > 0),
    business_day date not null,
    object_key text not null check (octet_length(object_key) <= 1024),
    ordinal bigint not null check (ordinal >= 0),
    records bigint not null check (records >= 0),
    found_at timestamptz not null,
    primary key (entity, kind, field, mapping_sha256),
    constraint schema_drift_kind_check check (kind in ('unknown', 'missing')),
    constraint schema_drift_mapping_check check (mapping_sha256 ~ '^[0-9a-f]{64}$')
);
comment on table schema_drift is 'Fields that a mapping does not use, or misses: each as it showed first';
comment on column schema_drift.entity is 'What the records feed';
comment on column schema_drift.kind is
    'unknown: the source has it and the mapping does not use it; missing: the mapping names it and no record of the delivery had it';
comment on column schema_drift.field is 'Column, or keys joined by dots; [] stands for the elements of a list';
comment on column schema_drift.mapping_sha256 is 'The tenant''s file that the delivery was read by';
comment on column schema_drift.entry_number is 'Manifest entry of the first delivery that showed it';
comment on column schema_drift.business_day is 'Business day of that';
comment on column schema_drift.object_key is 'First raw object that showed it, by its whole key in the bucket';
comment on column schema_drift.ordinal is 'Position of the first record in that object, from 0';
comment on column schema_drift.records is 'Records of that delivery that showed it';
comment on column schema_drift.found_at is 'When a load told of it';
