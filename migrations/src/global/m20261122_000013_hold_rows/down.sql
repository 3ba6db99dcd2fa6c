drop function cw_global.hold_rows(regclass, bigint[]);
