-- Demand is summed up by the hours of its days as well (rows of a `day`, with its hours): of up to which moment it is asked for, few are counted one by one.

alter table counted_sum drop constraint counted_sum_span_check, add check (span in ('day', 'month', 'year'));

-- What it is grouped by is compared byte by byte, and not as a language has it, which costs more than reading it.
alter table counted_sum
    alter column by_what type text collate "C", alter column span type text collate "C", alter column key type text collate "C",
    alter column figure type text collate "C", alter column part type text collate "C";
