-- expand
-- What Automation holds for a person: changes that reach more of a target's clusters than its guard lets through, and what
-- stands in a repository although this database knows nothing of it. A worker counts anew with every job; here is what the last
-- one counted, and what people decided. Who approved or discarded what, and why, is never changed afterwards.

create table holds (
    id bigint generated always as identity primary key,
    target_id bigint not null references targets on delete cascade,
    key text not null check (length(key) <= 200), -- what causes it: "revision/12", "fork/<change id>"
    job_id bigint not null,                       -- that counted it last
    kind text not null check (kind in ('clustersLosing', 'clustersChanged', 'files', 'fork')),
    state text not null default 'held' check (state in ('held', 'approved', 'discarded')),
    revision bigint not null,
    losing bigint not null,  -- clusters that lose an application or a namespace
    changed bigint not null, -- clusters whose folder changes at all
    files bigint not null,
    doc json not null,       -- as the worker needs it again: {"parts": [...], "clusters": [...]}
    decided_at timestamptz,
    -- What was counted when it was approved: the approval is good for no more.
    approved_losing bigint,
    approved_changed bigint,
    approved_files bigint,
    unique (target_id, key)
);

create table hold_decisions (
    id bigint generated always as identity primary key,
    target_id bigint not null,
    job_id bigint not null,
    key text not null,
    kind text not null,
    decision text not null check (decision in ('approved', 'discarded')),
    losing bigint not null,
    changed bigint not null,
    files bigint not null,
    actor text not null,
    reason text not null,
    at timestamptz not null default now()
);
create index on hold_decisions (job_id);

-- The target has work again, although nothing of the fleet changed: the same revision, another outcome.
create function queue_reopen(of_target bigint) returns void language plpgsql as $$
begin
    update target_queue q
    set done = least(q.done, greatest(q.wanted - 1, 0)), wanted_since = coalesce(q.wanted_since, clock_timestamp()),
        attempts = case when q.parked then 0 else q.attempts end, parked = false
    where q.target_id = of_target;
    perform pg_notify('resedge_jobs', 'want');
end $$;

-- What a job that is complete held, all of it: what is not named any more is over. Called behind job_complete() in one
-- statement, so the fence was checked. A decision that came while the job ran stands, and the target has work again.
create function holds_put(job bigint, items json) returns void language plpgsql as $$
#variable_conflict use_column
declare
    j jobs;
begin
    select * into j from jobs where id = job;
    perform from target_queue q where q.target_id = j.target_id for update;
    if exists (select from jobs later where later.target_id = j.target_id and later.id > job
               and later.state in ('committed', 'pushed', 'unchanged')) then
        return; -- an old answer, sent again
    end if;
    delete from holds h
    where h.target_id = j.target_id
      and h.key not in (select i.key from json_to_recordset(coalesce(items, '[]')) i (key text));
    insert into holds as h (target_id, key, job_id, kind, state, revision, losing, changed, files, doc)
    select j.target_id, i.key, job, i.kind, i.state, i.revision, i.losing, i.changed, i.files, i.doc
    from json_to_recordset(coalesce(items, '[]')) i (key text, kind text, state text, revision bigint, losing bigint,
                                                     changed bigint, files bigint, doc json)
    on conflict (target_id, key) do update
    set job_id = excluded.job_id, kind = excluded.kind, losing = excluded.losing, changed = excluded.changed,
        files = excluded.files, doc = excluded.doc,
        state = case when h.decided_at > j.started_at then h.state else excluded.state end;
    if exists (select from holds h where h.target_id = j.target_id and h.decided_at > j.started_at) then
        perform queue_reopen(j.target_id);
    end if;
end $$;

-- A person's word on what a job held. An older job of the target will do, as long as no more was counted since.
create function job_decide(job bigint, new_decision text, actor text, reason text) returns void language plpgsql as $$
#variable_conflict use_column
declare
    j jobs;
    decided int;
begin
    select * into j from jobs where id = job;
    if not found then
        raise exception 'there is no such job' using errcode = 'RE004', detail = 'job ' || job;
    end if;
    perform from target_queue q where q.target_id = j.target_id for update;
    with meant as (
        update holds h
        set state = new_decision, decided_at = clock_timestamp(), approved_losing = h.losing,
            approved_changed = h.changed, approved_files = h.files
        from json_to_recordset(coalesce(j.held, '[]')) e (cause text, key text, losing bigint, changed bigint,
                                                          files bigint)
        where h.target_id = j.target_id and e.cause = 'guard' and h.key = e.key and h.state <> 'approved'
          and h.losing <= e.losing and h.changed <= e.changed and h.files <= e.files
        returning h.*
    )
    insert into hold_decisions (target_id, job_id, key, kind, decision, losing, changed, files, actor, reason)
    select m.target_id, job, m.key, m.kind, new_decision, m.losing, m.changed, m.files, job_decide.actor,
           job_decide.reason
    from meant m;
    get diagnostics decided = row_count;
    if decided = 0 then
        raise exception 'the job holds nothing that could be %', new_decision
            using errcode = 'RE005', detail = 'job ' || job,
                  hint = 'What is held now, and was counted last, stands in the newest job of the target.';
    end if;
    perform queue_reopen(j.target_id);
end $$;
