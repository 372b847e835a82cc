-- The oldest day that is over is taken; before that whoever owes something shortly before a cutoff hears of it.
select community, day from take_day() where day is not null
