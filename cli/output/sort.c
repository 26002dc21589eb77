/* --sort-by, for lists that are there as a whole. */
#include <stdlib.h>

#include "cli/output/output.h"

struct sorted {
    cJSON *row;
    const cJSON *value;
    size_t place;
    bool descending;
};

static int compare_values(const cJSON *a, const cJSON *b)
{
    bool a_missing = a == NULL || cJSON_IsNull(a), b_missing = b == NULL || cJSON_IsNull(b);

    if (a_missing || b_missing)
        return a_missing - b_missing;
    if (cJSON_IsNumber(a) && cJSON_IsNumber(b))
        return (a->valuedouble > b->valuedouble) - (a->valuedouble < b->valuedouble);
    if (cJSON_IsString(a) && cJSON_IsString(b))
        return strcmp(a->valuestring, b->valuestring);
    return (a->type & 0xff) - (b->type & 0xff);
}

static int compare(const void *left, const void *right)
{
    const struct sorted *a = left, *b = right;
    int order = compare_values(a->value, b->value);

    if (order == 0)
        return a->place < b->place ? -1 : 1;
    return a->descending ? -order : order;
}

/* What was between is gone from *by: "name:desc" -> "name". */
static bool split_order(char *by)
{
    char *colon = strchr(by, ':');
    bool descending = colon != NULL && strcmp(colon, ":desc") == 0;

    if (colon != NULL)
        *colon = '\0';
    return descending;
}

void sort_rows(cJSON *array, const char *by)
{
    size_t count = (size_t)cJSON_GetArraySize(array);
    struct sorted *sorted = rse_xcalloc(count, sizeof(*sorted));
    char *member = rse_xstrdup(by);
    bool descending = split_order(member);

    for (size_t i = 0; i < count; i++) {
        cJSON *row = cJSON_DetachItemViaPointer(array, array->child);

        sorted[i] = (struct sorted){ row, json_at(row, member), i, descending };
    }
    qsort(sorted, count, sizeof(*sorted), compare);
    for (size_t i = 0; i < count; i++)
        cJSON_AddItemToArray(array, sorted[i].row);
    free(member);
    free(sorted);
}
