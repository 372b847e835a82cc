-- When something happens by itself next in any community, and how many seconds are left until then.
select due, extract(epoch from due - wall_now()) as wait from next_due() as due
