-- What is still to come is not negative: purchases that are pending count only where more was ordered than
-- received, and nobody expects a demand below nothing. Sales have returns, and stock may be booked ahead.
do $signs$
declare
    each_table text;
begin
    foreach each_table in array array[
        'daily_pending_po_values', 'weekly_pending_po_values', 'monthly_pending_po_values', 'quarterly_pending_po_values',
        'daily_expected_demand', 'weekly_expected_demand', 'monthly_expected_demand', 'quarterly_expected_demand'
    ] loop
        execute format(
            'alter table %I add constraint %I check (total_qty >= 0), add constraint %I check (total_value >= 0)',
            each_table, each_table || '_total_qty_check', each_table || '_total_value_check'
        );
    end loop;
end
$signs$;
