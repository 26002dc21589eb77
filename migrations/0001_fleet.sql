-- The fleet: one table a noun, its revision, and the log of changes.
--
-- An object's document (doc) is what the API shows, made by the Data Service and stored as it is; the typed columns are
-- taken from it for constraints and for filters. Everything is written by fleet_write(), one revision a call.

create table fleet (
    one boolean primary key default true check (one),
    revision bigint not null default 0 check (revision >= 0),
    change_id uuid not null default gen_random_uuid() -- of that revision: tells forks of history apart
);
insert into fleet default values;

-- Ids are given by the Data Service and never reused, so the last one outlives its object.
create table nouns (
    name text primary key,
    table_name text not null unique,
    last_id bigint not null default 0 check (last_id >= 0)
);
insert into nouns (name, table_name)
values ('target', 'targets'), ('metadataKey', 'metadata_keys'), ('group', 'groups'), ('policy', 'policies'),
       ('namespace', 'namespaces'), ('application', 'applications'), ('cluster', 'clusters');

create type pair as (key text, value text);

-- What every noun has; only here to be copied.
create table object (
    id bigint primary key check (id > 0),
    name text collate "C" not null,
    environment text,
    tags text[] not null default '{}',
    metadata jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
    words text[] not null default '{}', -- name, tags and metadata values: what $search looks at
    version bigint not null check (version > 0),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    etag text not null check (etag ~ '^[0-9a-f]{16}$'),
    doc text not null
);

create table targets (
    like object including all,
    url text not null,
    branch text not null,
    paused boolean not null,
    unique (name),
    unique (url, branch),
    check (name ~ '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' and length(name) <= 63)
);

create table metadata_keys (
    like object including all,
    type text not null check (type in ('string', 'integer', 'boolean', 'enum', 'pattern')),
    unique (name),
    check (name ~ '^[A-Za-z0-9_-]+$' and length(name) <= 63)
);

create table groups (
    like object including all,
    parent_id bigint check (parent_id <> id) references groups deferrable initially deferred,
    name_path text collate "C" not null check (name_path like '/%'),
    expression text,
    priority bigint,
    unique nulls not distinct (parent_id, name),
    check (name !~ '[/[:cntrl:]]' and octet_length(name) between 1 and 128)
);
create index on groups (name_path);

create table policies (
    like object including all,
    path text not null,
    unique (name),
    check (name ~ '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' and length(name) <= 63)
);

create table namespaces (
    like object including all,
    expression text,
    allowed text,
    business_unit text,
    owners text[] not null default '{}',
    unique (name),
    check (name ~ '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' and length(name) <= 63),
    check (name not in ('flux-system', 'namespaces', 'default') and name not like 'kube-%')
);

create table namespace_policies (
    namespace_id bigint references namespaces on delete cascade deferrable initially deferred,
    policy_id bigint references policies deferrable initially deferred,
    primary key (namespace_id, policy_id)
);
create index on namespace_policies (policy_id);

create table applications (
    like object including all,
    namespace_id bigint references namespaces deferrable initially deferred,
    path text not null,
    business_unit text,
    owner text,
    flux_name text not null,
    unique nulls not distinct (namespace_id, name),
    unique (flux_name),
    check (name ~ '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' and length(name) <= 63),
    check (flux_name ~ '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' and length(flux_name) <= 63)
);

create table application_releases (
    application_id bigint references applications on delete cascade deferrable initially deferred,
    version text,
    expression text,
    primary key (application_id, version)
);

create table clusters (
    like object including all,
    state text not null check (state in ('planned', 'active', 'suspended', 'closing', 'closed')),
    store text,
    target_id bigint not null references targets deferrable initially deferred,
    time_zone text,
    latitude double precision check (latitude between -90 and 90),
    longitude double precision check (longitude between -180 and 180),
    unique (name),
    check (name ~ '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' and length(name) <= 63)
);
create index on clusters (target_id);
create index on clusters (environment);
create index on clusters (store);
create index on clusters using gin (metadata jsonb_path_ops);
create index on clusters using gin (words);

create table cluster_groups (
    cluster_id bigint references clusters on delete cascade deferrable initially deferred,
    group_id bigint references groups deferrable initially deferred,
    primary key (cluster_id, group_id)
);
create index on cluster_groups (group_id);

drop table object;

-- A folder in every store's repository is named after the cluster: another name would be another store.
create function cluster_name_is_fixed() returns trigger language plpgsql as $$
begin
    raise exception 'the name of a cluster can''t change' using errcode = 'check_violation';
