-- Of these pictures in the store those that no complaint has are to leave, in every community.
select hash from leave_pictures(:hashes)
