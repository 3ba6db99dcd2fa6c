drop table data_health_reports;
drop table data_quality_check_reports;
drop table data_quality_checks;
drop table data_quality_runs;
