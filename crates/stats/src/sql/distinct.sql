-- The distinct values of a column with an index, one probe each: a table has many rows and few days.
with recursive found (value) as (
    (select t.{column} from {table} as t where {first} order by t.{column} limit 1)
    union all
    select (select t.{column} from {table} as t where t.{column} > found.value order by t.{column} limit 1)
    from found
    where found.value is not null
)
insert into {into}
select {constant}value from found where value is not null
on conflict do nothing
