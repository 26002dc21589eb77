-- expand
-- What an apply set owns: of each object the fields that its inventory names.

create table apply_sets (
    name text primary key check (octet_length(name) between 1 and 100),
    version bigint not null, -- counts the applies of it
    revision bigint not null -- of the fleet, that the last one led to
);
create table apply_set_objects (
    set_name text references apply_sets,
    noun text,
    object_id bigint,
    fields text[] not null,
    primary key (noun, object_id, set_name)
);
create index on apply_set_objects (set_name);

-- To be called in the transaction of the write, behind it: the set owns the fields given of these objects, and with `prune` nothing else. A field
-- that another set owns may be named by both while they say the same; changing it is refused, or with `force` takes it over.
create function apply_set_store(at_revision bigint, of_set text, expected_version bigint, force boolean, prune boolean, item_nouns text[], item_ids bigint[],
                                item_fields text[], item_changed text[]) returns void language plpgsql as $$
declare
    clash record;
begin
    insert into apply_sets (name, version, revision) values (of_set, 1, at_revision)
    on conflict (name) do update set version = apply_sets.version + 1, revision = at_revision;
    if (select version from apply_sets where name = of_set) <> expected_version + 1 then
        raise exception 'the set was applied by somebody else meanwhile' using errcode = 'RE005',
            detail = format('set "%s"', of_set), hint = 'Try again.';
    end if;
    select o.set_name, o.noun, o.object_id, f.field into clash
    from unnest(item_nouns, item_ids, item_changed) i (noun, id, changed)
         join apply_set_objects o on o.noun = i.noun and o.object_id = i.id and o.set_name <> of_set,
         unnest(string_to_array(i.changed, ' ')) f (field)
    where f.field = any (o.fields)
    order by o.noun, o.object_id limit 1;
    if found and not force then
        raise exception 'the field "%" belongs to the set "%"', clash.field, clash.set_name using errcode = 'RE005',
            detail = format('%s %s', clash.noun, clash.object_id),
            hint = 'Leave it out of the inventory, or take it over with ?force=true.';
    elsif found then
        update apply_set_objects o
        set fields = array(select f from unnest(o.fields) f where f <> all (string_to_array(i.changed, ' ')))
        from unnest(item_nouns, item_ids, item_changed) i (noun, id, changed)
        where o.noun = i.noun and o.object_id = i.id and o.set_name <> of_set;
    end if;
    delete from apply_set_objects where set_name = of_set and prune;
    insert into apply_set_objects as o (set_name, noun, object_id, fields)
    select of_set, i.noun, i.id, string_to_array(i.fields, ' ')
    from unnest(item_nouns, item_ids, item_fields) i (noun, id, fields)
    on conflict (noun, object_id, set_name) do update set fields = excluded.fields;
end $$;
