/* resedge.h - all of libresedge. */
#ifndef RESEDGE_RESEDGE_H
#define RESEDGE_RESEDGE_H

#include "arena.h"
#include "base.h"
#include "bitmap.h"
#include "buf.h"
#include "catalogue.h"
#include "client.h"
#include "delta.h"
#include "err.h"
#include "expr.h"
#include "fleet.h"
#include "log.h"
#include "map.h"
#include "model.h"
#include "options.h"
#include "parse.h"
#include "plan.h"
#include "suggest.h"
#include "template.h"
#include "yaml.h"

#endif
