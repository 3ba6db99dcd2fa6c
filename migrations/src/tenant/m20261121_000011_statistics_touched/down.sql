drop table statistics_touched;
