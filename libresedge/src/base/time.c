/*
 * time.c - points in time as text (RFC 3339), and the names of time zones.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "resedge/parse.h"
#include "resedge/map.h"

#define ZONE_FOLDER "/usr/share/zoneinfo/"
enum { LONGEST_ZONE = 64 };

/* n in `count` digits, with zeros before it; returns what is behind them. */
static char *put_digits(char *out, int n, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        out[i] = (char)('0' + n % 10);
        n /= 10;
    }
    return out + count;
}

/* By hand, because each line of a log has one: printf would take longer than the rest of the line. */
static void put_time(char *out, const struct tm *tm, int millis)
{
    const struct {
        int n, digits;
        char after;
    } parts[] = {
        { tm->tm_year + 1900, 4, '-' }, { tm->tm_mon + 1, 2, '-' }, { tm->tm_mday, 2, 'T' }, { tm->tm_hour, 2, ':' },
        { tm->tm_min, 2, ':' },         { tm->tm_sec, 2, '.' },     { millis, 3, 'Z' }
    };

    for (size_t i = 0; i < RSE_COUNT(parts); i++) {
        out = put_digits(out, parts[i].n, parts[i].digits);
        *out++ = parts[i].after;
    }
    *out = '\0';
}

static void put_odd_time(char *out, const struct tm *tm, int millis)
{
    /* Even the year of INT64_MIN fits; a compiler can't know. */
    char text[96] = "";

    snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday,
             tm->tm_hour, tm->tm_min, tm->tm_sec, millis);
    memcpy(out, text, RSE_TIME_SIZE - 1);
    out[RSE_TIME_SIZE - 1] = '\0';
}

void rse_format_time(int64_t ms, char out[RSE_TIME_SIZE])
{
    int millis = (int)(ms % 1000);
    time_t seconds = ms / 1000;
    struct tm tm = { .tm_sec = 0 };

    if (millis < 0) {
        millis += 1000;
        seconds--;
    }
    gmtime_r(&seconds, &tm);
    if (tm.tm_year >= -1900 && tm.tm_year <= 9999 - 1900)
        put_time(out, &tm, millis);
    else
        put_odd_time(out, &tm, millis);
}

/* Takes exactly `count` digits off *s. */
static bool take_digits(struct rse_str *s, size_t count, int max, int *out)
{
    int64_t n = 0;

    if (s->len < count || !rse_is_digits(rse_str_n(s->p, count)) ||
        !rse_parse_int64(rse_str_n(s->p, count), 0, max, &n))
        return false;
    *s = rse_str_from(*s, count);
    *out = (int)n;
    return true;
}

static bool take_char(struct rse_str *s, const char *one_of)
{
    if (s->len == 0 || s->p[0] == '\0' || strchr(one_of, s->p[0]) == NULL)
        return false;
    *s = rse_str_from(*s, 1);
    return true;
}

static bool take_date(struct rse_str *s, struct tm *tm)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int year = 0;

    if (!take_digits(s, 4, 9999, &year) || !take_char(s, "-") || !take_digits(s, 2, 12, &tm->tm_mon) ||
        !take_char(s, "-") || !take_digits(s, 2, 31, &tm->tm_mday) || tm->tm_mon == 0 || tm->tm_mday == 0)
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    tm->tm_year = year - 1900;
    tm->tm_mon--;
    return tm->tm_mday <= days[tm->tm_mon] + (leap && tm->tm_mon == 1 ? 1 : 0);
}

/* A leap second (60) becomes the first second of the next minute. */
static bool take_clock(struct rse_str *s, struct tm *tm)
{
    return take_digits(s, 2, 23, &tm->tm_hour) && take_char(s, ":") && take_digits(s, 2, 59, &tm->tm_min) &&
           take_char(s, ":") && take_digits(s, 2, 60, &tm->tm_sec);
}

