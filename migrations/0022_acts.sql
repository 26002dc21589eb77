-- expand
-- What people do that is no change of the fleet, for the audit: tokens, sessions, jobs, what is done to targets. Written in the
-- transaction of what was done; never a secret.

create table acts (
    id bigint generated always as identity primary key,
    revision bigint not null, -- of the fleet at that time: where the act stands among the changes
    at timestamptz not null default clock_timestamp(),
    actor text not null,
    noun text not null, -- token, session, job or target
    object_id bigint not null,
    op text not null,
    reason text,
    doc json
);
create index on acts (revision, id);
comment on table acts is 'append-only: who did what when, besides changing the fleet';

create function act(actor text, noun text, object_id bigint, op text, reason text, doc json) returns void language sql as $$
    insert into acts (revision, actor, noun, object_id, op, reason, doc)
    select f.revision, act.actor, act.noun, act.object_id, act.op, act.reason, act.doc from fleet f
$$;

-- Acts of people on jobs and targets, which can be tried: everything is checked and done, and then taken back.

-- Ends a trial: whoever began it catches this, and with it takes back what was done since.
create function trial_end(dry_run boolean) returns void language plpgsql as $$
begin
    if dry_run then
        raise exception 'a dry run' using errcode = 'RE010';
    end if;
end $$;

-- action: retry, cancel, approved or discarded; the last two with a reason.
create function job_act(action text, job bigint, actor text, reason text, dry_run boolean) returns void
language plpgsql as $$
begin
    case action
        when 'retry' then perform job_retry(job);
        when 'cancel' then perform job_cancel(job);
        else perform job_decide(job, action, actor, reason);
    end case;
    perform act(actor, 'job', job, case action when 'approved' then 'approve' when 'discarded' then 'discard' else action end,
                reason, (select json_build_object('target', t.name, 'revision', j.revision)
                         from jobs j join targets t on t.id = j.target_id where j.id = job));
    perform trial_end(dry_run);
exception
    when sqlstate 'RE010' then null;
end $$;

create function target_accept_history(target bigint, head text, actor text, dry_run boolean) returns void language plpgsql as $$
begin
    perform target_accept_history(target, head);
    perform act(actor, 'target', target, 'acceptHistory', null, json_build_object('commit', head));
    perform trial_end(dry_run);
exception
    when sqlstate 'RE010' then null;
end $$;
