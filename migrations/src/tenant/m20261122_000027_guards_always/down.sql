do $guards$
declare
    each_table text;
begin
    foreach each_table in array array[
        'product_settings', 'category_settings', 'supplier_settings', 'location_settings',
        'inventory_strategies', 'client_settings', 'location_relationships'
    ] loop
        execute format('alter table %I enable trigger append_only', each_table);
        execute format('alter table %I enable trigger append_only_whole', each_table);
    end loop;
end
$guards$;
