-- A webhook gets another name, address or filter, is switched off, or on again.
select change_hook(:community, :caller, :hook, :input) as body
