-- The reporter adds pictures that are in the store by now.
select body, version, location from add_pictures(:community, :complaint, :caller, :version, :place, :pictures, :began)
