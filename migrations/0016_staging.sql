-- expand
-- Clusters of a big write, brought here in batches before it takes the fleet's lock: under the lock their rows are only moved. What
-- is lost with the server is only a write that nobody was told of, so nothing of it is logged.

create unlogged table staged_clusters (
    stage uuid not null,
    n int not null check (n > 0), -- its place in the write
    staged_at timestamptz not null default now(),
    like clusters,
    group_ids bigint[] not null
);
create index on staged_clusters (stage);

-- A batch, from that place on: docs are separated by line breaks.
create function clusters_stage(of_stage uuid, first int, etags text[], docs text) returns void language sql as $$
    insert into staged_clusters (stage, n, id, name, environment, tags, metadata, words, version, created_at, updated_at, etag,
                                 doc, state, store, target_id, time_zone, latitude, longitude, group_ids)
    select of_stage, first + i.n - 1, d.id, d.name, d.environment, d.tags,
           jsonb_object(array(select key from unnest(d.metadata)), array(select value from unnest(d.metadata))),
           d.name || d.tags || array(select value from unnest(d.metadata)),
           d.version, d."createdAt", d."updatedAt", i.etag, i.doc, d.state, d.store, d."targetId", d."timeZone",
           (d.location ->> 'latitude')::double precision, (d.location ->> 'longitude')::double precision,
           coalesce(d."groupIds", '{}')
    from unnest(etags, string_to_array(docs, E'\n')) with ordinality i (etag, doc, n),
         json_to_record(i.doc::json) d (id bigint, name text, environment text, tags text[], metadata pair[],
             version bigint, "createdAt" timestamptz, "updatedAt" timestamptz, state text, store text,
             "targetId" bigint, "timeZone" text, "groupIds" bigint[], location json)
$$;

-- Forgets a stage, and those that somebody left behind.
create function clusters_stage_drop(of_stage uuid) returns void language sql as $$
    delete from staged_clusters where stage = of_stage or staged_at < now() - interval '1 hour'
$$;

-- Moves the rows to where they belong. Returns how many.
create function clusters_unstage(of_stage uuid, expected int) returns int language plpgsql as $$
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
    update nouns set last_id = greatest(last_id, (select max(id) from staged_clusters s where s.stage = of_stage))
    where name = 'cluster';
    return moved;
end $$;

-- Stores a set of changes as the next revision. Items are given as columns: op is 'put', 'delete' or 'match'; docs are
-- separated by line breaks (a document has none), empty where there is none. A 'match' stores nothing: the object has
-- one of the ETags given for it ('*': any), or else the whole set is refused. `confirm` is how many clusters the writer said
-- would be hit: it stands for an approval of what the write leads to. `touched_targets`: see queue_want(). `stage`: clusters of
-- the set that were staged before, `staged` of them.
--
-- The change id besides the revision: after an older state was put in place of the database, the revision that a server
-- knows may come again, with another content.
--
-- Volatile, and the lock comes first: each statement behind it sees what was committed before the lock was ours.
create function fleet_write(expected_revision bigint, expected_change_id uuid, actor text, reason text, confirm bigint,
                            item_nouns text[], item_ops text[], item_ids bigint[], item_etags text[], item_docs text,
                            touched_targets bigint[], stage uuid, staged int, out revision bigint, out change_id uuid)
language plpgsql as $$
#variable_conflict use_column
declare
    docs text[] := string_to_array(item_docs, E'\n', '');
    n record;
    writes int := 0;
    now_at timestamptz;
    direct int;
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

    for n in
        select i.noun, coalesce(nouns.table_name, '') as table_name,
               max(i.id) filter (where i.op = 'put') as last_id,
               array_agg(i.id) filter (where i.op = 'delete') as gone,
               array_agg(i.etag) filter (where i.op = 'put') as etags,
               array_agg(i.doc) filter (where i.op = 'put') as docs, count(*) as items
        from unnest(item_nouns, item_ops, item_ids, item_etags, docs) i (noun, op, id, etag, doc)
             left join nouns on nouns.name = i.noun
        where i.op <> 'match'
        group by i.noun, nouns.table_name
    loop
        writes := writes + n.items;
        if n.gone is not null then
            execute format('delete from %I where id = any ($1)', n.table_name) using n.gone;
        end if;
        if n.etags is null or n.table_name = '' then
            continue;
        end if;
        case n.noun
            when 'target' then perform targets_put(n.etags, n.docs);
            when 'metadataKey' then perform metadata_keys_put(n.etags, n.docs);
            when 'group' then perform groups_put(n.etags, n.docs);
            when 'policy' then perform policies_put(n.etags, n.docs);
            when 'namespace' then perform namespaces_put(n.etags, n.docs);
            when 'application' then perform applications_put(n.etags, n.docs);
            when 'cluster' then perform clusters_put(n.etags, n.docs);
        end case;
        update nouns set last_id = greatest(last_id, n.last_id) where name = n.noun;
    end loop;
    direct := writes;
    if stage is not null then
        writes := writes + clusters_unstage(stage, staged);
    end if;
    if writes = 0 then
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

create function fleet_write_once(once_token_id bigint, once_key text, once_hash text, once_status int, once_location text,
                                 once_etag text, once_revision bigint, once_body text,
                                 expected_revision bigint, expected_change_id uuid, actor text, reason text,
                                 confirm bigint, item_nouns text[], item_ops text[], item_ids bigint[],
                                 item_etags text[], item_docs text, touched_targets bigint[], stage uuid, staged int,
                                 out revision bigint, out change_id uuid)
language plpgsql as $$
#variable_conflict use_column
begin
    perform pg_advisory_xact_lock(fleet_turn_key());
    delete from idempotency_keys where created_at < now() - interval '1 day';
    if exists (select from idempotency_keys k where k.token_id = once_token_id and k.key = once_key) then
        raise exception 'the idempotency key was used already' using errcode = 'RE008';
    end if;
    select w.revision, w.change_id into fleet_write_once.revision, fleet_write_once.change_id
    from fleet_write(expected_revision, expected_change_id, fleet_write_once.actor, fleet_write_once.reason,
                     fleet_write_once.confirm, item_nouns, item_ops, item_ids, item_etags, item_docs, touched_targets,
                     stage, staged) w;
    insert into idempotency_keys (token_id, key, request_hash, status, location, etag, revision, body)
    values (once_token_id, once_key, once_hash, once_status, once_location, once_etag, once_revision, once_body);
end $$;
