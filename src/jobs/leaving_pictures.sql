-- Pictures whose removing began and did not end, because its server did.
select encode(hash, 'hex') as hash from picture_leaving where ended is null limit :limit
