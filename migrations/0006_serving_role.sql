-- expand
-- What the role that serves may do: read and write what it serves, and never change what was logged.
--
-- A table's comment says what it allows: one that begins with 'append-only' is written once and then only read.

comment on table changes is 'append-only: who did what when';

-- Called as the owner at the end of every migrate, so that new tables are included. What was granted before and is not meant any
-- more is taken back.
create function grant_serving(role name) returns void language plpgsql as $$
declare
    t record;
begin
    execute format('grant connect, temporary on database %I to %I', current_database(), role);
    execute format('grant usage on schema %I to %I', current_schema(), role);
    for t in
        select c.oid::regclass as name, c.relkind,
               case when c.relkind = 'S' then 'usage, select'
                    when c.relname = 'schema_migrations' then 'select'
                    when obj_description(c.oid, 'pg_class') like 'append-only%' then 'select, insert'
                    else 'select, insert, update, delete' end as rights
        from pg_class c
        where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S')
          and pg_has_role(c.relowner, 'USAGE')
    loop
        execute format('revoke all on %s %s from %I', case t.relkind when 'S' then 'sequence' else 'table' end, t.name, role);
        execute format('grant %s on %s %s to %I', t.rights, case t.relkind when 'S' then 'sequence' else 'table' end, t.name, role);
    end loop;
end $$;
revoke execute on function grant_serving(name) from public;
