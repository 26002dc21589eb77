-- expand
-- The audit is one list of two logs: that of acts gives its order too, as the list has it.

create index acts_place on acts (revision, ((1000000000 + id)::int));