end $$;
create trigger name_is_fixed before update on clusters for each row
    when (old.name is distinct from new.name) execute function cluster_name_is_fixed();

-- The change feed, and the audit: who did what when. A template's change names its target.
create table changes (
    revision bigint,
    seq int check (seq > 0),
    change_id uuid not null,
    noun text not null,
    object_id bigint not null,
    op text not null check (op in ('put', 'delete')),
    actor text not null,
    reason text,
    at timestamptz not null,
    doc text check ((doc is null) = (op = 'delete')),
    primary key (revision, seq)
);
create index on changes (noun, object_id, revision);

-- One function a noun: from the documents to rows.

create function targets_put(etags text[], docs text[]) returns void language plpgsql as $$
begin
    insert into targets as t (id, name, environment, tags, metadata, words, version, created_at, updated_at, etag, doc,
                              url, branch, paused)
    select d.id, d.name, d.environment, d.tags,
           jsonb_object(array(select key from unnest(d.metadata)), array(select value from unnest(d.metadata))),
           d.name || d.tags || array(select value from unnest(d.metadata)),
           d.version, d."createdAt", d."updatedAt", i.etag, i.doc, d.url, d.branch, d.paused
    from unnest(etags, docs) i (etag, doc),
         json_to_record(i.doc::json) d (id bigint, name text, environment text, tags text[], metadata pair[],
             version bigint, "createdAt" timestamptz, "updatedAt" timestamptz, url text, branch text, paused boolean)
    on conflict (id) do update
    set (name, environment, tags, metadata, words, version, updated_at, etag, doc, url, branch, paused) =
        (excluded.name, excluded.environment, excluded.tags, excluded.metadata, excluded.words, excluded.version,
         excluded.updated_at, excluded.etag, excluded.doc, excluded.url, excluded.branch, excluded.paused);
end $$;

create function metadata_keys_put(etags text[], docs text[]) returns void language plpgsql as $$
begin
    insert into metadata_keys as t (id, name, environment, tags, metadata, words, version, created_at, updated_at, etag,
                                    doc, type)
    select d.id, d.name, d.environment, d.tags,
           jsonb_object(array(select key from unnest(d.metadata)), array(select value from unnest(d.metadata))),
           d.name || d.tags || array(select value from unnest(d.metadata)),
           d.version, d."createdAt", d."updatedAt", i.etag, i.doc, d.type
    from unnest(etags, docs) i (etag, doc),
         json_to_record(i.doc::json) d (id bigint, name text, environment text, tags text[], metadata pair[],
             version bigint, "createdAt" timestamptz, "updatedAt" timestamptz, type text)
    on conflict (id) do update
    set (name, environment, tags, metadata, words, version, updated_at, etag, doc, type) =
        (excluded.name, excluded.environment, excluded.tags, excluded.metadata, excluded.words, excluded.version,
         excluded.updated_at, excluded.etag, excluded.doc, excluded.type);
end $$;

create function groups_put(etags text[], docs text[]) returns void language plpgsql as $$
begin
    insert into groups as t (id, name, environment, tags, metadata, words, version, created_at, updated_at, etag, doc,
                             parent_id, name_path, expression, priority)
    select d.id, d.name, d.environment, d.tags,
           jsonb_object(array(select key from unnest(d.metadata)), array(select value from unnest(d.metadata))),
           d.name || d.tags || array(select value from unnest(d.metadata)),
           d.version, d."createdAt", d."updatedAt", i.etag, i.doc, d."parentId", d."namePath", d.expression, d.priority
    from unnest(etags, docs) i (etag, doc),
         json_to_record(i.doc::json) d (id bigint, name text, environment text, tags text[], metadata pair[],
             version bigint, "createdAt" timestamptz, "updatedAt" timestamptz, "parentId" bigint, "namePath" text,
             expression text, priority bigint)
    on conflict (id) do update
    set (name, environment, tags, metadata, words, version, updated_at, etag, doc, parent_id, name_path, expression,
         priority) =
        (excluded.name, excluded.environment, excluded.tags, excluded.metadata, excluded.words, excluded.version,
         excluded.updated_at, excluded.etag, excluded.doc, excluded.parent_id, excluded.name_path, excluded.expression,
         excluded.priority);
end $$;

