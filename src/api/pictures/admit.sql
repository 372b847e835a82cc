-- Somebody wants to add pictures: may he, and are they there already? Asked before any of them is decoded.
select body, version, location, began from admit_pictures(:community, :complaint, :caller, :version, :place, :pictures)
