-- expand
-- A write gives work only to the targets whose clusters see anything of it.

-- To be called by every write of the fleet, in its transaction. These targets (null: all) are to reach the revision; what was
-- parked gets another chance, because the change may be the cure. Of the others, those that have nothing to do have reached it
-- as they are, and those that have reach it with what they have to do anyway.
create or replace function queue_want(target_ids bigint[], revision bigint) returns void language plpgsql as $$
begin
    update target_queue q
    set done = queue_want.revision, wanted = queue_want.revision
    where q.target_id <> all (target_ids) and q.wanted <= q.done and q.job_id is null;
    update target_queue q
    set wanted_since = case when q.wanted > q.done then q.wanted_since else clock_timestamp() end,
        wanted = greatest(q.wanted, queue_want.revision),
        attempts = case when q.parked and touched then 0 else q.attempts end,
        not_before = case when q.parked and touched then null else q.not_before end,
        parked = q.parked and not touched
    from (select t.target_id as id, target_ids is null or t.target_id = any (target_ids) as touched
          from target_queue t) t
    where t.id = q.target_id and (touched or q.wanted < queue_want.revision);
    if found then
        perform pg_notify('resedge_jobs', 'want');
    end if;
end $$;

-- Stores a set of changes as the next revision. Items are given as columns: op is 'put', 'delete' or 'match'; docs are
-- separated by line breaks (a document has none), empty where there is none. A 'match' stores nothing: the object has
-- one of the ETags given for it ('*': any), or else the whole set is refused. `confirm` is how many clusters the writer said
-- would be hit: it stands for an approval of what the write leads to. `touched_targets`: see queue_want().
--
-- The change id besides the revision: after an older state was put in place of the database, the revision that a server
-- knows may come again, with another content.
--
-- Volatile, and the lock comes first: each statement behind it sees what was committed before the lock was ours.
create function fleet_write(expected_revision bigint, expected_change_id uuid, actor text, reason text, confirm bigint,
                            item_nouns text[], item_ops text[], item_ids bigint[], item_etags text[], item_docs text,
                            touched_targets bigint[], out revision bigint, out change_id uuid)
language plpgsql as $$
#variable_conflict use_column
declare
    docs text[] := string_to_array(item_docs, E'\n', '');
    n record;
    writes int := 0;
    now_at timestamptz;
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
    perform queue_want(touched_targets, fleet_write.revision);
    perform pg_notify('resedge_changes', fleet_write.revision::text);
end $$;

-- For a server of the version before, while both run.
create or replace function fleet_write(expected_revision bigint, expected_change_id uuid, actor text, reason text,
                                       confirm bigint, item_nouns text[], item_ops text[], item_ids bigint[],
                                       item_etags text[], item_docs text, out revision bigint, out change_id uuid)
language sql as $$
    select * from fleet_write(expected_revision, expected_change_id, actor, reason, confirm, item_nouns, item_ops,
                              item_ids, item_etags, item_docs, null::bigint[])
$$;

-- As it was, with the targets.
create function fleet_write_once(once_token_id bigint, once_key text, once_hash text, once_status int, once_location text,
                                 once_etag text, once_revision bigint, once_body text,
                                 expected_revision bigint, expected_change_id uuid, actor text, reason text,
                                 confirm bigint, item_nouns text[], item_ops text[], item_ids bigint[],
                                 item_etags text[], item_docs text, touched_targets bigint[],
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
                     fleet_write_once.confirm, item_nouns, item_ops, item_ids, item_etags, item_docs, touched_targets) w;
    insert into idempotency_keys (token_id, key, request_hash, status, location, etag, revision, body)
    values (once_token_id, once_key, once_hash, once_status, once_location, once_etag, once_revision, once_body);
end $$;
