-- A load may switch triggers off for the time of its merge, because it checks foreign keys set by set. What
-- keeps settings from being changed stands whoever does that.
do $guards$
declare
    each_table text;
begin
    foreach each_table in array array[
        'product_settings', 'category_settings', 'supplier_settings', 'location_settings',
        'inventory_strategies', 'client_settings', 'location_relationships'
    ] loop
        execute format('alter table %I enable always trigger append_only', each_table);
        execute format('alter table %I enable always trigger append_only_whole', each_table);
    end loop;
end
$guards$;
