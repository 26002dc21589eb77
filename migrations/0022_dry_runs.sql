-- expand
-- Acts of people on jobs and targets, which can be tried: everything is checked and done, and then taken back.

-- Ends a trial: whoever began it catches this, and with it takes back what was done since.
create function trial_end(dry_run boolean) returns void language plpgsql as $$
begin
    if dry_run then
        raise exception 'a dry run' using errcode = 'RE010';
    end if;
end $$;

-- action: retry, cancel, approved or discarded; the last two with an actor and a reason.
create function job_act(action text, job bigint, actor text, reason text, dry_run boolean) returns void language plpgsql as $$
begin
    case action
        when 'retry' then perform job_retry(job);
        when 'cancel' then perform job_cancel(job);
        else perform job_decide(job, action, actor, reason);
    end case;
    perform trial_end(dry_run);
exception
    when sqlstate 'RE010' then null;
end $$;

create function target_accept_history(target bigint, head text, dry_run boolean) returns void language plpgsql as $$
begin
    perform target_accept_history(target, head);
    perform trial_end(dry_run);
exception
    when sqlstate 'RE010' then null;
end $$;
