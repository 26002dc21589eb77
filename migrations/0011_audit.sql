-- expand
-- What is asked of the log of changes as an audit: by whom, and when. Times grow with revisions, so that ranges of pages do.

create index changes_actor on changes (actor, revision, seq);
create index changes_at on changes using brin (at);
