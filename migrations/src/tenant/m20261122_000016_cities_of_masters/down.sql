alter table locations
    drop column city_id,
    add column city text check (char_length(city) <= 1000);
comment on column locations.city is 'City as delivered; null where unknown';

alter table customers
    drop column city_id,
    add column city text check (char_length(city) <= 1000);
comment on column customers.city is 'City as delivered; null where unknown';

alter table suppliers
    drop column city_id;

