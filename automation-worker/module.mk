# resedge-worker: Automation. git/ writes repositories, remote/ reaches those elsewhere, job/ runs a job, http/ answers the Data Service's questions.

WORKER_OBJECTS := $(call objects-in,automation-worker automation-worker/git automation-worker/remote automation-worker/job automation-worker/http)
$(eval $(call program,resedge-worker,$(WORKER_OBJECTS),libevent libevent_pthreads libgit2 libcjson libcurl openssl yaml-0.1 libdeflate zlib))
