/*
 * hold.c - the texts of the statements about what is held.
 */
#include "api-server/store/hold.h"

#include "api-server/store/list.h"

/* Of holds h. */
#define HOLD_DOC                                                                                              \
    "json_build_object('key', h.key, 'job', h.job_id, "                                                       \
    "'jobRevision', (select j.revision from jobs j where j.id = h.job_id), 'change', h.doc -> 'change', "     \
    "'actor', h.doc -> 'actor', 'kind', h.kind, 'state', h.state, 'revision', h.revision, "                   \
    "'clustersLosing', h.losing, 'clustersChanged', h.changed, 'files', h.files, "                            \
    "'approved', case when h.state = 'approved' then json_build_object('clustersLosing', h.approved_losing, " \
    "'clustersChanged', h.approved_changed, 'files', h.approved_files) end, "                                 \
    "'parts', h.doc -> 'parts', 'clusters', h.doc -> 'clusters')"

const struct list_source HOLD_SOURCE = {
    .from = "(select h.id, h.target_id, h.key, h.job_id, h.kind, h.state, h.revision, " HOLD_DOC "::text as doc, "
            "array[h.key, h.kind, h.state, h.doc ->> 'actor'] as words from holds h) t",
    .columns = (const struct list_column[]){ { "key", "t.key collate \"C\"" },
                                             { "job", "t.job_id" },
                                             { "kind", "t.kind collate \"C\"" },
                                             { "state", "t.state collate \"C\"" },
                                             { "revision", "t.revision" },
                                             { .name = NULL } },
    .owner = "t.target_id"
};

const char HOLDS_GET[] =
    "select json_build_object('value', coalesce((select json_agg(" HOLD_DOC " order by h.revision, h.key) "
    "from holds h where h.target_id = t.id), '[]')) "
    "from targets t where t.id::text = $1 or 'name:' || t.name = $1";

const char TARGET_ADOPT[] = "select target_adopt(t.id, array(select json_array_elements_text($2::json)), $3, $4), "
                            "act($3, 'target', t.id, 'adopt', $4, json_build_object('clusters', $2::json)), "
                            "answer_keep($5, $6, $7, $8, $9, $10, $11, $12) "
                            "from targets t where t.id::text = $1 or 'name:' || t.name = $1";
