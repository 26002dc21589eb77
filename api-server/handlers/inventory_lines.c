/*
 * inventory_lines.c - see inventory_lines.h.
 */
#include <stdio.h>
#include <stdlib.h>

#include "api-server/handlers/inventory_lines.h"

void inventory_lines_add(struct inventory_lines *lines, enum rse_noun noun, size_t line)
{
    RSE_GROW(lines->of[noun].at, lines->of[noun].count, lines->of[noun].cap);
    lines->of[noun].at[lines->of[noun].count++] = (uint32_t)line;
}

void inventory_lines_release(struct inventory_lines *lines)
{
    for (size_t noun = 0; noun < RSE_NOUN_COUNT; noun++)
        free(lines->of[noun].at);
    *lines = (struct inventory_lines){ 0 };
}

void inventory_lines_number(struct inventory_lines *lines, size_t from, size_t line)
{
    for (size_t i = from; i < lines->faults.count; i++)
        lines->faults.at[i].line = (uint32_t)line;
}

void inventory_lines_add_fault(struct inventory_lines *lines, size_t line, struct rse_err *err)
{
    size_t before = lines->faults.count;

    rse_faults_add(&lines->faults, err);
    inventory_lines_number(lines, before, line);
}

bool inventory_pointer_split(const char *pointer, const struct rse_noun_info **noun, size_t *index, char **rest)
{
    const char *slash = pointer[0] == '/' ? strchr(pointer + 1, '/') : NULL;

    if (slash == NULL)
        return false;
    *noun = rse_noun_find(rse_str_n(pointer + 1, (size_t)(slash - pointer - 1)));
    *index = strtoul(slash + 1, rest, 10);
    return *noun != NULL && *rest > slash + 1;
}

/* Of what is there twice, the hint tells a place too. */
static void point_hint(const struct inventory_lines *lines, struct rse_err *fault)
{
    const struct rse_noun_info *noun;
    char *place = strchr(fault->hint, '/'), *rest;
    size_t index;

    if (place == NULL || !inventory_pointer_split(place, &noun, &index, &rest) || strcmp(rest, ".") != 0 ||
        index >= lines->of[noun->noun].count)
        return;
    fault->hint[0] = '\0';
    rse_err_hint(fault, "The first one is in line %u.", lines->of[noun->noun].at[index]);
}

/* Whether it is of an object that has a line; which then is the fault's. */
static bool number(const struct inventory_lines *lines, struct rse_err *fault, char **rest)
{
    const struct rse_noun_info *noun;
    size_t index;

    if (!inventory_pointer_split(fault->field, &noun, &index, rest) || index >= lines->of[noun->noun].count)
        return false;
    fault->line = lines->of[noun->noun].at[index];
    return true;
}

static void point(const struct inventory_lines *lines, struct rse_err *fault)
{
    char within[sizeof(fault->field)], *rest;

    if (!number(lines, fault, &rest))
        return;
    point_hint(lines, fault);
    snprintf(within, sizeof(within), "%s", rest);
    fault->field[0] = '\0';
    rse_err_field(fault, "%s%s", lines->within, within);
}

/* Those of one line stay as they are. */
static void sort_by_line(const struct rse_faults *faults)
{
    for (size_t i = 1; i < faults->count; i++) {
        struct rse_err one = faults->at[i];
        size_t j = i;

        for (; j > 0 && faults->at[j - 1].line > one.line; j--)
            faults->at[j] = faults->at[j - 1];
        faults->at[j] = one;
    }
}

void inventory_lines_point(const struct inventory_lines *lines, struct rse_err *err)
{
    const struct rse_faults *faults = err->faults;
    enum rse_code code = err->code;

    if (lines->within == NULL)
        return;
    point(lines, err);
    if (faults == NULL)
        return;
    for (size_t i = 0; i < faults->count; i++)
        point(lines, &faults->at[i]);
    sort_by_line(faults);
    *err = faults->at[0];
    err->code = code;
    err->faults = faults;
}

/* What can't be read goes before what can't be: the former decides how the request is answered. */
static void decide_code(const struct rse_faults *faults, struct rse_err *err)
{
    for (size_t i = 0; i < faults->count; i++) {
        if (faults->at[i].code == RSE_INVALID)
            err->code = RSE_INVALID;
    }
}

bool inventory_lines_check(struct inventory_lines *lines, struct rse_err *err)
{
    size_t before = lines->faults.count;
    char *rest;

    if (err->code != RSE_OK)
        rse_faults_add(&lines->faults, err);
    for (size_t i = before; i < lines->faults.count; i++) {
        struct rse_err *fault = &lines->faults.at[i];

        (void)number(lines, fault, &rest);
        if (fault->code == RSE_INVALID)
            fault->code = RSE_UNPROCESSABLE;
    }
    sort_by_line(&lines->faults);
    if (rse_faults_check(&lines->faults, err))
        return true;
    decide_code(&lines->faults, err);
    return false;
}
