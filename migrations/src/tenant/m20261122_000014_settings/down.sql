alter table load_ledger drop column kind;
drop trigger append_only_whole on location_relationships;
drop trigger append_only on location_relationships;
drop index location_relationships_user_id_idx;
alter table location_relationships
    drop constraint location_relationships_itself_check,
    drop constraint location_relationships_owner_check,
    drop constraint location_relationships_natural_key;
delete from location_relationships where event_id is not null;
alter table location_relationships
    drop column is_active,
    drop column event_id,
    drop column user_id,
    drop column created_at,
    add constraint location_relationships_natural_key unique
        (parent_location_id, child_location_id, location_relationship_type_id);
comment on table location_relationships is
    'Supply topology as the source gives it: part of the child''s record';
drop table client_settings;
drop table inventory_strategies;
drop table location_settings;
drop table supplier_settings;
drop table category_settings;
drop table product_settings;
