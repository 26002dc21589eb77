-- expand
-- What makes a big write hold the fleet's lock for long: a look-up for each membership, and the indexes of lists.

-- Memberships are checked for a whole statement at once. All writers hold the fleet's lock, so nothing can come between.
alter table cluster_groups
    drop constraint cluster_groups_cluster_id_fkey,
    drop constraint cluster_groups_group_id_fkey;

create function cluster_groups_check() returns trigger language plpgsql as $$
begin
    if exists (select from added a left join clusters c on c.id = a.cluster_id left join groups g on g.id = a.group_id
               where c.id is null or g.id is null) then
        raise exception 'a membership names a cluster or a group that is not there' using errcode = 'foreign_key_violation';
    end if;
    return null;
end $$;
create trigger cluster_groups_check after insert on cluster_groups referencing new table as added
    for each statement execute function cluster_groups_check();

create function cluster_groups_of_gone() returns trigger language plpgsql as $$
begin
    delete from cluster_groups where cluster_id in (select id from gone);
    return null;
end $$;
create trigger cluster_groups_of_gone after delete on clusters referencing old table as gone
    for each statement execute function cluster_groups_of_gone();

create function groups_unused() returns trigger language plpgsql as $$
begin
    if exists (select from cluster_groups where group_id in (select id from gone)) then
        raise exception 'a group that goes still has clusters' using errcode = 'foreign_key_violation';
    end if;
    return null;
end $$;
create trigger groups_unused after delete on groups referencing old table as gone
    for each statement execute function groups_unused();

-- Entries of these wait in a list, which is put into the tree when nobody waits for it (clusters_stage_drop), not under the lock.
alter index clusters_metadata_idx set (gin_pending_list_limit = 131072);
alter index clusters_words_idx set (gin_pending_list_limit = 131072);

-- As the owner: the role that serves may not.
create function clusters_tidy() returns void language sql security definer as $$
    select gin_clean_pending_list('clusters_metadata_idx'), gin_clean_pending_list('clusters_words_idx')
$$;
do $$
begin
    execute format('alter function clusters_tidy() set search_path = %I, pg_temp', current_schema());
end $$;

create or replace function clusters_stage_drop(of_stage uuid) returns void language plpgsql as $$
begin
    delete from staged_clusters where stage = of_stage or staged_at < now() - interval '1 hour';
    perform clusters_tidy();
end $$;

-- Nouns in an order in which nothing refers to what comes behind it.
create function fleet_place(noun text) returns int language sql immutable as $$
    select array_position(array['target', 'metadataKey', 'group', 'policy', 'namespace', 'application', 'cluster'], noun)
$$;

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
create or replace function fleet_write(expected_revision bigint, expected_change_id uuid, actor text, reason text, confirm bigint,
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
               array_agg(i.etag) filter (where i.op = 'put') as etags,
               array_agg(i.doc) filter (where i.op = 'put') as docs, count(*) as items
        from unnest(item_nouns, item_ops, item_ids, item_etags, docs) i (noun, op, id, etag, doc)
             left join nouns on nouns.name = i.noun
        where i.op <> 'match'
        group by i.noun, nouns.table_name
        order by fleet_place(i.noun) -- what is referred to comes before what refers
    loop
        writes := writes + n.items;
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
    for n in
        select nouns.table_name, array_agg(i.id) as gone
        from unnest(item_nouns, item_ops, item_ids) i (noun, op, id) join nouns on nouns.name = i.noun
        where i.op = 'delete'
        group by i.noun, nouns.table_name
        order by fleet_place(i.noun) desc
    loop
        execute format('delete from %I where id = any ($1)', n.table_name) using n.gone;
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
    if stage is not null then
        insert into changes (revision, seq, change_id, noun, object_id, op, actor, reason, confirm, at, doc)
        select fleet_write.revision, direct + s.n, fleet_write.change_id, 'cluster', s.id, 'put', fleet_write.actor,
               fleet_write.reason, fleet_write.confirm, now_at, s.doc
        from staged_clusters s where s.stage = fleet_write.stage;
    end if;
    perform queue_want(touched_targets, fleet_write.revision);
    perform pg_notify('resedge_changes', fleet_write.revision::text);
end $$;

-- For a server of the version before, while both run.
create or replace function fleet_write(expected_revision bigint, expected_change_id uuid, actor text, reason text, confirm bigint, item_nouns text[],
                                       item_ops text[], item_ids bigint[], item_etags text[], item_docs text,
                                       touched_targets bigint[], out revision bigint, out change_id uuid)
language sql as $$
    select * from fleet_write(expected_revision, expected_change_id, actor, reason, confirm, item_nouns, item_ops, item_ids,
                              item_etags, item_docs, touched_targets, null::uuid, 0)
$$;
