-- expand
-- A big write puts its objects before it takes the fleet's lock, in a transaction that stays open: nobody sees them, and when its turn
-- comes only the log of changes is left to write. Whoever else writes meanwhile and would wait for these rows makes it give them up
-- first (see api-server/fleet/write_big.c), or is found out as a deadlock.
--
-- What this transaction has put is said by its own settings, so that it can't be taken for another one after a connection was lost:
-- resedge.bulk, the stage that it is for; resedge.prepared, the stage that it has put.

-- Objects as they come: one function a noun, what is referred to before what refers.
create function fleet_put(item_nouns text[], item_ops text[], item_etags text[], item_docs text[]) returns void language plpgsql as $$
declare
    n record;
begin
    for n in
        select i.noun, array_agg(i.etag) as etags, array_agg(i.doc) as docs
        from unnest(item_nouns, item_ops, item_etags, item_docs) i (noun, op, etag, doc)
        where i.op = 'put'
        group by i.noun
        order by fleet_place(i.noun)
    loop
        case n.noun
            when 'target' then perform targets_put(n.etags, n.docs);
            when 'metadataKey' then perform metadata_keys_put(n.etags, n.docs);
            when 'group' then perform groups_put(n.etags, n.docs);
            when 'policy' then perform policies_put(n.etags, n.docs);
            when 'namespace' then perform namespaces_put(n.etags, n.docs);
            when 'application' then perform applications_put(n.etags, n.docs);
            when 'cluster' then perform clusters_put(n.etags, n.docs);
            else null; -- of a target's templates: only the log has it
        end case;
    end loop;
end $$;

-- Moves the rows to where they belong. Returns how many.
create or replace function clusters_unstage(of_stage uuid, expected int) returns int language plpgsql as $$
declare
    moved int;
begin
    -- Of those that were there already: groups that they are no longer in.
    delete from cluster_groups g using staged_clusters s
    where s.stage = of_stage and s.version > 1 and g.cluster_id = s.id and g.group_id <> all (s.group_ids);
    insert into clusters as t (id, name, environment, tags, metadata, words, version, created_at, updated_at, etag, doc, state,
                               store, target_id, time_zone, latitude, longitude)
    select id, name, environment, tags, metadata, words, version, created_at, updated_at, etag, doc, state, store, target_id,
           time_zone, latitude, longitude
    from staged_clusters s where s.stage = of_stage order by s.n
    on conflict (id) do update
    set (name, environment, tags, metadata, words, version, updated_at, etag, doc, state, store, target_id, time_zone, latitude,
         longitude) =
        (excluded.name, excluded.environment, excluded.tags, excluded.metadata, excluded.words, excluded.version,
         excluded.updated_at, excluded.etag, excluded.doc, excluded.state, excluded.store, excluded.target_id,
         excluded.time_zone, excluded.latitude, excluded.longitude);
    get diagnostics moved = row_count;
    if moved <> expected then
        raise exception 'what was staged is not there any more' using errcode = 'RE001';
    end if;
    insert into cluster_groups (cluster_id, group_id)
    select s.id, unnest(s.group_ids) from staged_clusters s where s.stage = of_stage
    on conflict do nothing;
    return moved;
end $$;

create function fleet_prepare_begin(of_stage uuid) returns void language sql as $$
    select set_config('resedge.bulk', of_stage::text, true)
$$;

-- After fleet_prepare_begin(), in the same transaction. Takes no lock of the fleet. Foreign keys are looked up here, not at the end.
create function fleet_prepare(of_stage uuid, staged int, item_nouns text[], item_ops text[], item_etags text[], item_docs text)
returns void language plpgsql as $$
begin
    if current_setting('resedge.bulk', true) is distinct from of_stage::text then
        raise exception 'the transaction that was to be prepared is gone' using errcode = 'RE001';
    end if;
    perform fleet_put(item_nouns, item_ops, item_etags, string_to_array(item_docs, E'\n', ''));
    perform clusters_unstage(of_stage, staged);
    set constraints all immediate;
    perform set_config('resedge.prepared', of_stage::text, true);
end $$;

