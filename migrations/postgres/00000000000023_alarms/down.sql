DROP INDEX change_log_alarm;
