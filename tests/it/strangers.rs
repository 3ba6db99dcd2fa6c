//! What another tenant's roles see of a tenant: nothing, of any object that its schemas hold.
//!
//! A tenant's roles can't log in, and giving them that would change them for all tests of the cluster
//! at once. So each test makes logins of its own, members of one tenant's roles and of nothing else,
//! connects by them and assumes the roles, as production does.

use anyhow::Result;
use catwing_domain::{Identifier, TenantId};
use catwing_tests::servers::TestDatabase;
use sea_orm::sqlx::{self, AssertSqlSafe, Connection, PgConnection, PgPool};

use crate::database::{TwoTenants, a, b, execute, options, sqlstate};

const PASSWORD: &str = "only-for-tests";
const NOT_PERMITTED: &str = "42501";
/// Parts statements where they are handed over.
const BETWEEN: &str = "\u{1}";

/// What makes one object of each kind that migrations may make, with values that nobody else may see.
const EXHIBITS: &str = "
    select cw_global.infer_currencies(array[1], array['XQA']);
    insert into cw_global.client_config values
        (200, 'CW-000200', 'First', 1, '{}'), (201, 'CW-000201', 'secret-201', 1, '{\"a\": \"secret-201\"}');
    set role cw_201_loader;
    select cw_global.infer_users(array[9], array['secret-201@b.example'], array[91]);
    set role cw_201_owner;
    insert into cw_201.genders select n, 'secret-201 ' || n, now(), 1 from generate_series(1, 50) as n;
    create view cw_201.exhibit_view as select * from cw_201.genders;
    create materialized view cw_201.exhibit_kept as select * from cw_201.genders;
    create sequence cw_201.exhibit_sequence;
    select nextval('cw_201.exhibit_sequence');
    create type cw_201.exhibit_type as enum ('secret-201');
    create type cw_201_staging.exhibit_row as (word text);
    create domain cw_201.exhibit_domain as text;
    create function cw_201.exhibit_function(which integer, word text default 'x') returns text
        security definer language sql as 'select name from cw_201.genders limit 1';
    create procedure cw_201.exhibit_procedure() language sql as 'delete from cw_201.genders';
    create statistics cw_201.exhibit_expressions on lower(name), raw_position from cw_201.genders;
    create statistics cw_201.exhibit_statistics (mcv) on name, raw_position from cw_201.genders;
    create table cw_201_staging.exhibit_table (payload jsonb);
    create table cw_201.exhibit_parts (day date) partition by range (day);
    select lo_from_bytea(200201, 'secret-201');
    analyze cw_201.genders; analyze cw_201.exhibit_kept;
    reset role;
    analyze cw_global.client_config; analyze cw_global.users;";

