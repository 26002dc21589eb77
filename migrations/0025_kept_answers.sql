-- expand
-- The answer to any POST can be kept for a retry. One that holds a secret is kept sealed (AES-256-GCM) with a key that is made of the
-- credential that asked for it, of which the database has a hash only: whoever reads the table, or a backup, can't read it.

alter table idempotency_keys
    alter column body drop not null,
    add column sealed bytea,
    add check (body is null or sealed is null);
comment on column idempotency_keys.sealed is 'instead of body, where that holds a secret';

-- Keeps the answer in the transaction of what it answers, which is undone where the key was used before. Two that come at once: the
-- second waits for the first to end. Without a key nothing is kept.
create function answer_keep(token_id bigint, key text, request_hash text, status int, location text, revision bigint, body text,
                            sealed bytea) returns void
language plpgsql as $$
#variable_conflict use_column
begin
    if answer_keep.key is null then
        return;
    end if;
    delete from idempotency_keys k using (
        select o.token_id, o.key from idempotency_keys o where o.created_at < now() - interval '1 day' for update skip locked
    ) old where k.token_id = old.token_id and k.key = old.key;
    insert into idempotency_keys (token_id, key, request_hash, status, location, revision, body, sealed)
    values (answer_keep.token_id, answer_keep.key, answer_keep.request_hash, answer_keep.status, answer_keep.location,
            answer_keep.revision, answer_keep.body, answer_keep.sealed)
    on conflict do nothing;
    if not found then
        raise exception 'the idempotency key was used already' using errcode = 'RE008';
    end if;
end $$;
