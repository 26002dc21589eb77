/*
 * audit.h - who did what when, before and after: the log of changes and that of acts, as one list.
 */
#ifndef API_STORE_AUDIT_H
#define API_STORE_AUDIT_H

struct list_source;

/* By (revision, seq): acts stand behind the changes of the revision at which they were done. */
extern const struct list_source AUDIT_SOURCE;

#endif
