-- expand
-- A second answer of the same claim (the first got lost on its way back) is no error when it says the same, and a conflict when it
-- says something else: whoever sends that believes in a commit, or an error, which nobody is shown.

create or replace function job_complete(job bigint, held_fence bigint, at_revision bigint, new_state text, result json)
returns void language plpgsql as $$
declare
    q target_queue;
begin
    perform from target_queue tq where tq.job_id = job for update; -- the first one may be under way
    if exists (select from jobs j where j.id = job and j.fence = held_fence and j.state = new_state
               and j.revision = at_revision) then
        perform from jobs j, json_to_record(result) r ("commit" text, tree text, parent text)
        where j.id = job and (j.commit_id, j.tree_id, j.parent_id) is not distinct from (r."commit", r.tree, r.parent);
        if not found then
            raise exception 'the job is % already, with another commit', new_state
                using errcode = 'RE003', detail = 'job ' || job, hint = 'What was told first stands.';
        end if;
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
        held_count = r."heldCount", drift = r.drift, files_rendered = r."filesRendered",
        bytes_rendered = r."bytesRendered", bytes_written = r."bytesWritten"
    from json_to_record(result) r ("commit" text, tree text, parent text, "filesAdded" bigint, "filesChanged" bigint,
                                   "filesRemoved" bigint, "clustersChanged" bigint, "durationMs" bigint, phases json,
                                   held json, "heldCount" bigint, drift json, "filesRendered" bigint,
                                   "bytesRendered" bigint, "bytesWritten" bigint)
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

create or replace function job_fail(job bigint, held_fence bigint, new_error json, retry boolean) returns text
language plpgsql as $$
declare
    q target_queue;
    new_state text;
begin
    perform from target_queue tq where tq.job_id = job for update;
    select j.state into new_state from jobs j where j.id = job and j.fence = held_fence;
    if new_state in ('failed', 'parked', 'canceled') then
        if (select j.error::jsonb is distinct from new_error::jsonb from jobs j where j.id = job) then
            raise exception 'the job is % already, with another error', new_state
                using errcode = 'RE003', detail = 'job ' || job, hint = 'What was told first stands.';
        end if;
        return new_state;
    end if;
    q := job_hold(job, held_fence);
    new_state := case when (select j.cancel from jobs j where j.id = job) then 'canceled'
                      when retry and (q.attempts < 4 or new_error ->> 'code' in ('unavailable', 'timeout')) then 'failed'
                      else 'parked' end;
    perform job_end(job, new_state, new_error);
    update target_queue tq
    set attempts = tq.attempts + 1, lease_owner = null, lease_until = null, worker_seen_at = now(),
        job_id = case new_state when 'failed' then job end, parked = new_state <> 'failed',
        not_before = now() + make_interval(secs => least(60, 2 ^ least(q.attempts, 6)))
    where tq.target_id = q.target_id;
    perform pg_notify('resedge_jobs', 'free');
    return new_state;
end $$;
