/*
 * object_eq.h - whether two objects of a noun agree in one field.
 */
#ifndef RESEDGE_SRC_MODEL_OBJECT_EQ_H
#define RESEDGE_SRC_MODEL_OBJECT_EQ_H

#include "resedge/model.h"

bool object_field_eq(const struct rse_field *field, const struct rse_object *a, const struct rse_object *b);

#endif
