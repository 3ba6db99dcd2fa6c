drop table pipeline_step_runs;
drop table pipeline_runs;
