-- Login and password do not belong together.
select 'wrong_credentials' as problem, note_failed_sign_in(:community, :caller, :login)
