-- expand
-- A plan that was made for the memberships of a whole fleet is no plan for those of one cluster, and plpgsql keeps the first: so it
-- is made anew each time, for as many as there are.
create or replace function cluster_groups_check() returns trigger language plpgsql as $$
declare
    dangling boolean;
begin
    if not exists (select from added) then
        return null;
    end if;
    execute 'select exists (select from added a left join clusters c on c.id = a.cluster_id
                            left join groups g on g.id = a.group_id where c.id is null or g.id is null)' into dangling;
    if dangling then
        raise exception 'a membership names a cluster or a group that is not there' using errcode = 'foreign_key_violation';
    end if;
    return null;
end $$;
