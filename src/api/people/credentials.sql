-- What a member of staff signs in with.
select password as hash from staff where community = :community and login = :login and active
