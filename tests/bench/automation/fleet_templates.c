/*
 * fleet_templates.c - the templates of the made-up retailer: what small applications in stores look like.
 */
#include <stdio.h>

#include "tests/bench/automation/fleet_gen.h"

#define META                                             \
    "metadata:\n"                                        \
    "  name: rea.application.name\n"                     \
    "  namespace: rea.namespace.name\n"                  \
    "  labels:\n"                                        \
    "    app.kubernetes.io/name: rea.application.name\n" \
    "    app.kubernetes.io/part-of: rea.namespace.name\n"

static const char deployment[] = "apiVersion: apps/v1\n"
                                 "kind: Deployment\n" META "spec:\n"
                                 "  replicas: 1\n"
                                 "  selector:\n"
                                 "    matchLabels:\n"
                                 "      app.kubernetes.io/name: rea.application.name\n"
                                 "  template:\n"
                                 "    metadata:\n"
                                 "      labels:\n"
                                 "        app.kubernetes.io/name: rea.application.name\n"
                                 "    spec:\n"
                                 "      securityContext:\n"
                                 "        runAsNonRoot: true\n"
                                 "        seccompProfile:\n"
                                 "          type: RuntimeDefault\n"
                                 "      containers:\n"
                                 "        - name: app\n"
                                 "          image: rea.cluster.registry/stores/rea.application.name:2.14.3\n"
                                 "          env:\n"
                                 "            - name: STORE\n"
                                 "              value: \"rea.cluster.storeNumber\"\n"
                                 "            - name: REGION\n"
                                 "              value: rea.cluster.region\n"
                                 "            - name: TZ\n"
                                 "              value: rea.cluster.timeZone\n"
                                 "            - name: LOG_LEVEL\n"
                                 "              value: rea.cluster.logLevel\n"
                                 "          ports:\n"
                                 "            - name: http\n"
                                 "              containerPort: 8080\n"
                                 "          readinessProbe:\n"
                                 "            httpGet:\n"
                                 "              path: /readyz\n"
                                 "              port: http\n"
                                 "          securityContext:\n"
                                 "            allowPrivilegeEscalation: false\n"
                                 "            readOnlyRootFilesystem: true\n"
                                 "            capabilities:\n"
                                 "              drop: [ALL]\n"
                                 "          resources:\n"
                                 "            requests:\n"
                                 "              cpu: 50m\n"
                                 "              memory: 96Mi\n"
                                 "            limits:\n"
                                 "              memory: 192Mi\n";

static const char config[] = "# What the application has to know about the store that it runs in.\n"
                             "apiVersion: v1\n"
                             "kind: ConfigMap\n" META "data:\n"
                             "  store.properties: |\n"
                             "    store.name=rea.cluster.name\n"
                             "    store.number=rea.cluster.storeNumber\n"
                             "    store.street=rea.cluster.street\n"
                             "    store.city=rea.cluster.city\n"
                             "    store.postalCode=rea.cluster.postalCode\n"
                             "    store.timeZone=rea.cluster.timeZone\n"
                             "    support.phone=rea.cluster.supportPhone\n"
                             "    log.level=rea.cluster.logLevel\n"
                             "    retry.initial=250ms\n"
                             "    retry.max=30s\n"
                             "    queue.spool=/var/spool/rea.application.name\n"
                             "    queue.limit=10000\n"
                             "  tax.yaml: |\n"
                             "    region: rea.cluster.taxRegion\n"
                             "    rate: rea.cluster.taxRate\n"
                             "    rounding: half-even\n"
                             "  devices.yaml: |\n"
                             "    terminals: rea.cluster.terminals\n"
                             "    printer: rea.cluster.printerAddress\n"
                             "    scanners: auto\n"
                             "    scales: auto\n"
                             "    customerDisplay: enabled\n"
                             "  features.yaml: |\n"
                             "    # Features are rolled out by ring; those that are named here are on in every store.\n"
                             "    offlineMode: true\n"
                             "    ageCheck: true\n"
                             "    giftCards: true\n"
                             "    loyalty: true\n"
                             "    digitalReceipts: true\n"
                             "    fallbackPrices: /etc/rea.application.name/prices.csv\n"
                             "    telemetrySampling: \"0.05\"\n";

static const char service[] =
    "apiVersion: v1\n"
    "kind: Service\n" META "  annotations:\n"
    "    external-dns.alpha.kubernetes.io/hostname: rea.application.name.rea.cluster.name.stores.example.com\n"
    "spec:\n"
    "  selector:\n"
    "    app.kubernetes.io/name: rea.application.name\n"
    "  ports:\n"
    "    - name: http\n"
    "      port: 80\n"
    "      targetPort: http\n"
    "      protocol: TCP\n";

static const char kustomization[] = "apiVersion: kustomize.config.k8s.io/v1beta1\n"
                                    "kind: Kustomization\n"
                                    "resources:\n";

enum { DEPLOYMENT = 1, CONFIG = 2, SERVICE = 4 };

struct files {
    fleet_gen_take_file *take;
    void *arg;
    const char *application;
};

static void put(const struct files *files, const char *name, struct rse_str text)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "apps/%s/base/%s", files->application, name);
    files->take(files->arg, path, text);
}

static void put_application(struct files *files, const char *application, int which)
{
    RSE_BUF_AUTO list = { 0 };

    rse_buf_init(&list, 4096);
    rse_buf_adds(&list, kustomization);
    files->application = application;
    if (which & CONFIG) {
        put(files, "config.yaml", rse_str(config));
        rse_buf_adds(&list, "  - config.yaml\n");
    }
    if (which & DEPLOYMENT) {
        put(files, "deployment.yaml", rse_str(deployment));
        rse_buf_adds(&list, "  - deployment.yaml\n");
    }
    if (which & SERVICE) {
        put(files, "service.yaml", rse_str(service));
        rse_buf_adds(&list, "  - service.yaml\n");
    }
    put(files, "kustomization.yaml", rse_buf_str(&list));
}

void fleet_gen_templates(const struct fleet_gen *gen, fleet_gen_take_file *take, void *arg)
{
    struct files files = { .take = take, .arg = arg };

    put_application(&files, "pos", DEPLOYMENT | CONFIG);
    put_application(&files, "telemetry", DEPLOYMENT | CONFIG);
    put_application(&files, "kiosk", DEPLOYMENT | SERVICE);
    put_application(&files, "signage", DEPLOYMENT | SERVICE);
    put_application(&files, "promo", DEPLOYMENT | CONFIG | SERVICE);
    for (uint32_t k = 4; k < gen->applications; k++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "service-%02u", k);
        put_application(&files, name, DEPLOYMENT | CONFIG | SERVICE);
    }
}
