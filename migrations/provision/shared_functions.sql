-- The functions of cw_global that tenants' loads may call, which are there once it is migrated.
grant execute on function cw_global.infer_currencies(bigint[], text[]) to cw_global_tenant_loader;
grant execute on function cw_global.infer_languages(bigint[], text[]) to cw_global_tenant_loader;
grant execute on function cw_global.infer_cities(bigint[], text[], text[]) to cw_global_tenant_loader;
grant execute on function cw_global.infer_users(bigint[], text[], bigint[]) to cw_global_tenant_loader;
grant execute on function cw_global.hold_rows(regclass, bigint[]) to cw_global_tenant_loader;
