-- What statistics have to be recomputed since they were refreshed last: a journal that loads write.

create table statistics_touched (
    id bigint generated always as identity primary key,
    subject text not null check (octet_length(subject) <= 63),
    location_id bigint references locations (id),
    from_day date not null,
    thru_day date,
    constraint statistics_touched_natural_key unique nulls not distinct (subject, location_id, from_day, thru_day),
    constraint statistics_touched_days_check check (from_day <= thru_day)
);
create index statistics_touched_location_id_idx on statistics_touched (location_id);
comment on table statistics_touched is
    'Days and places whose facts a load has changed since statistics were refreshed';
comment on column statistics_touched.id is 'Ordinal given by this database';
comment on column statistics_touched.subject is
    'What changed: sales, inventory, purchases, costs, rates';
comment on column statistics_touched.location_id is 'Location; null for all of them';
comment on column statistics_touched.from_day is 'First day';
comment on column statistics_touched.thru_day is 'Last day, inclusive; null without end';
