-- The functions of cw_global that tenants may call or have called by triggers, which are there once it
-- is migrated.
grant execute on function cw_global.infer_currencies(bigint[], text[]) to cw_global_tenant_loader;
grant execute on function cw_global.infer_languages(bigint[], text[]) to cw_global_tenant_loader;
grant execute on function cw_global.infer_cities(bigint[], text[], text[]) to cw_global_tenant_loader;
grant execute on function cw_global.infer_users(bigint[], text[], bigint[]) to cw_global_tenant_loader;
grant execute on function cw_global.refuse_change_of_setting() to cw_global_tenant_owner;
