-- The queue page counts deferred task runs, of which there are few beside millions that have ended.

create index task_run_deferred on task_run (id) where state = 'deferred';
