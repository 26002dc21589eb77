-- expand
-- What the log of changes may forget, so that it doesn't grow with each document that was ever written: `resedge-api forget-changes`,
-- run as the owner. A change that a newer one has replaced loses its document but for its name. That it was made, by whom, when and
-- why stays, for the audit and for whoever asks which change a revision was.

-- From this revision on all documents are there. What is older may be whole or not: the newest change of an object always is, so
-- that the fleet can be told as it was at each revision from the one before on.
alter table fleet add column kept bigint not null default 1;
alter table changes add column forgotten boolean not null default false;

-- For a reader who is overtaken: none takes what is left of a document for the document.
create function change_forgotten() returns text language plpgsql stable as $$
begin
    raise exception 'changes are kept from revision % on', (select kept from fleet)
        using errcode = 'RE009', hint = 'Take a snapshot, and go on from its revision.';
end $$;
