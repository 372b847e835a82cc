-- Who waits for a first reply is counted whenever figures are asked for: from the index alone, where nothing has been written since the last vacuum.

drop index complaint_held;
create index complaint_held on complaint (community, department, submitted) include (category, building, first_reply) where turn = 'department';
