-- expand
-- The audit tells what a set came to own: one act of an apply that changed that, in its transaction.

-- How much a set owns. The hash is another one when it owns something else.
create function apply_set_extent(of_set text, out objects bigint, out fields bigint, out hash bigint) language sql stable as $$
    select count(*), coalesce(sum(cardinality(o.fields)), 0), bit_xor(hash_array_extended(o.fields, hashtextextended(o.noun, o.object_id)))
    from apply_set_objects o where o.set_name = of_set
$$;

-- As apply_set_store() without the last two, behind which the act is written. What was taken from other sets is told by set.
create function apply_set_store(at_revision bigint, of_set text, expected_version bigint, force boolean, prune boolean, item_nouns text[], item_ids bigint[],
                                item_fields text[], item_changed text[], actor text, reason text) returns void language plpgsql as $$
declare
    was record;
    n record;
    taken json;
begin
    select * into was from apply_set_extent(of_set);
    if force then
        select json_object_agg(t.set_name, t.fields order by t.set_name) into taken
        from (select o.set_name, count(*) as fields
              from unnest(item_nouns, item_ids, item_changed) i (noun, id, changed)
                   join apply_set_objects o on o.noun = i.noun and o.object_id = i.id and o.set_name <> of_set,
                   unnest(string_to_array(i.changed, ' ')) f (field)
              where f.field = any (o.fields)
              group by o.set_name) t;
    end if;
    perform apply_set_store(at_revision, of_set, expected_version, force, prune, item_nouns, item_ids, item_fields, item_changed);
    select * into n from apply_set_extent(of_set);
    if n is distinct from was or taken is not null then
        insert into acts (revision, actor, noun, object_id, op, reason, doc)
        values (at_revision, actor, 'set', 0, 'apply', reason,
                json_build_object('name', of_set, 'objects', n.objects, 'fields', n.fields,
                                  'was', json_build_object('objects', was.objects, 'fields', was.fields), 'taken', taken));
    end if;
end $$;
