-- These pictures are not in the store any more.
select pictures_left(:hashes)
