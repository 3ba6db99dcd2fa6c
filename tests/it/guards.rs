//! Settings refuse to be changed by anybody: whoever empties a tenant has to take their guards away aloud.

use catwing_domain::TenantId;

/// Which tables of settings lose their guards for a time.
#[derive(Clone, Copy)]
pub enum Guarded {
    /// Those that hold rows: a `delete` meets no guard elsewhere, and a change of a table takes its time.
    WithRows,
    /// All of them, as `truncate` needs.
    All,
}

/// Runs statements without foreign keys, and without the guards of the tenant's settings.
pub fn unguarded(tenant: TenantId, guarded: Guarded, statements: &str) -> String {
    let all = matches!(guarded, Guarded::All);
    format!(
        "set session_replication_role = replica;
         create temp table unguarded as select format('%I.%I', n.nspname, c.relname) as name
         from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
         where n.nspname = '{schema}' and c.oid in (select tgrelid from pg_trigger where tgname = 'append_only')
         and ({all} or (xpath('/row/n/text()', query_to_xml(
             format('select count(*) as n from %I.%I', n.nspname, c.relname), true, true, '')))[1]::text <> '0');
         do $off$ declare t text; begin for t in select name from unguarded loop
             execute format('alter table %s disable trigger user', t); end loop; end $off$;
         {statements};
         do $on$ declare t text; begin for t in select name from unguarded loop
             execute format('alter table %s enable always trigger append_only', t);
             execute format('alter table %s enable always trigger append_only_whole', t); end loop; end $on$;
         drop table unguarded; reset session_replication_role",
        schema = tenant.schema().name(),
    )
}