create function policies_put(etags text[], docs text[]) returns void language plpgsql as $$
begin
    insert into policies as t (id, name, environment, tags, metadata, words, version, created_at, updated_at, etag, doc,
                               path)
    select d.id, d.name, d.environment, d.tags,
           jsonb_object(array(select key from unnest(d.metadata)), array(select value from unnest(d.metadata))),
           d.name || d.tags || array(select value from unnest(d.metadata)),
           d.version, d."createdAt", d."updatedAt", i.etag, i.doc, d.path
    from unnest(etags, docs) i (etag, doc),
         json_to_record(i.doc::json) d (id bigint, name text, environment text, tags text[], metadata pair[],
             version bigint, "createdAt" timestamptz, "updatedAt" timestamptz, path text)
    on conflict (id) do update
    set (name, environment, tags, metadata, words, version, updated_at, etag, doc, path) =
        (excluded.name, excluded.environment, excluded.tags, excluded.metadata, excluded.words, excluded.version,
         excluded.updated_at, excluded.etag, excluded.doc, excluded.path);
end $$;

create function namespaces_put(etags text[], docs text[]) returns void language plpgsql as $$
begin
    with d as materialized (
        select r.*, i.etag, i.doc
        from unnest(etags, docs) i (etag, doc),
             json_to_record(i.doc::json) r (id bigint, name text, environment text, tags text[], metadata pair[],
                 version bigint, "createdAt" timestamptz, "updatedAt" timestamptz, expression text, allowed text,
                 "businessUnit" text, owners text[], "policyIds" bigint[])
    ), put as (
        insert into namespaces as t (id, name, environment, tags, metadata, words, version, created_at, updated_at, etag,
                                     doc, expression, allowed, business_unit, owners)
        select id, name, environment, tags,
               jsonb_object(array(select key from unnest(metadata)), array(select value from unnest(metadata))),
               name || tags || array(select value from unnest(metadata)),
               version, "createdAt", "updatedAt", etag, doc, expression, allowed, "businessUnit",
               coalesce(owners, '{}')
        from d
        on conflict (id) do update
        set (name, environment, tags, metadata, words, version, updated_at, etag, doc, expression, allowed,
             business_unit, owners) =
            (excluded.name, excluded.environment, excluded.tags, excluded.metadata, excluded.words, excluded.version,
             excluded.updated_at, excluded.etag, excluded.doc, excluded.expression, excluded.allowed,
             excluded.business_unit, excluded.owners)
    ), gone as (
        delete from namespace_policies p using d
        where p.namespace_id = d.id and p.policy_id <> all (coalesce(d."policyIds", '{}'))
    )
    insert into namespace_policies (namespace_id, policy_id)
    select d.id, unnest(d."policyIds") from d
    on conflict do nothing;
end $$;

create type release as (version text, expression text);

create function applications_put(etags text[], docs text[]) returns void language plpgsql as $$
begin
    with d as materialized (
        select r.*, i.etag, i.doc
        from unnest(etags, docs) i (etag, doc),
             json_to_record(i.doc::json) r (id bigint, name text, environment text, tags text[], metadata pair[],
                 version bigint, "createdAt" timestamptz, "updatedAt" timestamptz, "namespaceId" bigint, path text,
                 "businessUnit" text, owner text, "fluxName" text, releases release[])
    ), put as (
        insert into applications as t (id, name, environment, tags, metadata, words, version, created_at, updated_at,
                                       etag, doc, namespace_id, path, business_unit, owner, flux_name)
        select id, name, environment, tags,
               jsonb_object(array(select key from unnest(metadata)), array(select value from unnest(metadata))),
               name || tags || array(select value from unnest(metadata)),
               version, "createdAt", "updatedAt", etag, doc, "namespaceId", path, "businessUnit", owner, "fluxName"
        from d
        on conflict (id) do update
        set (name, environment, tags, metadata, words, version, updated_at, etag, doc, namespace_id, path,
             business_unit, owner) =
            (excluded.name, excluded.environment, excluded.tags, excluded.metadata, excluded.words, excluded.version,
             excluded.updated_at, excluded.etag, excluded.doc, excluded.namespace_id, excluded.path,
             excluded.business_unit, excluded.owner)
    ), gone as (
        delete from application_releases r using d
        where r.application_id = d.id and r.version <> all (array(select version from unnest(d.releases)))
    )
    insert into application_releases (application_id, version, expression)
    select d.id, r.version, r.expression from d, unnest(d.releases) r
    on conflict (application_id, version) do update set expression = excluded.expression;
end $$;