-- Stores a set of changes as the next revision. Items are given as columns: op is 'put', 'delete' or 'match'; docs are
-- separated by line breaks (a document has none), empty where there is none. A 'match' stores nothing: the object has
-- one of the ETags given for it ('*': any), or else the whole set is refused. `confirm` is how many clusters the writer said
-- would be hit: it stands for an approval of what the write leads to. `touched_targets`: see queue_want(). `stage`: clusters of
-- the set that were staged before, `staged` of them; they and the items were put already if the transaction was prepared with it.
--
-- The change id besides the revision: after an older state was put in place of the database, the revision that a server
-- knows may come again, with another content.
--
-- Volatile, and the lock comes first: each statement behind it sees what was committed before the lock was ours.
create or replace function fleet_write(expected_revision bigint, expected_change_id uuid, actor text, reason text, confirm bigint,
                            item_nouns text[], item_ops text[], item_ids bigint[], item_etags text[], item_docs text,
                            touched_targets bigint[], stage uuid, staged int, out revision bigint, out change_id uuid)
language plpgsql as $$
#variable_conflict use_column
declare
    docs text[] := string_to_array(item_docs, E'\n', '');
    n record;
    direct int;
    now_at timestamptz;
    prepared boolean := coalesce(current_setting('resedge.prepared', true) = stage::text, false);
begin
    perform pg_advisory_xact_lock(fleet_turn_key());
    select f.revision, f.change_id into fleet_write.revision, fleet_write.change_id from fleet f for update;
    if fleet_write.revision <> expected_revision then
        raise exception 'the fleet is at revision %, not at %', fleet_write.revision, expected_revision
            using errcode = 'RE001';
    elsif fleet_write.change_id <> expected_change_id then
        raise exception 'the fleet has another history' using errcode = 'RE007';
    end if;
    if exists (select from unnest(item_nouns, item_ops, item_ids, item_etags) i (noun, op, id, etag)
               where i.op = 'match'
               group by i.noun, i.id
               having not bool_or(object_etag(i.noun, i.id) is not null
                                  and (i.etag = '*' or i.etag = object_etag(i.noun, i.id)))) then
        raise exception 'the object changed since it was read' using errcode = 'RE002';
    end if;

    if not prepared then
        perform fleet_put(item_nouns, item_ops, item_etags, docs);
        if stage is not null then
            perform clusters_unstage(stage, staged);
        end if;
    end if;
    update nouns set last_id = greatest(nouns.last_id, i.last_id)
    from (select i.noun, max(i.id) as last_id from unnest(item_nouns, item_ops, item_ids) i (noun, op, id)
          where i.op = 'put' group by i.noun) i
    where nouns.name = i.noun;
    if stage is not null then
        update nouns set last_id = greatest(last_id, (select max(s.id) from staged_clusters s where s.stage = fleet_write.stage))
        where name = 'cluster';
    end if;
    for n in
        select nouns.table_name, array_agg(i.id) as gone
        from unnest(item_nouns, item_ops, item_ids) i (noun, op, id) join nouns on nouns.name = i.noun
        where i.op = 'delete'
        group by i.noun, nouns.table_name
        order by fleet_place(i.noun) desc
    loop
        execute format('delete from %I where id = any ($1)', n.table_name) using n.gone;
    end loop;
    direct := (select count(*) from unnest(item_ops) op where op <> 'match');
    if direct = 0 and stage is null then
        return;
    end if;

    update fleet set revision = revision + 1, change_id = gen_random_uuid()
    returning fleet.revision, fleet.change_id into fleet_write.revision, fleet_write.change_id;
    now_at := clock_timestamp(); -- not now(): that is before the wait for the lock
    insert into changes (revision, seq, change_id, noun, object_id, op, actor, reason, confirm, at, doc)
    select fleet_write.revision, row_number() over (order by i.n), fleet_write.change_id, i.noun, i.id, i.op,
           fleet_write.actor, fleet_write.reason, fleet_write.confirm, now_at, i.doc
    from unnest(item_nouns, item_ops, item_ids, docs) with ordinality i (noun, op, id, doc, n)
    where i.op <> 'match';
    if stage is not null then
        insert into changes (revision, seq, change_id, noun, object_id, op, actor, reason, confirm, at, doc)
        select fleet_write.revision, direct + s.n, fleet_write.change_id, 'cluster', s.id, 'put', fleet_write.actor,
               fleet_write.reason, fleet_write.confirm, now_at, s.doc
        from staged_clusters s where s.stage = fleet_write.stage;
    end if;
    perform queue_want(touched_targets, fleet_write.revision);
    perform pg_notify('resedge_changes', fleet_write.revision::text);
end $$;
