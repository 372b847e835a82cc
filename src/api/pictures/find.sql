-- A picture by its hash, where one of the complaints that have it is shown to this caller.
select media_type, shared from find_picture(:community, decode(:hash, 'hex'), :caller)