/* What is finer than a millisecond is dropped. */
static bool take_fraction(struct rse_str *s, int *millis)
{
    int weight = 100;

    *millis = 0;
    if (!take_char(s, "."))
        return true;
    size_t count = 0;
    for (; count < s->len && s->p[count] >= '0' && s->p[count] <= '9'; count++) {
        *millis += weight * (s->p[count] - '0');
        weight /= 10;
    }
    *s = rse_str_from(*s, count);
    return count > 0;
}

static bool take_offset(struct rse_str *s, int *minutes)
{
    int hour = 0;
    int minute = 0;

    *minutes = 0;
    if (take_char(s, "Zz"))
        return true;
    bool west = s->len > 0 && s->p[0] == '-';
    if (!take_char(s, "+-") || !take_digits(s, 2, 23, &hour) || !take_char(s, ":") || !take_digits(s, 2, 59, &minute))
        return false;
    *minutes = (hour * 60 + minute) * (west ? -1 : 1);
    return true;
}

bool rse_parse_time(struct rse_str s, int64_t *ms)
{
    struct tm tm = { .tm_sec = 0 };
    int millis = 0;
    int offset = 0;

    if (!take_date(&s, &tm) || !take_char(&s, "Tt") || !take_clock(&s, &tm) || !take_fraction(&s, &millis) ||
        !take_offset(&s, &offset) || s.len > 0)
        return false;
    *ms = ((int64_t)timegm(&tm) - (int64_t)offset * 60) * 1000 + millis;
    return true;
}

/* [A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}: nothing that leaves the folder. */
static bool has_zone_shape(struct rse_str s)
{
    size_t segment = 0;
    int slashes = 0;

    for (size_t i = 0; i < s.len; i++) {
        char c = s.p[i];
        if (c == '/') {
            if (segment == 0 || ++slashes > 2)
                return false;
            segment = 0;
        } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '+' ||
                   c == '-') {
            segment++;
        } else {
            return false;
        }
    }
    return segment > 0;
}

/* The folder also holds lists, and copies of all zones under other rules: what counts is a regular file that begins
 * as zone files do. */
static bool is_installed_zone(struct rse_str name)
{
    char path[sizeof(ZONE_FOLDER) + LONGEST_ZONE];
    char magic[4] = "";
    struct stat st;

    if (rse_str_starts(name, RSE_STR("posix/")) || rse_str_starts(name, RSE_STR("right/")) ||
        rse_str_is(name, "localtime") || rse_str_is(name, "posixrules"))
        return false;
    snprintf(path, sizeof(path), ZONE_FOLDER "%.*s", RSE_STR_ARG(name));
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return false;
    bool is_zone = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && read(fd, magic, sizeof(magic)) == sizeof(magic) &&
                   memcmp(magic, "TZif", sizeof(magic)) == 0;
    close(fd);
    return is_zone;
}

/* Whether it is installed, or was when this thread asked before: a fleet has few zones and many clusters, and looking takes longer
 * than reading the rest of a cluster. */
static bool is_known_zone(struct rse_str name)
{
    static _Thread_local struct {
        char name[LONGEST_ZONE];
        size_t len;
    } known[64];
    size_t slot = rse_hash(name.p, name.len) % RSE_COUNT(known);

    if (rse_str_eq(rse_str_n(known[slot].name, known[slot].len), name))
        return true;
    if (!is_installed_zone(name))
        return false;
    memcpy(known[slot].name, name.p, name.len);
    known[slot].len = name.len;
    return true;
}

bool rse_check_time_zone(struct rse_str s, struct rse_err *err)
{
    if (rse_str_is(s, "UTC"))
        return true;
    if (s.len > 0 && s.len <= LONGEST_ZONE && has_zone_shape(s) && is_known_zone(s))
        return true;
    rse_err_hint(err, "Use a name of the IANA time zone database, such as America/Chicago or UTC.");
    return rse_fail(err, RSE_INVALID, "there is no time zone \"%.*s\"",
                    (int)(s.len < LONGEST_ZONE ? s.len : LONGEST_ZONE), s.len > 0 ? s.p : "");
}