/// Statements about every object of a tenant's three schemas, made from the catalog, so that what a
/// later migration adds is tried too.
const STATEMENTS: &str = "
    with objects as (
        select c.oid, c.relkind, c.oid::regclass::text as name from pg_class as c
        join pg_namespace as n on n.oid = c.relnamespace where n.nspname = any ($1)
    )
    select format(verb, name) from objects, unnest(array[
        'select from %s', 'explain select * from %s', 'insert into %s default values', 'delete from %s',
        'truncate %s', 'lock table %s in access share mode', 'create temporary table mine (like %s)',
        'create index on %s ((1))', 'alter table %s rename to mine', 'drop table %s',
        'comment on table %s is ''mine''', 'grant select on %s to public', 'copy %s to ''/dev/null''',
        'create table cw_200.mine (id bigint references %s)', 'select (t).* from (select %1$s from %1$s) as t'
    ]) as verb
    where relkind in ('r', 'p')
    union all
    select format(verb, name) from objects, unnest(array[
        'select from %s', 'drop view %s', 'drop materialized view %s', 'refresh materialized view %s'
    ]) as verb
    where relkind in ('v', 'm') and not (relkind = 'v' and verb like '%materialized%')
        and not (relkind = 'm' and verb = 'drop view %s')
    union all
    select format(verb, name) from objects, unnest(array[
        'select nextval(%L)', 'select setval(%L, 1)', 'select last_value from %s', 'drop sequence %s',
        'select pg_sequence_last_value(%L)'
    ]) as verb
    where relkind = 'S'
    union all
    select format(verb, name) from objects, unnest(array['drop index %s', 'reindex index %s']) as verb
    where relkind = 'i'
    union all
    select format(
        case p.prokind when 'p' then 'call %s(%s)' else 'select %s(%s)' end, p.oid::regproc,
        (select string_agg('null::' || format_type(t, null), ', ') from unnest(p.proargtypes) as t)
    )
    from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace where n.nspname = any ($1)
    union all
    select format('select null::%s', t.oid::regtype)
    from pg_type as t join pg_namespace as n on n.oid = t.typnamespace
    where n.nspname = any ($1) and t.typtype <> 'p'
    union all
    select format('drop statistics %I.%I', n.nspname, s.stxname)
    from pg_statistic_ext as s join pg_namespace as n on n.oid = s.stxnamespace where n.nspname = any ($1)
    union all
    select format(verb, schema) from unnest($1) as schema, unnest(array[
        'create table %I.mine (id bigint)', 'create function %I.mine() returns int language sql as ''select 1''',
        'drop schema %I cascade', 'alter schema %I rename to mine', 'grant usage on schema %I to public'
    ]) as verb
    union all
    select format('set role %I', rolname) from pg_roles
    where rolname like 'cw\\_201%' or rolname in ('cw_global_owner', 'cw_global_loader', 'cw_global_reader')
    union all
    select * from unnest(array[
        'select from pg_statistic', 'select from pg_statistic_ext_data', 'select from pg_authid',
        'select lo_get(200201)', 'select lo_unlink(200201)', 'select lo_put(200201, 0, ''x'')',
        'select loread(lo_open(200201, 262144), 10)', 'select pg_read_file(''PG_VERSION'')'
    ]) as statement";

/// Tries statements one by one, each taken back, and fails with those that were not refused for
/// missing rights.
const TRY_EACH: &str = "do $try$
declare
    each_statement text;
    wrong text := '';
begin
    foreach each_statement in array string_to_array(current_setting('test.statements'), E'\\x01') loop
        begin
            execute each_statement;
            raise exception 'it was done';
        exception
            when insufficient_privilege then
                if sqlerrm like '%secret-201%' then
                    wrong := wrong || E'\\n' || each_statement || ' tells: ' || sqlerrm;
                end if;
            when others then
                wrong := wrong || E'\\n' || each_statement || ': ' || sqlstate || ' ' || sqlerrm;
        end;
    end loop;
    if wrong <> '' then
        raise exception 'not refused:%', wrong;
    end if;
end
$try$";

/// What a tenant's roles may read, with rows in it where anything of another tenant shows.
const GLIMPSES: [(&str, &str); 10] = [
    ("pg_stats", "select count(*) from pg_stats where schemaname like 'cw\\_201%'"),
    ("pg_stats_ext", "select count(*) from pg_stats_ext where schemaname like 'cw\\_201%'"),
    ("pg_stats_ext_exprs", "select count(*) from pg_stats_ext_exprs where schemaname like 'cw\\_201%'"),
    (
        "statistics of tables whose rows are not all the tenant's",
        "select count(*) from pg_stats as s join pg_class as c on c.relname = s.tablename
             and c.relnamespace = 'cw_global'::regnamespace
         where s.schemaname = 'cw_global' and c.relrowsecurity",
    ),
    (
        "pg_sequences",
        "select count(last_value) from pg_sequences where schemaname like 'cw\\_201%'",
    ),
    (
        "pg_stat_activity",
        "select count(*) from pg_stat_activity
         where query like '%secret-201%' and pid <> pg_backend_pid()",
    ),
    (
        "rights",
        "select count(*) from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
         where n.nspname like 'cw\\_201%' and case c.relkind
             when 'S' then has_sequence_privilege(c.oid, 'usage, select, update')
             else has_table_privilege(c.oid, 'select, insert, update, delete, truncate, references, trigger')
                 or has_any_column_privilege(c.oid, 'select, insert, update, references')
             end",
    ),
    (
        "people",
        "select count(*) from cw_global.users where email like 'secret-201%'",
    ),
    (
        "whom people work for",
        "select count(*) from cw_global.x_user_clients",
    ),
    (
        "client_config",
        "select count(*) from cw_global.client_config where client_id <> 'CW-000200'",
    ),
];

