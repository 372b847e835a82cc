-- One complaint or survey of any community, closed long enough, is kept without those who filed or answered it.
select forgotten from retain()
