/*
 * hold.h - every statement about what Automation holds for a person. The rules are in migrations/0008_holds.sql.
 */
#ifndef API_STORE_HOLD_H
#define API_STORE_HOLD_H

struct list_source;

extern const struct list_source HOLD_SOURCE; /* of a target */
extern const char HOLDS_GET[];               /* $1 target, id or name:..; the document of all; no row: no such target */
/* $1 target, $2 JSON array of names, $3 actor, $4 reason; then those of store_answer_keep(); no row: no such target */
extern const char TARGET_ADOPT[];

#endif