create function clusters_put(etags text[], docs text[]) returns void language plpgsql as $$
begin
    with d as materialized (
        select r.*, i.etag, i.doc
        from unnest(etags, docs) i (etag, doc),
             json_to_record(i.doc::json) r (id bigint, name text, environment text, tags text[], metadata pair[],
                 version bigint, "createdAt" timestamptz, "updatedAt" timestamptz, state text, store text,
                 "targetId" bigint, "timeZone" text, "groupIds" bigint[], location json)
    ), put as (
        insert into clusters as t (id, name, environment, tags, metadata, words, version, created_at, updated_at, etag,
                                   doc, state, store, target_id, time_zone, latitude, longitude)
        select id, name, environment, tags,
               jsonb_object(array(select key from unnest(metadata)), array(select value from unnest(metadata))),
               name || tags || array(select value from unnest(metadata)),
               version, "createdAt", "updatedAt", etag, doc, state, store, "targetId", "timeZone",
               (location ->> 'latitude')::double precision, (location ->> 'longitude')::double precision
        from d
        on conflict (id) do update
        set (name, environment, tags, metadata, words, version, updated_at, etag, doc, state, store, target_id,
             time_zone, latitude, longitude) =
            (excluded.name, excluded.environment, excluded.tags, excluded.metadata, excluded.words, excluded.version,
             excluded.updated_at, excluded.etag, excluded.doc, excluded.state, excluded.store, excluded.target_id,
             excluded.time_zone, excluded.latitude, excluded.longitude)
    ), gone as (
        delete from cluster_groups g using d
        where g.cluster_id = d.id and g.group_id <> all (coalesce(d."groupIds", '{}'))
    )
    insert into cluster_groups (cluster_id, group_id)
    select d.id, unnest(d."groupIds") from d
    on conflict do nothing;
end $$;

create function object_etag(of_noun text, object_id bigint) returns text language plpgsql as $$
declare
    found_etag text;
begin
    execute format('select etag from %I where id = $1', (select table_name from nouns where name = of_noun))
        into found_etag using object_id;
    return found_etag;
end $$;

-- Writers take turns. Most of the time a turn is one call of fleet_write(); a server whose set was refused because
-- another one was quicker takes a turn before it builds the set again, and so can't lose twice. The queue for an
-- advisory lock is fair; a turn ends with fleet_turn_end(), or with the session.
create function fleet_turn_key() returns bigint language sql immutable as $$ select 7271993002 $$;
create function fleet_turn_begin() returns bigint language plpgsql as $$
begin
    perform pg_advisory_lock(fleet_turn_key());
    return (select revision from fleet);
end $$;
create function fleet_turn_end() returns boolean language sql as $$ select pg_advisory_unlock(fleet_turn_key()) $$;

-- Stores a set of changes as the next revision. Items are given as columns: op is 'put', 'delete' or 'match'; docs are
-- separated by line breaks (a document has none), empty where there is none. A 'match' stores nothing: the object has
-- one of the ETags given for it ('*': any), or else the whole set is refused.
--
-- The change id besides the revision: after an older state was put in place of the database, the revision that a server
-- knows may come again, with another content.
--
-- Volatile, and the lock comes first: each statement behind it sees what was committed before the lock was ours.
create function fleet_write(expected_revision bigint, expected_change_id uuid, actor text, reason text,
                            item_nouns text[], item_ops text[], item_ids bigint[], item_etags text[], item_docs text,
                            out revision bigint, out change_id uuid)
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
    insert into changes (revision, seq, change_id, noun, object_id, op, actor, reason, at, doc)
    select fleet_write.revision, row_number() over (order by i.n), fleet_write.change_id, i.noun, i.id, i.op,
           fleet_write.actor, fleet_write.reason, now_at, i.doc
    from unnest(item_nouns, item_ops, item_ids, docs) with ordinality i (noun, op, id, doc, n)
    where i.op <> 'match';
    perform queue_want(null, fleet_write.revision);
    perform pg_notify('resedge_changes', fleet_write.revision::text);
end $$;

-- The head of a snapshot. Stable, so that it sees what the statement around it sees; not parallel, so that the rows of that
-- statement come in the order in which it is written.
create function fleet_head() returns text language sql stable parallel unsafe as $$
    select json_build_object('revision', f.revision, 'changeId', f.change_id,
                             'lastIds', (select json_object_agg(n.name, n.last_id) from nouns n))::text
    from fleet f
$$;
