do $comments$
declare
    each_table text;
begin
    foreach each_table in array array[
        'inventory_values', 'sales_values', 'pending_po_values', 'expected_demand'
    ] loop
        execute format('comment on index %I is null', 'daily_' || each_table || '_period_start_idx');
        execute format('comment on index %I is null', 'weekly_' || each_table || '_period_start_idx');
        execute format('comment on index %I is null', 'monthly_' || each_table || '_period_start_idx');
        execute format('comment on index %I is null', 'quarterly_' || each_table || '_period_start_idx');
    end loop;
end
$comments$;
