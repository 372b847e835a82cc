-- Who must not be named in public where a complaint is spoken of: its reporter, and those of the cases merged into it.
select known.sealed, known.sealed_for
from complaint_identity i left join resident r using (community, resident)
cross join lateral (values (i.sealed, i.complaint::text), (r.sealed, r.resident::text)) as known (sealed, sealed_for)
where i.community = :community and known.sealed is not null
  and i.complaint in (select :complaint::uuid union all select complaint from complaint where community = :community and master = :complaint)
