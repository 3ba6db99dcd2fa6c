-- The indexes that are asked for beside keys and references. The comment of each begins with the names of its
-- queries, as in a tenant's schema.

-- Invalid records are few, and they are what is looked at.
create index staging_records_invalid_idx on staging_records (staging_file_id, record_number) where not is_valid;
comment on index staging_records_invalid_idx is
    'invalid_records: what could not be read of a file';
