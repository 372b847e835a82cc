-- When something happens by itself next, and how many seconds are left until then.
select due, extract(epoch from due - wall_now()) as wait from next_due() as due
