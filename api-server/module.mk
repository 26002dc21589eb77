# resedge-api: the Data Service. http/ speaks HTTP, handlers/ decide, odata/ reads query options, fleet/ keeps the replica's
# fleet, store/ has all SQL, openapi/ describes it.

API_OBJECTS := $(call objects-in,api-server api-server/http api-server/handlers api-server/fleet api-server/odata api-server/store \
	api-server/openapi)
$(eval $(call program,resedge-api,$(API_OBJECTS),libevent libevent_pthreads libpq libcjson libcurl libdeflate openssl yaml-0.1 zlib))

# The assembler puts these in, and no compiler tells of it.
$(BUILD)/api-server/handlers/docs_page.o: $(wildcard api-server/docs-page/*)
$(BUILD)/api-server/openapi/embed.o: $(wildcard api-server/openapi/*.yaml)
