-- One complaint of any community, closed long enough, is kept without the one who filed it.
select forgotten from retain()