/// A login that is a member of a tenant's roles and may do nothing by itself.
struct Login {
    role: String,
    connection: PgConnection,
}

impl Login {
    async fn of(database: &TestDatabase, pool: &PgPool, tenant: TenantId) -> Result<Self> {
        let role = format!("{}-{}", database.name(), tenant.number());
        let (loader, reader) = (tenant.loader_role(), tenant.reader_role());
        let sql = format!(
            "create role \"{role}\" login noinherit password '{PASSWORD}' in role {loader}, {reader}"
        );
        execute(&mut *pool.acquire().await?, &sql).await?;
        let options = options(database)?.username(&role).password(PASSWORD);
        let connection = PgConnection::connect_with(&options).await?;
        Ok(Self { role, connection })
    }

    async fn assume(&mut self, role: &Identifier) -> Result<()> {
        Ok(execute(
            &mut self.connection,
            &format!("reset role; set role {role}"),
        )
        .await?)
    }

    async fn leave(self, pool: &PgPool) -> Result<()> {
        self.connection.close().await?;
        let sql = format!("drop role \"{}\"", self.role);
        Ok(execute(&mut *pool.acquire().await?, &sql).await?)
    }
}

/// Tries statements, and tells which were not refused.
async fn hand_over(connection: &mut PgConnection, tried: &[String]) -> Result<Option<String>> {
    sqlx::query("select set_config('test.statements', $1, false)")
        .bind(tried.join(BETWEEN))
        .execute(&mut *connection)
        .await?;
    Ok(execute(connection, TRY_EACH)
        .await
        .err()
        .map(|error| error.to_string()))
}

async fn statements(pool: &PgPool, tenant: TenantId) -> Result<Vec<String>> {
    let schemas = [
        tenant.schema(),
        tenant.staging_schema(),
        tenant.stats_schema(),
    ];
    Ok(sqlx::query_scalar(STATEMENTS)
        .bind(schemas.map(|schema| schema.name().to_owned()))
        .fetch_all(pool)
        .await?)
}

#[tokio::test]
async fn every_object_of_another_tenant_is_refused() -> Result<()> {
    let two = TwoTenants::create().await?;
    execute(&mut *two.pool.acquire().await?, EXHIBITS).await?;
    let tried = statements(&two.pool, b()).await?;
    for of_kind in [
        "select from cw_201.genders",
        "select from cw_201.exhibit_view",
        "select cw_201.exhibit_function(null::integer, null::text)",
        "call cw_201.exhibit_procedure()",
        "select null::cw_201.exhibit_type",
        "select from cw_201_stats.daily_sales_values",
        "drop table cw_201_staging.exhibit_table",
        "set role cw_201_loader_as_owner",
    ] {
        assert!(tried.iter().any(|one| one == of_kind), "{of_kind}");
    }
    assert!(tried.len() > 900, "{}", tried.len());

    // A session of the other tenant, with a value in its last statement.
    let mut other = Login::of(&two.database, &two.pool, b()).await?;
    other.assume(&b().reader_role()).await?;
    let seen: i64 =
        sqlx::query_scalar("select count(*) from cw_201.genders where name like 'secret-201%'")
            .fetch_one(&mut other.connection)
            .await?;
    assert_eq!(seen, 50);
    // Whoever may do all sees something at each glimpse, and is refused nothing.
    for (what, query) in GLIMPSES {
        let seen: i64 = sqlx::query_scalar(query).fetch_one(&two.pool).await?;
        assert!(seen > 0, "{what}");
    }
    let permitted = hand_over(
        &mut *two.pool.acquire().await?,
        &["select from cw_201.genders".into()],
    )
    .await?;
    assert!(
        permitted
            .is_some_and(|told| told.contains("select from cw_201.genders: P0001 it was done"))
    );

    let mut login = Login::of(&two.database, &two.pool, a()).await?;
    for role in [a().loader_role(), a().reader_role(), a().owner_role()] {
        if role == a().owner_role() {
            login.assume(&a().loader_role()).await?;
        }
        login.assume(&role).await?;
        let connection = &mut login.connection;
        assert_eq!(hand_over(connection, &tried).await?, None, "{role}");
        for (what, query) in GLIMPSES {
            let seen: i64 = sqlx::query_scalar(query)
                .fetch_one(&mut *connection)
                .await?;
            assert_eq!(seen, 0, "{role} sees {what}");
        }
    }
    other.leave(&two.pool).await?;
    login.leave(&two.pool).await
}

