do $signs$
declare
    each_table text;
begin
    foreach each_table in array array[
        'daily_pending_po_values', 'weekly_pending_po_values', 'monthly_pending_po_values', 'quarterly_pending_po_values',
        'daily_expected_demand', 'weekly_expected_demand', 'monthly_expected_demand', 'quarterly_expected_demand'
    ] loop
        execute format(
            'alter table %I drop constraint %I, drop constraint %I',
            each_table, each_table || '_total_qty_check', each_table || '_total_value_check'
        );
    end loop;
end
$signs$;
