-- expand
--
-- What lists are asked for: texts are compared and ordered by bytes (collation "C"), nulls first, and the id decides among
-- equals. An index serves an order, and the equality that it begins with.
create index clusters_environment_list on clusters (environment collate "C" nulls first, id);
create index clusters_store_list on clusters (store collate "C" nulls first, id);
create index clusters_state_list on clusters (state collate "C", id);
create index clusters_updated_list on clusters (updated_at, id);
drop index clusters_environment_idx, clusters_store_idx;
