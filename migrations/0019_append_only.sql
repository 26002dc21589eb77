-- expand
-- Who approved or discarded what is a log too: see grant_serving().
comment on table hold_decisions is 'append-only: who decided what, when and why';
