-- Clusters: complaints about the same matter. The system proposes a link when one comes in, a dispatcher confirms it or parts it; links are facts,
-- cluster_member is a cache of the last ones. Nothing else follows from a link by itself: merging stays a person's decision.

create function write_link(of_community text, of_cluster uuid, of_complaint uuid, act text, moment timestamptz, likeness real, actor uuid) returns void
language plpgsql as $$
begin
    if write_link.actor is null then             -- made by itself a moment after the submission, which may be kept from others
        moment := (select shown_at(c, moment) from wall.complaint c where c.community = of_community and c.complaint = of_complaint);
    end if;
    perform pg_advisory_xact_lock_shared(community_lock(of_community));
    perform leave_out(of_community, array(select linked_with(of_community, of_cluster, of_complaint)), moment);
    insert into wall.cluster_link (community, cluster, complaint, act, at, likeness, actor)
    values (of_community, of_cluster, of_complaint, act, moment, write_link.likeness, write_link.actor);
    if act = 'parted' then
        delete from wall.cluster_member m where m.community = of_community and m.complaint = of_complaint;
        return;
    end if;
    insert into wall.cluster_member
    select of_community, of_complaint, of_cluster, act = 'confirmed', moment, c.submitted
    from wall.complaint c where c.community = of_community and c.complaint = of_complaint
    on conflict (community, complaint) do update set cluster = excluded.cluster, confirmed = excluded.confirmed, since = excluded.since;
end $$;

create function open_cluster(of_community text, moment timestamptz) returns uuid language plpgsql as $$
declare
    made uuid := made_id(moment);
begin
    insert into wall.cluster values (of_community, made, moment);
    return made;
end $$;

-- One that came in is linked to the most like of those before it, and so to its cluster; where there is none, the two begin one.
create function link_new(of_community text, of_complaint uuid, codes integer[], weights smallint[]) returns void language plpgsql as $$
declare
    moment timestamptz := wall_now();
    p wall.policy := policy_of(of_community, (select c.policy from wall.complaint c where c.community = of_community and c.complaint = of_complaint));
    nearest record;
    into_cluster uuid;
begin
    perform from wall.cluster_member m where m.community = of_community and m.complaint = of_complaint;
    if found then
        return;
    end if;
    select h.complaint, h.likeness, m.cluster into nearest
    from alike(of_community, codes, weights, moment - p.cluster_within, 30) h
    join wall.complaint c on c.community = of_community and c.complaint = h.complaint
    left join wall.cluster_member m on m.community = of_community and m.complaint = h.complaint
    where h.complaint <> of_complaint and h.likeness >= p.cluster_from and c.status not in ('rejected', 'withdrawn')
    order by h.likeness desc, h.complaint desc limit 1;
    if nearest.complaint is null then
        return;
    end if;
    into_cluster := nearest.cluster;
    if into_cluster is null then
        into_cluster := open_cluster(of_community, moment);
        perform write_link(of_community, into_cluster, nearest.complaint, 'proposed', moment, nearest.likeness, null);
    end if;
    perform write_link(of_community, into_cluster, of_complaint, 'proposed', moment, nearest.likeness, null);
end $$;

-- Who complained, without saying who: a resident and a phone number are one person, however often; who stays anonymous is one each time.
create function people_behind(of_community text, of_complaints uuid[]) returns table (complaint uuid, person text) language sql stable as $$
    select x, coalesce(encode(r.phone_hash, 'hex'), encode(i.phone_hash, 'hex'), i.resident::text, x::text)
    from unnest(of_complaints) as x
    left join wall.complaint_identity i on i.community = of_community and i.complaint = x
    left join wall.resident r on r.community = i.community and r.resident = i.resident
$$;

create function reporters_of(of_community text, of_complaints uuid[]) returns integer language plpgsql stable as $$
begin
    return (select count(distinct k.person) from people_behind(of_community, of_complaints) k);
end $$;

-- What counts of a cluster since then, oldest first: not what was withdrawn, not spam.
create function counted_members(of_community text, of_cluster uuid, since timestamptz default '-infinity') returns uuid[] language plpgsql stable as $$
begin
    return array(
        select m.complaint from wall.cluster_member m join wall.complaint c using (community, complaint)
        where m.community = of_community and m.cluster = of_cluster and m.submitted >= counted_members.since and is_counted(c)
        order by m.submitted, m.complaint);
end $$;

-- Different people who complained since then.
create function cluster_reporters(of_community text, of_cluster uuid, since timestamptz default '-infinity') returns integer language plpgsql stable as $$
begin
    return reporters_of(of_community, counted_members(of_community, of_cluster, since));
end $$;

create function cluster_entry(k wall.cluster) returns text language plpgsql stable as $$
begin
    return (
        select json_build_object('id', k.cluster, 'began', instant(k.began), 'latest', instant(max(m.submitted)), 'complaints', count(*),
                                 'proposed', count(*) filter (where not m.confirmed), 'reporters', cluster_reporters(k.community, k.cluster),
                                 'supporters', coalesce(sum(c.supporters), 0),
                                 'category', mode() within group (order by c.category), 'building', mode() within group (order by c.building),
                                 'title', (array_agg(coalesce(c.title, unturned(left(c.text, 40))) order by c.submitted))[1])::text
        from wall.cluster_member m join wall.complaint c using (community, complaint)
        where m.community = k.community and m.cluster = k.cluster);
