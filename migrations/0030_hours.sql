-- What came in by the hour is summed up as it stood two days later, from now on and from the beginning, so that it can be counted anew at any time.

truncate submission_hour;
update warning_look set hour = '-infinity';
