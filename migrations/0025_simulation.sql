-- Where a supervision case stands, kept beside its steps, so that the list of those that stand somewhere is found by index.

alter table supervision add column status text not null default 'screened'
    check (status in ('screened', 'verifying', 'rectifying', 'confirmed', 'dismissed'));
update supervision s set status = k.status
from (select distinct on (a.community, a.supervision) a.community, a.supervision, a.status from supervision_act a
      order by a.community, a.supervision, a.seq desc) as k
where k.community = s.community and k.supervision = s.supervision and k.status <> s.status;
create index supervision_status on supervision (community, status, opened desc, supervision desc);

-- Whom to forget, by the version that a complaint was filed under.
drop index complaint_known;
create index complaint_known on complaint (community, policy, closed) where closed is not null and identity <> 'anonymous';
