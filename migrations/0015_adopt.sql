-- expand
-- Folders of clusters that Automation never wrote are left alone until somebody adopts them.

alter table holds drop constraint holds_kind_check,
    add constraint holds_kind_check
        check (kind in ('clustersLosing', 'clustersChanged', 'files', 'fork', 'adopt'));

-- Returns how many were adopted; a cluster whose folder is not held for it is an error.
create function target_adopt(of_target bigint, clusters text[], actor text, reason text) returns bigint
language plpgsql as $$
#variable_conflict use_column
declare
    missing text := (select min(c) from unnest(clusters) c
                     where not exists (select from holds h where h.target_id = of_target and h.key = 'adopt/' || c
                                       and h.state <> 'approved'));
    adopted bigint;
begin
    if missing is not null then
        raise exception 'the folder of cluster "%" does not wait for being adopted', missing using errcode = 'RE005',
            hint = 'Automation leaves a folder alone that it never wrote. `holds` of the target lists those that wait.';
    end if;
    perform from target_queue q where q.target_id = of_target for update;
    with meant as (
        update holds h
        set state = 'approved', decided_at = clock_timestamp(), approved_losing = h.losing,
            approved_changed = h.changed, approved_files = h.files
        where h.target_id = of_target and h.key in (select 'adopt/' || c from unnest(clusters) c)
        returning h.*
    )
    insert into hold_decisions (target_id, job_id, key, kind, decision, losing, changed, files, actor, reason)
    select m.target_id, m.job_id, m.key, m.kind, 'approved', m.losing, m.changed, m.files, target_adopt.actor,
           target_adopt.reason
    from meant m;
    get diagnostics adopted = row_count;
    perform queue_reopen(of_target);
    return adopted;
end $$;
