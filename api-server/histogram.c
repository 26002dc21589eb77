/*
 * histogram.c - see histogram.h.
 */
#include "api-server/histogram.h"

/* Upper bounds; the last bucket has none. */
static const int64_t bounds_us[HISTOGRAM_BUCKETS - 1] = { 500,    1000,   2500,   5000,    10000,   25000,   50000,
                                                          100000, 250000, 500000, 1000000, 5000000, 30000000 };

void histogram_add(struct histogram *histogram, int64_t us)
{
    size_t bucket = 0;

    while (bucket < RSE_COUNT(bounds_us) && us > bounds_us[bucket])
        bucket++;
    histogram->buckets[bucket]++;
    histogram->count++;
    histogram->sum_us += us;
}

void histogram_render(const struct histogram *histogram, const char *name, const char *label, struct rse_buf *out)
{
    const char *comma = label[0] != '\0' ? "," : "", *open = label[0] != '\0' ? "{" : "",
               *close = label[0] != '\0' ? "}" : "";
    uint64_t sum = 0;

    for (size_t i = 0; i < RSE_COUNT(bounds_us); i++) {
        sum += histogram->buckets[i];
        rse_buf_addf(out, "%s_bucket{%s%sle=\"%g\"} %llu\n", name, label, comma, (double)bounds_us[i] / 1e6,
                     (unsigned long long)sum);
    }
    rse_buf_addf(out, "%s_bucket{%s%sle=\"+Inf\"} %llu\n", name, label, comma, (unsigned long long)histogram->count);
    rse_buf_addf(out, "%s_sum%s%s%s %.6f\n%s_count%s%s%s %llu\n", name, open, label, close,
                 (double)histogram->sum_us / 1e6, name, open, label, close, (unsigned long long)histogram->count);
}
