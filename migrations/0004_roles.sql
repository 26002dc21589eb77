-- Roles: a viewer reads, an application team changes what is its own, the platform team has the fleet.
--
-- No token gets more than it had: a reader is called viewer, and an editor, whom none of the new roles equals, only reads until
-- an administrator makes it a token with the role that is meant.

alter table tokens drop constraint tokens_role_check;
update tokens set role = 'viewer' where role in ('reader', 'editor');
alter table tokens
    add constraint tokens_role_check check (role in ('viewer', 'app-team', 'platform', 'admin', 'worker')),
    add column business_units text[] not null default '{}',
    add column owners text[] not null default '{}',
    add constraint tokens_scope_check
        check ((role = 'app-team') = (cardinality(business_units) + cardinality(owners) > 0));
