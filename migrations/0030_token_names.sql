-- expand
-- Of the tokens that may be used at a time no two have the same name: it is all that the audit, createdBy and the log say of who
-- it was. A name is free again when its token was revoked or is over, which no unique index can tell; and those that shared a name
-- before go on doing so.

create index tokens_name on tokens (name) where revoked_at is null;

-- Refuses a name that another token has. Until the transaction ends nobody else gets it.
create function token_name_take(wanted text) returns void language plpgsql as $$
declare
    holder bigint;
begin
    -- Who waited here sees what the one before has stored: each statement has a snapshot of its own.
    perform pg_advisory_xact_lock('tokens'::regclass::oid::int, hashtext(wanted));
    select min(t.id) into holder from tokens t
    where t.name = wanted and t.revoked_at is null and (t.expires_at is null or t.expires_at > clock_timestamp());
    if holder is not null then
        raise exception 'another token has this name, and may still be used'
            using errcode = 'RE003', detail = 'token ' || holder, column = 'name',
            hint = 'Choose another name, or revoke that token first.';
    end if;
end $$;

create function tokens_take_name() returns trigger language plpgsql as $$
begin
    perform token_name_take(new.name);
    return new;
end $$;
create trigger take_name before insert on tokens for each row execute function tokens_take_name();
