-- expand
-- Repositories on Git hosts: a pause between pushes, rewritten history that a person accepts, pushes that a host tells of.

alter table target_queue
    -- What a person said to an error about rewritten history: the new head's id, or 'deleted'. Until the next job is done.
    add column accepted_history text check (accepted_history ~ '^([0-9a-f]{40}|deleted)$'),
    -- When a host last told of a push: a number that grows over all targets.
    add column pushed_seq bigint;

-- Secrets that hosts sign their webhooks with. In clear, because a signature is checked with the secret itself.
create table webhooks (
    target_id bigint primary key references targets on delete cascade,
    secret text not null check (octet_length(secret) between 16 and 200),
    updated_at timestamptz not null default now(),
    -- How many calls may come at once; it fills up again, one in two seconds.
    allowance real not null default 30,
    allowance_at timestamptz not null default now()
);

create sequence push_seq;

-- Tells the workers that a host told of a push; false: it tells that too often. The lock keeps numbers in the order in
-- which they become visible, so that who saw one has not missed a lower one.
create function target_pushed(target bigint) returns boolean language plpgsql as $$
begin
    update webhooks w
    set allowance = least(30, w.allowance + extract(epoch from now() - w.allowance_at) / 2) - 1, allowance_at = now()
    where w.target_id = target and w.allowance + extract(epoch from now() - w.allowance_at) / 2 >= 1;
    if not found then
        return false;
    end if;
    perform pg_advisory_xact_lock(hashtext('push_seq'));
    update target_queue set pushed_seq = nextval('push_seq') where target_id = target;
    perform pg_notify('resedge_jobs', 'pushed');
    return true;
end $$;

-- At the end of a job: the next one that is to be pushed waits until the target's interval is over, and takes all that is
-- wanted by then; what was accepted holds no longer.
create function queue_after_job() returns trigger language plpgsql as $$
begin
    if exists (select from jobs where id = old.job_id and state in ('committed', 'pushed', 'unchanged')) then
        new.accepted_history := null;
    end if;
    if exists (select from jobs where id = old.job_id and state = 'pushed') then
        new.not_before := now() + make_interval(secs => coalesce(
            (select (t.doc::json ->> 'pushIntervalSeconds')::int from targets t where t.id = new.target_id), 10));
    end if;
    return new;
end $$;
create trigger after_job before update on target_queue for each row
    when (old.job_id is not null and new.job_id is null) execute function queue_after_job();

-- The author of a job that a push of templates made is who made the push, as "name <email>".
create function job_author() returns trigger language plpgsql as $$
declare
    pusher json;
begin
    select ch.doc::json -> 'author' into pusher
    from changes ch where ch.revision = new.revision and ch.seq = 1 and ch.noun = 'template';
    if pusher ->> 'name' <> '' then
        new.author := (pusher ->> 'name') || ' <' || (pusher ->> 'email') || '>';
    end if;
    return new;
end $$;
create trigger author before insert on jobs for each row execute function job_author();

create function target_accept_history(target bigint, head text) returns void language plpgsql as $$
begin
    if not exists (select from targets where id = target) then
        raise exception 'there is no such target' using errcode = 'RE004', detail = 'target ' || target;
    end if;
    update target_queue
    set accepted_history = head, parked = false, attempts = 0, not_before = null
    where target_id = target;
    perform pg_notify('resedge_jobs', 'want');
end $$;

-- Tried again after 1, 2, 4, 8 s, then each minute while something that we lean on is away; parked after five failures of
-- another kind in a row, or at once. A second answer of the same claim is no error.
create or replace function job_fail(job bigint, held_fence bigint, new_error json, retry boolean) returns text
language plpgsql as $$
declare
    q target_queue;
    new_state text := (select j.state from jobs j where j.id = job and j.fence = held_fence);
begin
    if new_state in ('failed', 'parked', 'canceled') then
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
