drop function cw_global.infer_languages(bigint[], text[]);
