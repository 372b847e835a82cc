-- With a new version of the grams everything is read anew, in every community.
select read_anew(:version) as asked
