# resedge-api: the Data Service. http/ speaks HTTP, handlers/ decide, fleet/ keeps the replica's fleet, store/ has all SQL.

API_OBJECTS := $(call objects-in,api-server api-server/http api-server/handlers api-server/fleet api-server/store)
$(eval $(call program,resedge-api,$(API_OBJECTS),libevent libevent_pthreads libevent_openssl libpq libcjson libcurl openssl yaml-0.1 zlib))
