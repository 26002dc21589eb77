/* Documents: JSON, YAML, CSV fields. */
#include "cli/output/output.h"

static void add_children(struct rse_buf *out, const cJSON *value, int depth)
{
    bool object = cJSON_IsObject(value);

    rse_buf_addc(out, object ? '{' : '[');
    for (const cJSON *child = value->child; child != NULL; child = child->next) {
        rse_buf_addf(out, "%s\n%*s", child == value->child ? "" : ",", (depth + 1) * 2, "");
        if (object) {
            rse_json_add_string(out, rse_str(child->string));
            rse_buf_adds(out, ": ");
        }
        add_json(out, child, depth + 1);
    }
    if (value->child != NULL)
        rse_buf_addf(out, "\n%*s", depth * 2, "");
    rse_buf_addc(out, object ? '}' : ']');
}

void add_json(struct rse_buf *out, const cJSON *value, int depth)
{
    if (cJSON_IsString(value))
        rse_json_add_string(out, rse_str(value->valuestring));
    else if (cJSON_IsNumber(value))
        rse_json_add_double(out, value->valuedouble);
    else if (cJSON_IsBool(value))
        rse_buf_adds(out, cJSON_IsTrue(value) ? "true" : "false");
    else if (cJSON_IsObject(value) || cJSON_IsArray(value))
        add_children(out, value, depth);
    else
        rse_buf_adds(out, "null");
}

void output_json(const cJSON *value)
{
    RSE_BUF_AUTO out = { 0 };

    rse_buf_init(&out, SIZE_MAX / 2);
    add_json(&out, value, 0);
    rse_buf_addc(&out, '\n');
    fwrite(out.p, 1, out.len, stdout);
}

void output_yaml(const cJSON *value)
{
    RSE_BUF_AUTO out = { 0 };

    rse_buf_init(&out, SIZE_MAX / 2);
    rse_yaml_from_json(&out, value);
    fwrite(out.p, 1, out.len, stdout);
}

static void output_jsonpath(const struct cli *cli, const cJSON *value)
{
    struct rse_err err = RSE_ERR_INIT;
    RSE_BUF_AUTO out = { 0 };

    rse_buf_init(&out, SIZE_MAX / 2);
    /* Its syntax was checked before anything was asked; what is left are members that are not there, which are nothing. */
    if (!jsonpath_eval(cli->jsonpath, value, &out, &err))
        return;
    if (out.len > 0 && out.p[out.len - 1] != '\n')
        rse_buf_addc(&out, '\n');
    fwrite(out.p, 1, out.len, stdout);
}

bool output_document(struct cli *cli, const cJSON *value)
{
    static const cJSON nothing = { .type = cJSON_NULL };

    if (cli->format != FORMAT_JSON && cli->format != FORMAT_YAML && cli->format != FORMAT_JSONPATH)
        return false;
    if (value == NULL)
        value = &nothing;
    pager_start(cli);
    if (cli->format == FORMAT_JSON)
        output_json(value);
    else if (cli->format == FORMAT_YAML)
        output_yaml(value);
    else
        output_jsonpath(cli, value);
    return true;
}

bool is_table(const struct cli *cli)
{
    return cli->format == FORMAT_TABLE || cli->format == FORMAT_WIDE;
}

void print_csv_field(const char *text, bool first)
{
    if (!first)
        putchar(',');
    if (text[strcspn(text, ",\"\r\n")] == '\0') {
        fputs(text, stdout);
        return;
    }
    putchar('"');
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"')
            putchar('"');
        putchar(*c);
    }
    putchar('"');
}
