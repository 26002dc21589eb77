/*
 * yaml_kind.h - the type of a bare scalar by the patterns of yaml.org/type, for property tests. Written down apart from
 * the library, whose idea of types it checks.
 */
#ifndef TESTS_TEMPLATE_YAML_KIND_H
#define TESTS_TEMPLATE_YAML_KIND_H

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>

#include "resedge/base.h"

enum yaml_kind { KIND_STRING, KIND_NULL, KIND_BOOL, KIND_INTEGER, KIND_REAL, KIND_TIME, KIND_MERGE, KIND_COUNT };

struct yaml_kinds {
    regex_t patterns[KIND_COUNT];
};

static const char *const yaml_kind_patterns[KIND_COUNT] = {
    [KIND_NULL] = "^(~|null|Null|NULL|)$",
    [KIND_BOOL] = "^(y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$",
    [KIND_INTEGER] = "^([-+]?0b[0-1_]+|[-+]?0o?[0-7_]+|[-+]?(0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+"
                     "|[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+|[-+]?[0-9]+)$",
    [KIND_REAL] = "^([-+]?([0-9][0-9_]*\\.[0-9_]*|\\.[0-9][0-9_]*)([eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+"
                  "|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\\.[0-9_]*|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN))$",
    [KIND_TIME] = "^([0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt]|[ \t]+)[0-9]{1,2}:[0-9]{1,2}:"
                  "[0-9]{1,2}(\\.[0-9]*)?(([ \t]*)Z|([ \t]*[-+][0-9]{1,2}(:[0-9]{1,2})?))?)$",
    [KIND_MERGE] = "^(<<|=)$",
};

static inline void yaml_kinds_init(struct yaml_kinds *kinds)
{
    for (int i = KIND_NULL; i < KIND_COUNT; i++) {
        if (regcomp(&kinds->patterns[i], yaml_kind_patterns[i], REG_EXTENDED | REG_NOSUB) != 0)
            abort();
    }
}

static inline void yaml_kinds_release(struct yaml_kinds *kinds)
{
    for (int i = KIND_NULL; i < KIND_COUNT; i++)
        regfree(&kinds->patterns[i]);
}

/* text ends with a NUL. */
static inline enum yaml_kind yaml_kind_of(const struct yaml_kinds *kinds, struct rse_str text)
{
    if (memchr(text.p, '\0', text.len) != NULL)
        return KIND_STRING;
    for (int i = KIND_NULL; i < KIND_COUNT; i++) {
        if (regexec(&kinds->patterns[i], text.p, 0, NULL, 0) == 0)
            return (enum yaml_kind)i;
    }
    return KIND_STRING;
}

/* What a plain scalar with placeholders has to be when this is its text: integers and decimals of ordinary form, and
 * of no more digits than every reader keeps, are numbers; anything else is a string. */
static inline enum yaml_kind yaml_kind_wanted(struct rse_str text)
{
    size_t i = text.len > 0 && text.p[0] == '-', whole, digits = 0;

    for (whole = i; i < text.len && text.p[i] >= '0' && text.p[i] <= '9'; i++)
        digits++;
    if (digits == 0 || (digits > 1 && text.p[whole] == '0'))
        return KIND_STRING;
    if (i == text.len)
        return digits <= 18 && !rse_str_is(text, "-0") ? KIND_INTEGER : KIND_STRING;
    if (text.p[i] != '.' || i + 1 == text.len)
        return KIND_STRING;
    for (i++; i < text.len && text.p[i] >= '0' && text.p[i] <= '9'; i++)
        digits++;
    return i == text.len && digits <= 15 ? KIND_REAL : KIND_STRING;
}

#endif
