-- expand
-- Sessions of people who signed in with a token. Of what the browser keeps, only the SHA-256 is here. A session ends with its
-- token, whatever it says itself.

create table sessions (
    id bigint generated always as identity primary key,
    token_id bigint not null references tokens on delete cascade,
    hash bytea not null unique check (octet_length(hash) = 32),
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
);
create index on sessions (token_id);
create index on sessions (expires_at);

-- As for tokens: replicas remember whom a session belongs to.
create trigger sessions_changed after delete on sessions for each statement execute function tokens_changed();
