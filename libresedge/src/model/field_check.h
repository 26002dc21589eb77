/*
 * field_check.h - whether the text of a field is what its row in the table says.
 */
#ifndef RESEDGE_SRC_MODEL_FIELD_CHECK_H
#define RESEDGE_SRC_MODEL_FIELD_CHECK_H

#include "resedge/model.h"

/* Size, control characters and format of one text. It may be shortened (a path's leading '/' goes). */
bool field_check_text(const struct rse_field *field, struct rse_str *text, struct rse_err *err) RSE_MUST;

/* A metadata value or the like: at most max bytes, no control characters. */
bool field_check_line(struct rse_str text, int64_t max, struct rse_err *err) RSE_MUST;

/* An expression or the like: at most max bytes, line breaks and tabs are its only control characters. */
bool field_check_long_text(struct rse_str text, int64_t max, struct rse_err *err) RSE_MUST;

/* A metadata key of this noun: no field that templates can name may be called the same. */
bool field_check_metadata_key(enum rse_noun noun, struct rse_str key, struct rse_err *err) RSE_MUST;

/* The name form of a reference. A group's path gets its leading '/' where it was left out: the result is *name itself
 * or lives in the arena. */
bool field_check_reference(enum rse_noun noun, struct rse_str *name, struct rse_arena *arena,
                           struct rse_err *err) RSE_MUST;

/* A URL of a repository: https, ssh, user@host:path, file:/// or an absolute path; without password, token, query or fragment. */
bool field_check_url(struct rse_str url, struct rse_err *err) RSE_MUST;

/* The name of a credential: an RFC 1123 subdomain of at most 63 bytes that looks like no secret. */
bool field_check_credential(struct rse_str text, struct rse_err *err) RSE_MUST;

/* What only holds between the fields of an object. Errors name the field. */
typedef bool field_rule(const struct rse_object *object, struct rse_err *err);
/* All of the noun; NULL ends them. */
field_rule *const *field_rules(enum rse_noun noun);

#endif
