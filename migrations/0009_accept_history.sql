-- expand
-- Accepted history runs the job again that stood still for it, as a retry does.

create or replace function target_accept_history(target bigint, head text) returns void language plpgsql as $$
declare
    last jobs;
begin
    if not exists (select from targets where id = target) then
        raise exception 'there is no such target' using errcode = 'RE004', detail = 'target ' || target;
    end if;
    update target_queue set accepted_history = head where target_id = target;
    select * into last from jobs j where j.target_id = target order by j.id desc limit 1;
    if last.state in ('failed', 'parked') then
        perform job_retry(last.id);
    end if;
end $$;
