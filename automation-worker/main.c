/*
 * resedge-worker: Automation. Claims work from the Data Service, plans, writes GitOps repositories, answers questions
 * about them.
 */
#include <stdio.h>

#include <resedge/log.h>

#include "automation-worker/config.h"
#include "automation-worker/git/repo.h"
#include "automation-worker/git/signer.h"
#include "automation-worker/http/registry.h"
#include "automation-worker/http/server.h"
#include "automation-worker/job/fleet_sync.h"
#include "automation-worker/job/lookout.h"
#include "automation-worker/job/loop.h"
#include "automation-worker/job/targets.h"
#include "automation-worker/metrics.h"
#include "automation-worker/secret.h"
#include "automation-worker/stop.h"
#include "automation-worker/worker.h"

static void trace(void *arg RSE_UNUSED, const char *line)
{
    rse_log(RSE_LOG_DEBUG, "request", RSE_LOG_STR("line", line));
}

static bool start_log(const struct config *config, struct rse_err *err)
{
    enum rse_log_format format;
    enum rse_log_level level;

    if (!rse_log_level_parse(rse_str(config->log_level), &level))
        return rse_fail(err, RSE_INVALID, "there is no log level \"%s\"", config->log_level);
    if (!rse_log_format_parse(rse_str(config->log_format), &format))
        return rse_fail(err, RSE_INVALID, "there is no log format \"%s\"", config->log_format);
    rse_log_init("resedge-worker", 2, format, level);
    return true;
}

static bool make_clients(struct worker *worker, struct rse_err *err)
{
    const struct config *config = worker->config;
    struct rse_client_config main = {
        .url = config->api_url,
        .token = config->token,
        .ca_file = config->ca_file,
        .user_agent = "resedge-worker/" RSE_VERSION,
        .retries = -1,
        .trace = trace,
    };
    struct rse_client_config lease = main;

    /* A renewal that takes longer than this is better tried again. */
    lease.timeout_ms = config->lease_ms / 2;
    lease.retries = 0;
    return rse_client_new(&worker->client, &main, err) && rse_client_new(&worker->lease_client, &lease, err) &&
           rse_client_new(&worker->preview_client, &main, err);
}

static bool run(struct worker *worker, struct rse_err *err)
{
    const struct config *config = worker->config;
    struct routes routes = {
        .secret = worker->secret,
        .registry = worker->registry,
        .metrics = worker->metrics,
        .client = worker->preview_client,
    };
    struct server *server;

    if (!server_start(&server, config->listen, &routes, err))
        return false;
    worker->address = config->advertise != NULL ? config->advertise : server_url(server);
    rse_log(RSE_LOG_INFO, "worker started", RSE_LOG_STR("name", config->name), RSE_LOG_STR("version", rse_version()),
            RSE_LOG_STR("api", config->api_url), RSE_LOG_STR("address", worker->address));
    bool ok = loop_run(worker, err);
    server_stop(server);
    rse_log(RSE_LOG_INFO, "worker stopped");
    return ok;
}

static bool work(const struct config *config, struct rse_arena *arena, bool *failed, struct rse_err *err)
{
    struct worker worker = { .config = config };

    if (!secret_load(config->data_dir, arena, &worker.secret, err))
        return false;
    rse_client_global_init();
    repo_global_init();
    worker.registry = registry_new();
    worker.metrics = metrics_new();
    worker.targets = targets_new();
    bool ok = make_clients(&worker, err) &&
              (config->signing_key == NULL || signer_open(&worker.signer, config->signing_key, err));
    ok = ok && (worker.lookout = lookout_new(&worker, err)) != NULL;
    if (ok) {
        worker.sync = fleet_sync_new(worker.client);
        ok = run(&worker, err);
        *failed = worker.failed;
    }
    lookout_free(worker.lookout);
    fleet_sync_free(worker.sync);
    signer_free(worker.signer);
    targets_free(worker.targets);
    metrics_free(worker.metrics);
    registry_free(worker.registry);
    rse_client_free(worker.preview_client);
    rse_client_free(worker.lease_client);
    rse_client_free(worker.client);
    repo_global_shutdown();
    rse_client_global_cleanup();
    return ok;
}

static int exit_with(const struct rse_err *err)
{
    RSE_BUF_AUTO line = { 0 };

    rse_buf_init(&line, 4096);
    rse_err_print(err, &line);
    fprintf(stderr, "resedge-worker: %s\n", line.p);
    return rse_code_exit_status(err->code);
}

int main(int argc, char **argv)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_err err = RSE_ERR_INIT;
    struct config config = { 0 };
    bool failed = false;

    if (!config_read(&config, argc, argv, arena, &err))
        return exit_with(&err);
    if (config.help) {
        config_help();
        return 0;
    }
    if (config.version) {
        printf("resedge-worker %s\n", rse_version());
        return 0;
    }
    if (!start_log(&config, &err))
        return exit_with(&err);
    stop_init(config.grace_ms);
    if (!work(&config, arena, &failed, &err))
        return exit_with(&err);
    return config.once && failed ? 1 : 0;
}
