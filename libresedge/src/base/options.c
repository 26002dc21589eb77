/*
 * options.c - where each setting's value comes from: flag, environment, config file, default.
 */
#include "resedge/options.h"

#include <ctype.h>
#include <stdlib.h>

#include "libresedge/src/base/options_internal.h"

static const char config_flag[] = "config";
static const char config_variable[] = "RESEDGE_CONFIG";

/* The flags of one command line: found by row, and --config. */
struct flags {
    const struct rse_option *table;
    struct found *found;
    struct found config;
    struct rse_arena *arena;
};

size_t options_count(const struct rse_option *table)
{
    size_t n = 0;

    while (table[n].name != NULL)
        n++;
    return n;
}

const char *options_variable(const struct rse_option *row, const char *suffix, struct rse_arena *arena)
{
    char *name = rse_arena_printf(arena, "RESEDGE_%s%s", row->name, suffix);

    for (char *p = name; *p != '\0'; p++)
        *p = *p == '-' ? '_' : (char)toupper((unsigned char)*p);
    return name;
}

const struct rse_option *options_row(const struct rse_option *table, struct rse_str name, bool *in_file)
{
    *in_file = false;
    for (const struct rse_option *row = table; row->name != NULL; row++) {
        if (rse_str_is(name, row->name))
            return row;
    }
    struct rse_str suffix = RSE_STR("-file");
    if (!rse_str_ends(name, suffix))
        return NULL;
    name.len -= suffix.len;
    for (const struct rse_option *row = table; row->name != NULL; row++) {
        if (row->type == RSE_OPT_SECRET && rse_str_is(name, row->name)) {
            *in_file = true;
            return row;
        }
    }
    return NULL;
}

static bool refuse_secret_flag(const struct rse_option *row, struct rse_err *err)
{
    rse_err_hint(err, "Other users see a command line. Use --%s-file FILE, or the environment.", row->name);
    return rse_fail(err, RSE_INVALID, "the secret --%s is not taken from the command line", row->name);
}

static bool refuse_unknown_flag(struct rse_str word, struct rse_err *err)
{
    rse_err_hint(err, "--help lists the options; -- ends them.");
    return rse_fail(err, RSE_INVALID, "there is no option %.*s", RSE_STR_ARG(word));
}

/* The value of a flag: behind '=', or the next word, which is then taken off unless it is a flag itself. A bool alone
 * means true. */
static bool flag_value(const struct rse_option *row, const char *equals, const char *flag, char ***rest,
                       const char **value, struct rse_err *err)
{
    if (equals != NULL)
        *value = equals + 1;
    else if (row != NULL && row->type == RSE_OPT_BOOL)
        *value = "true";
    else if (**rest != NULL && !rse_str_starts(rse_str(**rest), RSE_STR("--")))
        *value = *(*rest)++;
    else
        return rse_fail(err, RSE_INVALID, "%s needs a value", flag);
    return true;
}

/* word begins with "--"; *rest are the words behind it, ended by NULL. */
static bool take_flag(struct flags *flags, const char *word, char ***rest, struct rse_err *err)
{
    const char *equals = strchr(word, '=');
    struct rse_str flag = rse_str_n(word, equals != NULL ? (size_t)(equals - word) : strlen(word));
    struct rse_str name = rse_str_from(flag, 2);
    struct found found = { .origin = rse_arena_str(flags->arena, flag).p };
    const struct rse_option *row = options_row(flags->table, name, &found.in_file);
    bool is_config = rse_str_is(name, config_flag);

    if (row == NULL && !is_config)
        return refuse_unknown_flag(flag, err);
    if (row != NULL && row->type == RSE_OPT_SECRET && !found.in_file)
        return refuse_secret_flag(row, err);
    if (!flag_value(row, equals, found.origin, rest, &found.value, err))
        return false;
    if (row != NULL)
        flags->found[row - flags->table] = found;
    if (is_config)
        flags->config = found;
    return true;
}

/* Sorts the words into flags and the others, which move to the front of argv. */
static bool take_flags(struct flags *flags, int *argc, char **argv, struct rse_err *err)
{
    char **end = argv + *argc;
    char **words = argv;
    /* A copy, ended by NULL, so that argv is whole where something fails. */
    char **rest = rse_arena_calloc(flags->arena, (size_t)*argc + 1, sizeof(argv[0]));
    char **others = rse_arena_calloc(flags->arena, (size_t)*argc + 1, sizeof(argv[0]));
    size_t nothers = 0;
    bool options_ended = false;

    if (*argc > 1)
        memcpy(rest, argv + 1, ((size_t)*argc - 1) * sizeof(argv[0]));
    while (*rest != NULL) {
        char *word = *rest++;
        bool is_option = !options_ended && word[0] == '-' && word[1] != '\0';
        if (!is_option)
            others[nothers++] = word;
        else if (strcmp(word, "--") == 0)
            options_ended = true;
        else if (!take_flag(flags, strcmp(word, "-h") == 0 ? "--help" : word, &rest, err))
            return false;
    }
    *argc = (int)nothers;
    for (size_t i = 0; words + i < end; i++)
        words[i] = i < nothers ? others[i] : NULL;
    return true;
}

/* A variable that is empty counts as not set. */
static struct found from_variable(const char *name)
{
    const char *value = getenv(name);

    return (struct found){ .value = value != NULL && value[0] != '\0' ? value : NULL, .origin = name };
}

static struct found from_environment(const struct rse_option *row, struct rse_arena *arena)
{
    if (row->type == RSE_OPT_SECRET) {
        struct found file = from_variable(options_variable(row, "_FILE", arena));
        file.in_file = true;
        if (file.value != NULL)
            return file;
    }
    return from_variable(options_variable(row, "", arena));
}

/* found holds the flag's value, if any; what is missing comes from the other places. */
static bool store_setting(const struct rse_option *row, struct found found, const struct found *in_config, void *config,
                          struct rse_arena *arena, struct rse_err *err)
{
    if (found.value == NULL)
        found = from_environment(row, arena);
    if (found.value == NULL)
        found = *in_config;
    if (found.value == NULL)
        found = (struct found){ .value = row->fallback, .origin = "the default" };
    if (found.value == NULL)
        return true;
    return options_store(row, &found, config, arena, err);
}

bool rse_options_parse(const struct rse_option *table, void *config, int *argc, char **argv, struct rse_arena *arena,
                       struct rse_err *err)
{
    size_t nrows = options_count(table);
    struct flags flags = { .table = table, .arena = arena };
    struct found *in_config = rse_arena_calloc(arena, nrows, sizeof(*in_config));

    flags.found = rse_arena_calloc(arena, nrows, sizeof(*flags.found));
    if (!take_flags(&flags, argc, argv, err))
        return false;
    if (flags.config.value == NULL)
        flags.config = from_variable(config_variable);
    if (flags.config.value != NULL && !options_read_config(table, flags.config.value, in_config, arena, err)) {
        rse_err_object(err, "%s", flags.config.origin);
        return false;
    }
    for (size_t i = 0; i < nrows; i++) {
        if (!store_setting(&table[i], flags.found[i], &in_config[i], config, arena, err))
            return false;
    }
    return true;
}