/// The policy of a shared table is asked before a function that could tell what it is shown, and what
/// a refusal says has nothing of other tenants in it.
#[tokio::test]
async fn shared_tables_show_a_tenant_its_own_rows_and_refuse_the_rest_without_a_word() -> Result<()>
{
    let two = TwoTenants::create().await?;
    execute(&mut *two.pool.acquire().await?, EXHIBITS).await?;
    let mut login = Login::of(&two.database, &two.pool, a()).await?;
    let tables: Vec<String> = sqlx::query_scalar(
        "select oid::regclass::text from pg_class
         where relnamespace = 'cw_global'::regnamespace and relkind in ('r', 'p') order by 1",
    )
    .fetch_all(&two.pool)
    .await?;
    assert!(tables.len() >= 6, "{tables:?}");
    let verbs = [
        "insert into % default values",
        "delete from %",
        "truncate %",
        "drop table %",
    ];
    let mut tried: Vec<String> = tables
        .iter()
        .flat_map(|table| verbs.map(|verb| verb.replace('%', table)))
        .collect();
    tried.extend(
        [
            "insert into cw_global.client_config values (1, 'CW-000201', 'x', 1, '{}')",
            "update cw_global.client_config set client_id = 'CW-000201'",
            "alter table cw_global.client_config disable row level security",
            "create policy mine on cw_global.client_config using (true)",
        ]
        .map(str::to_owned),
    );
    for role in [a().loader_role(), a().reader_role()] {
        login.assume(&role).await?;
        let connection = &mut login.connection;
        assert_eq!(hand_over(connection, &tried).await?, None, "{role}");
    }
    login.assume(&a().loader_role()).await?;
    let connection = &mut login.connection;
    execute(
        connection,
        "create function pg_temp.tells(word text) returns boolean cost 0.0001 language plpgsql as
             $$ begin if word like '%secret%' then raise exception '%', word; end if; return true; end $$",
    )
    .await?;
    let names: Vec<String> = sqlx::query_scalar(
        "select client_name from cw_global.client_config where pg_temp.tells(client_name) and pg_temp.tells(config::text)",
    )
    .fetch_all(&mut *connection)
    .await?;
    assert_eq!(names, ["First"]);

    // Row level security can be turned into an error, and not off.
    let off = "set row_security = off; select from cw_global.client_config";
    let error = execute(connection, off).await.expect_err("rows of others");
    assert_eq!(sqlstate(&error), NOT_PERMITTED, "{error}");
    login.leave(&two.pool).await
}

/// What nobody can hide: it stands here so that the documentation goes on saying it.
#[tokio::test]
async fn the_catalog_shows_names_and_sizes_to_everybody() -> Result<()> {
    let two = TwoTenants::create().await?;
    execute(&mut *two.pool.acquire().await?, EXHIBITS).await?;
    let mut login = Login::of(&two.database, &two.pool, a()).await?;
    login.assume(&a().reader_role()).await?;
    let estimate = "select reltuples::bigint from pg_class where oid = (
        select c.oid from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname = 'cw_201' and c.relname = 'genders')";
    let rows: i64 = sqlx::query_scalar(AssertSqlSafe(estimate))
        .fetch_one(&mut login.connection)
        .await?;
    assert_eq!(rows, 50);
    login.leave(&two.pool).await
}
