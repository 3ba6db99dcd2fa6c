-- The query of the index on days: the rows of all places.
do $comments$
declare
    each_table text;
begin
    foreach each_table in array array[
        'inventory_values', 'sales_values', 'pending_po_values', 'expected_demand'
    ] loop
        execute format('comment on index %I is ''statistics_of_period: a period of all places''', 'daily_' || each_table || '_period_start_idx');
        execute format('comment on index %I is ''statistics_of_period: a period of all places''', 'weekly_' || each_table || '_period_start_idx');
        execute format('comment on index %I is ''statistics_of_period: a period of all places''', 'monthly_' || each_table || '_period_start_idx');
        execute format('comment on index %I is ''statistics_of_period: a period of all places''', 'quarterly_' || each_table || '_period_start_idx');
    end loop;
end
$comments$;
