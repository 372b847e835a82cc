-- A webhook gets a new secret, shown this once; the old one signs as well for a while.
select rotate_hook(:community, :caller, :hook, :new_secret_sealed, :overlap) as body
