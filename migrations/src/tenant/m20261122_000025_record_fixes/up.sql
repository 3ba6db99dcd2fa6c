-- Corrections of raw records. A row closes the quarantine rows of the same record and kind that stand for
-- what it replaces: their position is its own with a smaller number in the last four bits.
create table record_fixes (
    raw_position bigint not null check (raw_position > 0),
    entity text not null check (octet_length(entity) <= 63),
    business_day date not null,
    object_key text not null check (octet_length(object_key) <= 1024),
    ordinal bigint not null check (ordinal >= 0),
    fixed_by text not null check (char_length(fixed_by) <= 1000),
    primary key (raw_position, entity),
    constraint record_fixes_day_check check (business_day - date '1970-01-01' = raw_position >> 47),
    constraint record_fixes_number_check check (raw_position & 15 > 0)
);
comment on table record_fixes is 'Corrected records, which close what quarantine has of them';
comment on column record_fixes.raw_position is
    'Raw record with the number of its correction, from 1, in the last four bits';
comment on column record_fixes.entity is 'Kind of record that was corrected';
comment on column record_fixes.business_day is
    'Business day of the delivery: that of raw_position, readable';
comment on column record_fixes.object_key is 'Raw object, by its whole key in the bucket';
comment on column record_fixes.ordinal is 'Position of the record in its object, from 0';
comment on column record_fixes.fixed_by is 'Who corrected it';
