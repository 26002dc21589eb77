-- expand
-- A write that is urgent does not wait for its targets' push intervals.

alter table target_queue add column urgent boolean not null default false;

-- To be called by an urgent write, in its transaction and after queue_want(). These targets (null: all) may begin at once, now or
-- when what they are doing has ended.
create function queue_urge(target_ids bigint[]) returns void language plpgsql as $$
begin
    update target_queue q set urgent = true, not_before = null
    where q.wanted > q.done and (target_ids is null or q.target_id = any (target_ids));
    if found then
        perform pg_notify('resedge_jobs', 'want');
    end if;
end $$;

-- A job that is claimed takes all that is wanted, and what was urgent with it.
create function queue_before_job() returns trigger language plpgsql as $$
begin
    new.urgent := false;
    return new;
end $$;
create trigger before_job before update on target_queue for each row
    when (old.job_id is null and new.job_id is not null) execute function queue_before_job();

-- At the end of a job: the next one that is to be pushed waits until the target's interval is over, and takes all that is
-- wanted by then, unless some of that is urgent; what was accepted holds no longer.
create or replace function queue_after_job() returns trigger language plpgsql as $$
begin
    if exists (select from jobs where id = old.job_id and state in ('committed', 'pushed', 'unchanged')) then
        new.accepted_history := null;
    end if;
    if not new.urgent and exists (select from jobs where id = old.job_id and state = 'pushed') then
        new.not_before := now() + make_interval(secs => coalesce(
            (select (t.doc::json ->> 'pushIntervalSeconds')::int from targets t where t.id = new.target_id), 10));
    end if;
    return new;
end $$;
