-- Lists: keyset pages of finished entries. Each asks for one more than the limit to know whether there is a next page.

create type page as (body text, next_key text, next_id uuid);

-- Puts a page together from its rows in order: keys and ids of the rows, their entries.
create function page_of(keys text[], ids uuid[], entries text[], size integer) returns page language sql immutable as $$
    select row('{"items":' || json_list(array_to_string(entries[:size], ',')) || '}',
               case when cardinality(ids) > size then keys[size] end, case when cardinality(ids) > size then ids[size] end)::page
$$;

-- The public list without filters is the hottest statement there is: a plan of its own.
create function list_newest(of_community text, size integer, after_key timestamptz, after_id uuid) returns page language plpgsql stable as $$
begin
    return (select page_of(array_agg(submitted::text), array_agg(complaint), array_agg(entry), size) from (
        select submitted, complaint, entry from complaint
        where community = of_community and publication = 'published' and visibility = 'public'
          and (submitted, complaint) < (coalesce(after_key, 'infinity'), coalesce(after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
        order by submitted desc, complaint desc limit size + 1) as newest);
end $$;

-- With filters the best index depends on which are given: planned for the values.
create function list_filtered(of_community text, of_category text, of_department uuid, of_building text, of_status text, since timestamptz, until timestamptz,
                              is_answered boolean, size integer, after_key timestamptz, after_id uuid) returns page
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
begin
    return (select page_of(array_agg(submitted::text), array_agg(complaint), array_agg(entry), size) from (
        select submitted, complaint, entry from complaint
        where community = of_community and publication = 'published' and visibility = 'public'
          and (of_category is null or category = of_category) and (of_department is null or department = of_department)
          and (of_building is null or building = of_building) and (of_status is null or status = of_status)
          and (since is null or submitted >= since) and (until is null or submitted < until)
          and (is_answered is null or (first_reply is not null) = is_answered)
          and (submitted, complaint) < (coalesce(after_key, 'infinity'), coalesce(after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
        order by submitted desc, complaint desc limit size + 1) as newest);
end $$;

create function list_oldest(of_community text, of_category text, of_department uuid, of_building text, of_status text, since timestamptz, until timestamptz,
                            is_answered boolean, size integer, after_key timestamptz, after_id uuid) returns page
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
begin
    return (select page_of(array_agg(submitted::text), array_agg(complaint), array_agg(entry), size) from (
        select submitted, complaint, entry from complaint
        where community = of_community and publication = 'published' and visibility = 'public'
          and (of_category is null or category = of_category) and (of_department is null or department = of_department)
          and (of_building is null or building = of_building) and (of_status is null or status = of_status)
          and (since is null or submitted >= since) and (until is null or submitted < until)
          and (is_answered is null or (first_reply is not null) = is_answered)
          and (submitted, complaint) > (coalesce(after_key, '-infinity'), coalesce(after_id, '00000000-0000-0000-0000-000000000000'))
        order by submitted, complaint limit size + 1) as oldest);
end $$;

create function list_published(of_community text, of_category text, of_department uuid, of_building text, of_status text, since timestamptz,
                               until timestamptz, is_answered boolean, sort text, size integer, after_key timestamptz, after_id uuid) returns page
language plpgsql stable as $$
begin
    if sort = 'relevance' then
        perform refuse_field('/sort', 'is for a search: relevance needs q');
    end if;
    if sort = 'oldest' then
        return list_oldest(of_community, of_category, of_department, of_building, of_status, since, until, is_answered, size, after_key, after_id);
    end if;
    if coalesce(of_category, of_department::text, of_building, of_status, since::text, until::text, is_answered::text) is null then
        return list_newest(of_community, size, after_key, after_id);
    end if;
    return list_filtered(of_community, of_category, of_department, of_building, of_status, since, until, is_answered, size, after_key, after_id);
end $$;

create function with_seconds_left(entry text, due timestamptz, now timestamptz) returns text language sql immutable as $$
    select '{"seconds_left":' || floor(extract(epoch from due - now))::bigint || ',' || substr(entry, 2)
$$;

-- What no department has yet, oldest first, with what may be proposed to the dispatcher.
create function list_undispatched(of_community text, size integer, after_key timestamptz, after_id uuid) returns page language plpgsql stable as $$
declare
    now timestamptz := wall_now();
begin
    return (select page_of(array_agg(submitted::text), array_agg(complaint), array_agg(
                left(with_seconds_left(entry, reply_due, now), -1) || ',"proposals":' || proposals_json(of_community, complaint) || '}'), size) from (
        select submitted, complaint, entry, reply_due from wall.complaint
        where community = of_community and status = 'submitted'
          and (submitted, complaint) > (coalesce(after_key, '-infinity'), coalesce(after_id, '00000000-0000-0000-0000-000000000000'))
        order by submitted, complaint limit size + 1) as oldest);
end $$;

-- What a department owes (查看本部门未回复记录): on its turn, least time left first. Without a department: all of them.
create function list_unanswered(of_community text, of_department uuid, size integer, after_key timestamptz, after_id uuid) returns page
language plpgsql stable as $$
declare
    now timestamptz := wall_now();
begin
    if of_department is null then
        return (select page_of(array_agg(reply_due::text), array_agg(complaint), array_agg(with_seconds_left(entry, reply_due, now)), size) from (
            select reply_due, complaint, entry from wall.complaint
            where community = of_community and turn = 'department'
              and (reply_due, complaint) > (coalesce(after_key, '-infinity'), coalesce(after_id, '00000000-0000-0000-0000-000000000000'))
            order by reply_due, complaint limit size + 1) as due);
    end if;
    return (select page_of(array_agg(reply_due::text), array_agg(complaint), array_agg(with_seconds_left(entry, reply_due, now)), size) from (
        select reply_due, complaint, entry from wall.complaint
        where community = of_community and department = of_department and turn = 'department'
          and (reply_due, complaint) > (coalesce(after_key, '-infinity'), coalesce(after_id, '00000000-0000-0000-0000-000000000000'))
        order by reply_due, complaint limit size + 1) as due);
end $$;

-- Public complaints that somebody has to look at before they are published, or that somebody has hidden: since when, the longest first.
create function list_publication(of_community text, of_publication text, size integer, after_key timestamptz, after_id uuid) returns page
language plpgsql stable as $$
begin
    if of_publication = 'hidden' then
        return (select page_of(array_agg(publication_since::text), array_agg(complaint), array_agg(with_publication(c)), size) from (
            select publication_since, complaint, x as c from wall.complaint x
            where community = of_community and publication = 'hidden'
              and (publication_since, complaint) > (coalesce(after_key, '-infinity'), coalesce(after_id, '00000000-0000-0000-0000-000000000000'))
            order by publication_since, complaint limit size + 1) as longest);
    end if;
    return (select page_of(array_agg(publication_since::text), array_agg(complaint), array_agg(with_publication(c)), size) from (
        select publication_since, complaint, x as c from wall.complaint x
        where community = of_community and pending_review
          and (publication_since, complaint) > (coalesce(after_key, '-infinity'), coalesce(after_id, '00000000-0000-0000-0000-000000000000'))
        order by publication_since, complaint limit size + 1) as longest);
end $$;

create function with_publication(c wall.complaint) returns text language sql stable as $$
    select left(entry_inside(c), -1) || ',"alias":' || coalesce(to_json(c.alias)::text, 'null') || publication_json(c) || '}'
$$;

-- Answers that somebody has to call back about, most urgent first; never those of the visitor's own department.
create function list_visits(of_community text, own uuid, size integer, after_key timestamptz, after_id uuid) returns page language plpgsql stable as $$
declare
    now timestamptz := wall_now();
begin
    return (select page_of(array_agg(deadline::text), array_agg(complaint), array_agg(with_seconds_left(entry, deadline, now)), size) from (
        (select t.deadline, t.complaint, c.entry from wall.timer t join wall.complaint c using (community, complaint)
         where t.community = of_community and t.kind = 'followup' and c.department is distinct from own
           and (t.deadline, t.complaint) > (coalesce(after_key, '-infinity'), coalesce(after_id, '00000000-0000-0000-0000-000000000000'))
         order by t.deadline, t.complaint limit size + 1)
        union all                                -- drawn by the panel for a second visit
        (select k.due, k.complaint, '{"draw":' || k.draw || ',' || substr(c.entry, 2) from wall.panel_case k join wall.complaint c using (community, complaint)
         where k.community = of_community and c.status = 'closed' and c.department is distinct from own and waits_for_second_visit(k)
           and (k.due, k.complaint) > (coalesce(after_key, '-infinity'), coalesce(after_id, '00000000-0000-0000-0000-000000000000'))
         order by k.due, k.complaint limit size + 1)
        order by deadline, complaint limit size + 1) as due);
end $$;

-- What a resident has filed under his name, newest first: ids are ordered by time.
create function list_own(of_community text, of_resident uuid, size integer, after_key text, after_id uuid) returns page language plpgsql stable as $$
begin
    return (select page_of(array_agg(complaint::text), array_agg(complaint), array_agg(entry), size) from (
        select i.complaint, c.entry from wall.complaint_identity i join wall.complaint c using (community, complaint)
        where i.community = of_community and i.resident = of_resident
          and i.complaint < coalesce(after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        order by i.complaint desc limit size + 1) as newest);
end $$;
