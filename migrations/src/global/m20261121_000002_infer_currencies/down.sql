drop function cw_global.infer_currencies(bigint[], text[]);
