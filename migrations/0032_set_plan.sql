-- expand
-- What a set would change is compared with what other sets own by hashing. Rows that came a moment ago are in no statistics: taken for a
-- handful, they were read again for each of 60,000 items, under the fleet's lock.

alter function apply_set_store(bigint, text, bigint, boolean, boolean, text[], bigint[], text[], text[]) set enable_nestloop to off;
alter function apply_set_store(bigint, text, bigint, boolean, boolean, text[], bigint[], text[], text[], text, text) set enable_nestloop to off;

-- The same, told before: every field that would change and that another set owns, by the place of its item from 0.
create function apply_set_conflicts(of_set text, item_nouns text[], item_ids bigint[], item_changed text[], at_most int)
returns table (item bigint, field text, set_name text) language sql stable set enable_nestloop to off as $$
    select i.n - 1, f.field, o.set_name
    from unnest(item_nouns, item_ids, item_changed) with ordinality i (noun, id, changed, n)
         join apply_set_objects o on o.noun = i.noun and o.object_id = i.id and o.set_name <> of_set,
         unnest(string_to_array(i.changed, ' ')) f (field)
    where f.field = any (o.fields)
    order by i.n, f.field, o.set_name limit at_most
$$;
