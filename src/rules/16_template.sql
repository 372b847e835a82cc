-- Texts that a department replies with again and again (回复模板): an officer has those of his department, and everybody's, which the working group keeps.

-- {number} and {department} stand for those of the complaint that is replied to.
create function filled(words text, c wall.complaint) returns text language plpgsql stable as $$
begin
    return replace(replace(words, '{number}', c.number), '{department}', (
        select d.name from wall.department d where d.community = c.community and d.department = c.department));
end $$;

create function template_json(t wall.template, c wall.complaint) returns text language plpgsql stable as $$
begin
    return (jsonb_build_object('id', t.template, 'department', t.department, 'title', t.title, 'text', t.text, 'changed', instant(t.changed))
        || case when c.complaint is null then '{}' else jsonb_build_object('filled', filled(t.text, c)) end)::text;
end $$;

-- The complaint that is to be replied to; refused as everywhere where the caller has nothing to do with it.
create function replied_to(of_community text, of_complaint uuid, who caller) returns wall.complaint language plpgsql stable as $$
declare
    c wall.complaint;
begin
    select * into c from wall.complaint x where x.community = of_community and x.complaint = of_complaint;
    if of_complaint is not null and (c.complaint is null or relations(c, who) = '{}') then
        perform refuse('not_found');
    end if;
    return c;
end $$;

create function list_templates(of_community text, who caller, of_department uuid, of_complaint uuid, size integer, after_id uuid) returns page
language plpgsql stable as $$
declare
    c wall.complaint := replied_to(of_community, of_complaint, who);
begin
    return (select page_of(array_agg(template::text), array_agg(template), array_agg(template_json(t, c)), size) from (
        select x.template, x as t from wall.template x
        where x.community = of_community and (who.role <> 'officer' or x.department is null or x.department = who.office)
          and (of_department is null or x.department = of_department) and x.template < coalesce(after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        order by x.template desc limit size + 1) as newest);
end $$;

create function show_template(of_community text, of_template uuid, who caller) returns text language plpgsql stable as $$
begin
    return (select template_json(x, null) from wall.template x
            where x.community = of_community and x.template = of_template and (who.role <> 'officer' or x.department is null or x.department = who.office));
end $$;

-- An officer writes for his department alone.
create function template_department(of_community text, who caller, wanted uuid) returns uuid language plpgsql stable as $$
begin
    if who.role = 'officer' then
        if wanted <> who.office then
            perform refuse('not_permitted');
        end if;
        return who.office;
    end if;
    perform from wall.department d where d.community = of_community and d.department = wanted;
    if not found and wanted is not null then
        perform refuse_field('/department', 'there is no such department', 'unknown_department');
    end if;
    return wanted;
end $$;

-- What changed, without the words.
create function note_template(of_community text, who caller, action text, of_template uuid, input jsonb) returns void language plpgsql as $$
begin
    perform record_audit(of_community, who, action || '_template', of_template, (input - 'text') || case when input ? 'text' then '{"text": "changed"}' else '{}' end::jsonb);
end $$;

create function add_template(of_community text, who caller, new_id uuid, input jsonb, scope bytea, body_hash bytea, out body text, out location text)
language plpgsql as $$
declare
    thing uuid := coalesce(made_before(of_community, scope, body_hash, new_id), new_id);
begin
    if thing = new_id then
        insert into wall.template
        values (of_community, new_id, template_department(of_community, who, (input->>'department')::uuid), input->>'title', input->>'text', who.actor, wall_now());
        perform note_template(of_community, who, 'add', new_id, input - 'text');
    end if;
    body := show_template(of_community, thing, who);
    location := '/v1/templates/' || thing;
end $$;

-- Visible, and the caller's to change.
create function take_template(of_community text, of_template uuid, who caller) returns void language plpgsql as $$
declare
    t wall.template;
begin
    select * into t from wall.template x where x.community = of_community and x.template = of_template for update;
    if t.template is null or who.role = 'officer' and t.department <> who.office then
        perform refuse('not_found');
    end if;
    if who.role = 'officer' and t.department is null then
        perform refuse('not_permitted');
    end if;
end $$;

create function change_template(of_community text, who caller, of_template uuid, input jsonb) returns text language plpgsql as $$
begin
    perform take_template(of_community, of_template, who);
    update wall.template x set title = coalesce(input->>'title', x.title), text = coalesce(input->>'text', x.text), author = who.actor, changed = wall_now()
    where x.community = of_community and x.template = of_template;
    perform note_template(of_community, who, 'change', of_template, input);
    return show_template(of_community, of_template, who);
end $$;

create function forget_template(of_community text, who caller, of_template uuid) returns text language plpgsql as $$
begin
    perform take_template(of_community, of_template, who);
    delete from wall.template x where x.community = of_community and x.template = of_template;
    perform note_template(of_community, who, 'forget', of_template, '{}');
    return '{}';
end $$;
