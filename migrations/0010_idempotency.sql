-- expand
-- Answers to requests that carried an Idempotency-Key, kept for a day: a client that never saw the first answer gets it, not
-- a second write.

create table idempotency_keys (
    token_id bigint not null,
    key text not null check (octet_length(key) between 1 and 255),
    request_hash text not null check (request_hash ~ '^[0-9a-f]{64}$'),
    status int not null,
    location text,
    etag text,
    revision bigint not null,
    body text not null,
    created_at timestamptz not null default now(),
    primary key (token_id, key)
);
create index on idempotency_keys (created_at);

-- fleet_write(), and the answer to it: both are stored, or neither. The answer is made for the revision that the write will
-- have. Of two that come at once, the second finds the key when the lock is its own.
create function fleet_write_once(once_token_id bigint, once_key text, once_hash text, once_status int, once_location text,
                                 once_etag text, once_revision bigint, once_body text,
                                 expected_revision bigint, expected_change_id uuid, actor text, reason text,
                                 confirm bigint, item_nouns text[], item_ops text[], item_ids bigint[],
                                 item_etags text[], item_docs text, out revision bigint, out change_id uuid)
language plpgsql as $$
#variable_conflict use_column
begin
    perform pg_advisory_xact_lock(fleet_turn_key());
    delete from idempotency_keys where created_at < now() - interval '1 day';
    if exists (select from idempotency_keys k where k.token_id = once_token_id and k.key = once_key) then
        raise exception 'the idempotency key was used already' using errcode = 'RE008';
    end if;
    select w.revision, w.change_id into fleet_write_once.revision, fleet_write_once.change_id
    from fleet_write(expected_revision, expected_change_id, fleet_write_once.actor, fleet_write_once.reason,
                     fleet_write_once.confirm, item_nouns, item_ops, item_ids, item_etags, item_docs) w;
    insert into idempotency_keys (token_id, key, request_hash, status, location, etag, revision, body)
    values (once_token_id, once_key, once_hash, once_status, once_location, once_etag, once_revision, once_body);
end $$;
