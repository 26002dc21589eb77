-- expand
-- The deletions of the audit ($filter=op eq 'delete'): few among many changes.

create index changes_gone on changes (revision, seq) where doc is null;
