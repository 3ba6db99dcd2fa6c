-- Cities are shared data: a master's city is a row of cw_global.cities, whose weather is known there. The
-- country stays as delivered, for where no city is told.

alter table locations
    add column city_id bigint references cw_global.cities (id),
    drop column city;
create index locations_city_id_idx on locations (city_id);
comment on column locations.city_id is 'City; null where unknown';

alter table customers
    add column city_id bigint references cw_global.cities (id),
    drop column city;
create index customers_city_id_idx on customers (city_id);
comment on column customers.city_id is 'City; null where unknown';

alter table suppliers
    add column city_id bigint references cw_global.cities (id);
create index suppliers_city_id_idx on suppliers (city_id);
comment on column suppliers.city_id is 'City; null where unknown';
