-- expand
-- What a worker needs to go on where another one stopped, or the same before it was started again; and what people edited by hand.

alter table deployments
    -- Parts whose last good files stay, because they could not be made: [{"namespace": id, "application": id}], each may be
    -- missing. Null: none.
    add column failed json;
create index on deployments (target_id) where failed is not null;

alter table jobs add column drift json; -- what the job found edited under clusters/, and put right

create or replace function deployments_put(job bigint, held_fence bigint, items json) returns bigint language plpgsql as $$
declare
    q target_queue := job_hold(job, held_fence);
    kept bigint;
begin
    insert into deployments as d (cluster_id, target_id, tree, revision, job_id, applications, failed)
    select distinct on (i.cluster) i.cluster, q.target_id, i.tree, (select revision from jobs where id = job), job,
           coalesce(i.applications, '[]'), i.failed
    from json_to_recordset(items) i (cluster bigint, tree text, applications json, failed json)
    where exists (select from clusters c where c.id = i.cluster)
    order by i.cluster
    on conflict (cluster_id) do update
    set target_id = excluded.target_id, tree = excluded.tree, revision = excluded.revision, job_id = excluded.job_id,
        applications = excluded.applications, failed = excluded.failed, updated_at = now();
    get diagnostics kept = row_count;
    return kept;
end $$;

-- A second answer of the same claim (the first got lost on its way back) is no error. A job may end at an earlier revision than
-- it was claimed for, when its commit was made before the fleet moved on: what came after is work for another job.
create or replace function job_complete(job bigint, held_fence bigint, at_revision bigint, new_state text, result json)
returns void language plpgsql as $$
declare
    q target_queue;
begin
    if exists (select from jobs j where j.id = job and j.fence = held_fence and j.state = new_state
               and j.revision = at_revision) then
        return;
    end if;
    q := job_hold(job, held_fence);
    if at_revision < (select revision from jobs where id = job)
       and (new_state = 'unchanged' or at_revision <= q.done) then
        raise exception 'the job asked for revision %, not for %', (select revision from jobs where id = job), at_revision
            using errcode = 'RE006', detail = 'job ' || job;
    elsif at_revision > (select f.revision from fleet f) then
        -- Taken as done, it would keep everything up to it from ever being done.
        raise exception 'there is no revision %', at_revision using errcode = 'RE003', detail = 'job ' || job,
            hint = 'An older state of the database may have been restored. Take a snapshot, and claim again.';
    end if;
    update jobs j
    set revision = at_revision, commit_id = r."commit", tree_id = r.tree, parent_id = r.parent,
        files_added = r."filesAdded", files_changed = r."filesChanged", files_removed = r."filesRemoved",
        clusters_changed = r."clustersChanged", duration_ms = r."durationMs", phases = r.phases, held = r.held,
        held_count = r."heldCount", drift = r.drift
    from json_to_record(result) r ("commit" text, tree text, parent text, "filesAdded" bigint, "filesChanged" bigint,
                                   "filesRemoved" bigint, "clustersChanged" bigint, "durationMs" bigint, phases json,
                                   held json, "heldCount" bigint, drift json)
    where j.id = job;
    perform job_end(job, new_state, null);
    update deployments set revision = at_revision where job_id = job and revision <> at_revision;
    update target_queue tq
    set done = greatest(tq.done, at_revision), job_id = null, lease_owner = null, lease_until = null, attempts = 0,
        not_before = null, worker_seen_at = now(),
        wanted_since = case when tq.wanted > at_revision then now() end
    where tq.target_id = q.target_id;
    perform pg_notify('resedge_jobs', 'free');
end $$;

-- A worker that starts says which targets' repositories it has, so that questions reach it before its first claim. A target
-- that another worker has claimed stays with that one.
create function worker_register(worker text, address text, secret text, target_ids bigint[]) returns void
language sql as $$
    update target_queue q
    set worker_name = worker_register.worker, worker_address = address, worker_secret = secret, worker_seen_at = now()
    where q.target_id = any (target_ids)
      and (q.lease_until is null or q.lease_until <= now() or q.lease_owner = worker_register.worker)
$$;
