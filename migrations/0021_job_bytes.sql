-- expand
-- What a job rendered and wrote, in files and bytes.

alter table jobs
    add column files_rendered bigint check (files_rendered >= 0),
    add column bytes_rendered bigint check (bytes_rendered >= 0),
    add column bytes_written bigint check (bytes_written >= 0);

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