end $$;

-- Those that began last come first; `proposed`: only those with a link that nobody has looked at.
create function list_clusters(of_community text, is_proposed boolean, size integer, after_key text, after_id uuid) returns page language plpgsql stable as $$
begin
    return (select page_of(array_agg(cluster::text), array_agg(cluster), array_agg(cluster_entry(row(community, cluster, began)::wall.cluster)), size) from (
        select k.* from wall.cluster k
        where k.community = of_community and k.cluster < coalesce(after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
          and exists (select from wall.cluster_member m where m.community = k.community and m.cluster = k.cluster
                      and (is_proposed is null or is_proposed = not m.confirmed))
        order by k.cluster desc limit size + 1) as newest);
end $$;

-- Its version is the number of what was proposed and decided of it.
create function cluster_version(of_community text, of_cluster uuid) returns integer language plpgsql stable as $$
begin
    return (select count(*) from wall.cluster_link l where l.community = of_community and l.cluster = of_cluster);
end $$;

create function show_cluster(of_community text, of_cluster uuid) returns text language plpgsql stable as $$
declare
    k wall.cluster;
begin
    select * into k from wall.cluster x where x.community = of_community and x.cluster = of_cluster;
    if k.cluster is null then
        return null;
    end if;
    return left(coalesce(cluster_entry(k), '{}'), -1) || ',"members":' || (
        select json_list(string_agg(left(c.entry, -1) || ',"confirmed":' || m.confirmed || ',"since":"' || instant(m.since) || '"}', ',' order by m.submitted))
        from wall.cluster_member m join wall.complaint c using (community, complaint)
        where m.community = of_community and m.cluster = of_cluster) || ',"links":' || (
        select json_list(string_agg(json_build_object('complaint', l.complaint, 'act', l.act, 'at', instant(l.at), 'likeness', round(l.likeness::numeric, 2),
                                                      'by', l.actor)::text, ',' order by l.seq))
        from wall.cluster_link l where l.community = of_community and l.cluster = of_cluster) || ',"surveys":' || surveys_about(of_community, 'cluster', of_cluster) || '}';
end $$;

-- What a dispatcher decides: all that is proposed, or one complaint. A complaint that is confirmed by name joins, from wherever it was.
-- One alone is no cluster.
create function decide_cluster(of_community text, of_cluster uuid, act text, of_complaint uuid, who caller, of_version integer, out body text, out version integer)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    moment timestamptz;
    member wall.cluster_member;
begin
    perform pg_advisory_xact_lock(hashtextextended('clusters of ' || of_community, 311));
    moment := wall_now();
    perform from wall.cluster k where k.community = of_community and k.cluster = of_cluster;
    if not found then
        perform refuse('not_found');
    end if;
    perform know_version(of_version, cluster_version(of_community, of_cluster));
    if of_complaint is not null then
        perform decide_link(of_community, of_cluster, act, of_complaint, who, moment);
    else
        perform write_link(of_community, of_cluster, m.complaint, act, moment, null, who.actor)
        from (select x.complaint from wall.cluster_member x
              where x.community = of_community and x.cluster = of_cluster and (act = 'parted' or not x.confirmed) order by x.submitted) as m;
    end if;
    perform dissolve(of_community, of_cluster, moment);
    body := show_cluster(of_community, of_cluster);
    version := cluster_version(of_community, of_cluster);
end $$;

create function decide_link(of_community text, of_cluster uuid, act text, of_complaint uuid, who caller, moment timestamptz) returns void language plpgsql as $$
declare
    was wall.cluster_member;
begin
    select * into was from wall.cluster_member m where m.community = of_community and m.complaint = of_complaint;
    perform from wall.complaint c where c.community = of_community and c.complaint = of_complaint;
    if not found or act = 'parted' and was.cluster is distinct from of_cluster then
        perform refuse_field('/complaint', 'is not in this cluster');
    end if;
    if act = 'confirmed' and was.cluster = of_cluster and was.confirmed then
        return;
    end if;
    if was.cluster <> of_cluster then
        perform write_link(of_community, was.cluster, of_complaint, 'parted', moment, null, who.actor);
        perform dissolve(of_community, was.cluster, moment);
    end if;
    perform write_link(of_community, of_cluster, of_complaint, act, moment, null, who.actor);
end $$;

create function dissolve(of_community text, of_cluster uuid, moment timestamptz) returns void language plpgsql as $$
declare
    left_over uuid[] := array(select complaint from wall.cluster_member m where m.community = of_community and m.cluster = of_cluster);
begin
    if cardinality(left_over) = 1 then
        perform write_link(of_community, of_cluster, left_over[1], 'parted', moment, null, null);
    end if;
end $$;

-- On a complaint, for those inside who are not its reporter.
create function cluster_json(c wall.complaint) returns text language plpgsql stable as $$
begin
    return (select json_build_object('id', m.cluster, 'confirmed', m.confirmed, 'since', instant(m.since), 'reporters', cluster_reporters(c.community, m.cluster))::text
            from wall.cluster_member m where m.community = c.community and m.complaint = c.complaint);
end $$;
