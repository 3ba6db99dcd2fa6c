drop table record_fixes;
