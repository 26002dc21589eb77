#include "automation-worker/git/tree_parse.h"

#define MAX_MODE_DIGITS 6

/* "100644 " at the front of the bytes, in octal. */
static bool parse_mode(struct rse_str *bytes, uint32_t *mode)
{
    size_t digits = 0;

    *mode = 0;
    while (digits < bytes->len && digits <= MAX_MODE_DIGITS && bytes->p[digits] >= '0' && bytes->p[digits] <= '7')
        *mode = *mode << 3 | (uint32_t)(bytes->p[digits++] - '0');
    if (digits == 0 || digits > MAX_MODE_DIGITS || digits >= bytes->len || bytes->p[digits] != ' ')
        return false;
    *bytes = rse_str_from(*bytes, digits + 1);
    return true;
}

static bool parse_entry(struct rse_str *bytes, struct tree_entry *entry)
{
    if (!parse_mode(bytes, &entry->mode))
        return false;
    ptrdiff_t end = rse_str_find(*bytes, '\0');
    if (end <= 0 || bytes->len - (size_t)end - 1 < GIT_OID_RAWSZ)
        return false;
    entry->name = rse_str_n(bytes->p, (size_t)end);
    memcpy(entry->id.id, bytes->p + end + 1, GIT_OID_RAWSZ);
    *bytes = rse_str_from(*bytes, (size_t)end + 1 + GIT_OID_RAWSZ);
    return true;
}

bool tree_parse(struct rse_str bytes, bool (*entry)(void *arg, const struct tree_entry *entry, struct rse_err *err),
                void *arg, struct rse_err *err)
{
    while (bytes.len > 0) {
        struct tree_entry next;

        if (!parse_entry(&bytes, &next))
            return rse_fail(err, RSE_INTERNAL, "a tree of the repository can't be read");
        if (!entry(arg, &next, err))
            return false;
    }
    return true;
}

/* In octal, without zeros in front. */
static void add_mode(uint32_t mode, struct rse_buf *out)
{
    char digits[12];
    size_t at = sizeof(digits);

    digits[--at] = ' ';
    do
        digits[--at] = (char)('0' + (mode & 7));
    while ((mode >>= 3) > 0);
    rse_buf_addn(out, digits + at, sizeof(digits) - at);
}

void tree_entry_write(const struct tree_entry *entry, struct rse_buf *out)
{
    add_mode(entry->mode, out);
    rse_buf_add_str(out, entry->name);
    rse_buf_addc(out, '\0');
    rse_buf_addn(out, entry->id.id, GIT_OID_RAWSZ);
}

/* The byte that follows the common part: the end of a folder's name counts as '/'. */
static unsigned char byte_at(const struct tree_entry *entry, size_t at)
{
    if (at < entry->name.len)
        return (unsigned char)entry->name.p[at];
    return at == entry->name.len && tree_entry_is_folder(entry) ? '/' : '\0';
}

int tree_entry_order(const struct tree_entry *a, const struct tree_entry *b)
{
    size_t common = a->name.len < b->name.len ? a->name.len : b->name.len;
    int order = memcmp(a->name.p, b->name.p, common);

    return order != 0 ? order : (int)byte_at(a, common) - (int)byte_at(b, common);
}
