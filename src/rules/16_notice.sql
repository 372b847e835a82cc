-- What the community tells everybody: rules, methods, activities, minutes (制度、办法、活动、民生大会纪要), as versioned texts that may be about
-- complaints. Whoever edits them sees all; everybody else what is published, with those of its versions that ever were.

create function is_editor(who caller) returns boolean language sql immutable as $$
    select who.role in ('dispatcher', 'supervisor', 'admin')
$$;

-- The complaints that a notice is about: those it names, and those that somebody has confirmed to be of a cluster that it names. Public requests
-- find a view of this name in `published`.
create view notice_about as
select s.community, s.notice, s.subject as complaint from wall.notice_subject s where s.kind = 'complaint'
union
select s.community, s.notice, m.complaint
from wall.notice_subject s join wall.cluster_member m on m.community = s.community and m.cluster = s.subject
where s.kind = 'cluster' and m.confirmed;

-- Runs for public requests as well: tables without a schema are views of `published` there.
create function list_notices(of_community text, who caller, of_kind text, of_publication text, size integer, after_id uuid) returns page
language plpgsql stable as $$
begin
    return (select page_of(array_agg(notice::text), array_agg(notice), array_agg(item), size) from (
        select n.notice, json_build_object('id', n.notice, 'kind', n.kind, 'title', v.title, 'begins', instant(v.begins), 'ends', instant(v.ends),
                                           'publication', n.publication, 'version', n.version, 'published', instant(n.published),
                                           'changed', instant(v.at))::text as item
        from notice n join notice_version v using (community, notice, version)
        where n.community = of_community and (of_kind is null or n.kind = of_kind) and n.publication = of_publication
          and (n.publication = 'published' or is_editor(who)) and n.notice < coalesce(after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        order by n.notice desc limit size + 1) as newest);
end $$;

create function versions_json(of_community text, of_notice uuid, editor boolean) returns json language plpgsql stable as $$
begin
    return (select json_agg(json_build_object('version', v.version, 'title', v.title, 'text', v.text, 'begins', instant(v.begins), 'ends', instant(v.ends),
                                              'at', instant(v.at), 'published', instant(v.published)) order by v.version)
            from notice_version v where v.community = of_community and v.notice = of_notice and (editor or v.published is not null));
end $$;

-- Only complaints that everybody may read, but for editors. The entry holds a title as it may be shown.
create function noticed_json(of_community text, of_notice uuid, editor boolean) returns json language plpgsql stable as $$
begin
    return (select coalesce(json_agg(json_build_object('id', c.complaint, 'number', c.number, 'title', c.entry::json->'title', 'status', c.status)
                                     order by c.complaint), '[]')
            from notice_about s join complaint c using (community, complaint)
            where s.community = of_community and s.notice = of_notice
              and (editor or c.publication = 'published' and c.visibility = 'public'));
end $$;

-- Clusters are the working group's: others see the complaints in them.
create function clusters_named(of_community text, of_notice uuid) returns json language plpgsql stable as $$
begin
    return (select coalesce(json_agg(s.subject order by s.subject), '[]') from wall.notice_subject s
            where s.community = of_community and s.notice = of_notice and s.kind = 'cluster');
end $$;

create function show_notice(of_community text, of_notice uuid, who caller) returns table (body text, version integer) language plpgsql stable as $$
begin
    return query
        select json_build_object('id', n.notice, 'kind', n.kind, 'title', v.title, 'text', v.text, 'begins', instant(v.begins), 'ends', instant(v.ends),
                                 'publication', n.publication, 'version', n.version, 'published', instant(n.published), 'changed', instant(v.at),
                                 'versions', versions_json(of_community, of_notice, is_editor(who)),
                                 'complaints', noticed_json(of_community, of_notice, is_editor(who)),
                                 'clusters', case when is_editor(who) then clusters_named(of_community, of_notice) else '[]' end,
                                 'surveys', surveys_about(of_community, 'notice', of_notice)::json)::text, n.version
        from notice n join notice_version v on v.community = n.community and v.notice = n.notice and v.version = n.version
        where n.community = of_community and n.notice = of_notice and (n.publication = 'published' or is_editor(who));
end $$;

-- What is published about a complaint, shown with it.
create function notices_json(of_community text, of_complaint uuid) returns text language plpgsql stable as $$
begin
    return (select json_list(string_agg(json_build_object('id', n.notice, 'kind', n.kind, 'title', v.title)::text, ',' order by n.notice))
            from notice_about s join notice n using (community, notice) join notice_version v using (community, notice, version)
            where s.community = of_community and s.complaint = of_complaint and n.publication = 'published');
end $$;

-- What is given takes the place of what was there of its kind.
create function link_notice(of_community text, of_notice uuid, of_kind text, subjects jsonb) returns void language plpgsql as $$
declare
    unknown bigint := (
        select min(g.position) from jsonb_array_elements_text(subjects) with ordinality as g (id, position)
        where case of_kind
            when 'complaint' then not exists (select from wall.complaint c where c.community = of_community and c.complaint = g.id::uuid)
            else not exists (select from wall.cluster k where k.community = of_community and k.cluster = g.id::uuid) end);
begin
    if unknown is not null then
        perform refuse_field(format('/%ss/%s', of_kind, unknown - 1), 'there is no such ' || of_kind);
    end if;
    delete from wall.notice_subject s where s.community = of_community and s.notice = of_notice and s.kind = of_kind;
    insert into wall.notice_subject select distinct of_community, of_notice, of_kind, g::uuid from jsonb_array_elements_text(subjects) as g;
end $$;

create function link_given(of_community text, of_notice uuid, input jsonb) returns void language plpgsql as $$
declare
    of_kind text;
begin
    foreach of_kind in array '{complaint,cluster}'::text[] loop
        if input ? (of_kind || 's') then
            perform link_notice(of_community, of_notice, of_kind, coalesce(nullif(input->(of_kind || 's'), 'null'), '[]'));
        end if;
    end loop;
end $$;

create function write_version(n wall.notice, v wall.notice_version, who caller, at timestamptz) returns void language plpgsql as $$
begin
    if v.ends < v.begins then
        perform refuse_field('/ends', 'is before it begins');
    end if;
    insert into wall.notice_version
    values (n.community, n.notice, n.version, v.title, v.text, v.begins, v.ends, who.actor, at, case when n.publication = 'published' then at end);
end $$;

create function add_notice(of_community text, who caller, new_id uuid, input jsonb, scope bytea, body_hash bytea,
                           out body text, out version integer, out location text)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    moment timestamptz := wall_now();
    thing uuid := coalesce(made_before(of_community, scope, body_hash, new_id), new_id);
    n wall.notice := row(of_community, new_id, input->>'kind', input->>'publication', 1, moment, null);
begin
    if thing = new_id then
        n.published := case when n.publication = 'published' then moment end;
        insert into wall.notice values (n.*);
        perform write_version(n, jsonb_populate_record(null::wall.notice_version, input), who, moment);
        perform link_given(of_community, new_id, input);
        perform record_audit(of_community, who, 'add_notice', new_id, jsonb_build_object('kind', n.kind, 'publication', n.publication));
    end if;
    select s.body, s.version into body, version from show_notice(of_community, thing, who) s;
    location := '/v1/notices/' || thing;
end $$;

-- A change is a new version; what is published is changed for everybody at once.
create function change_notice(of_community text, who caller, of_notice uuid, of_version integer, input jsonb, out body text, out version integer)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    moment timestamptz := wall_now();
    n wall.notice;
    v wall.notice_version;
begin
    select * into n from wall.notice x where x.community = of_community and x.notice = of_notice for update;
    if n.notice is null then
        perform refuse('not_found');
    end if;
    if of_version <> n.version then
        perform refuse('changed_meanwhile');
    end if;
    input := input - array(select name from unnest('{title,text}'::text[]) as name where input->name = 'null');    -- null takes away only what may be missing
    if input <> '{}' then
        select * into v from wall.notice_version x where x.community = of_community and x.notice = of_notice and x.version = n.version;
        update wall.notice x set version = x.version + 1 where x.community = of_community and x.notice = of_notice returning * into n;
        perform write_version(n, jsonb_populate_record(v, input), who, moment);
        perform link_given(of_community, of_notice, input);
        perform record_audit(of_community, who, 'change_notice', of_notice, jsonb_build_object('version', n.version));
    end if;
    select s.body, s.version into body, version from show_notice(of_community, of_notice, who) s;
end $$;

-- publish, withdraw: what was withdrawn may be published again.
create function expose_notice(of_community text, who caller, of_notice uuid, action text, out body text, out version integer)
language plpgsql security definer set search_path = wall, rules, pg_temp as $$
declare
    moment timestamptz := wall_now();
    wanted text := case action when 'publish' then 'published' else 'withdrawn' end;
    n wall.notice;
begin
    select * into n from wall.notice x where x.community = of_community and x.notice = of_notice for update;
    if n.notice is null then
        perform refuse('not_found');
    end if;
    if n.publication = wanted or wanted = 'withdrawn' and n.publication = 'draft' then
        perform refuse('not_allowed_now', jsonb_build_object('allowed', array[case n.publication when 'published' then 'withdraw' else 'publish' end]));
    end if;
    update wall.notice x set publication = wanted, published = case wanted when 'published' then coalesce(x.published, moment) else x.published end
    where x.community = of_community and x.notice = of_notice;
    update wall.notice_version x set published = coalesce(x.published, moment)
    where wanted = 'published' and x.community = of_community and x.notice = of_notice and x.version = n.version;
    perform record_audit(of_community, who, action || '_notice', of_notice, jsonb_build_object('version', n.version));
    select s.body, s.version into body, version from show_notice(of_community, of_notice, who) s;
end $$;
