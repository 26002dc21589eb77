-- expand
-- A target's folder pattern is fixed once it was used: the Flux of each store pulls the folder that it was given, and would go on
-- pulling it when Automation writes to another one.

-- Whether folders were written for the target, or are being written.
create function target_is_used(of_target bigint) returns boolean language sql stable as $$
    select exists (select from deployments d where d.target_id = of_target)
           or exists (select from jobs j
                      where j.target_id = of_target and j.state in ('running', 'committed', 'pushed'))
$$;

-- The last line of defence: the server asks before it writes.
create function target_folder_pattern_is_fixed() returns trigger language plpgsql as $$
begin
    -- From here on nobody claims a job that would write the old folders.
    perform from target_queue q where q.target_id = new.id for update;
    if target_is_used(new.id) then
        raise exception 'the folder pattern of a target that was written to can''t change'
            using errcode = 'RE005', detail = format('target "%s"', new.name);
    end if;
    return new;
end $$;
create trigger folder_pattern_is_fixed before update on targets for each row
    when (coalesce(old.doc::json ->> 'folderPattern', 'sharded') <> coalesce(new.doc::json ->> 'folderPattern', 'sharded'))
    execute function target_folder_pattern_is_fixed();
