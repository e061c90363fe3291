/* shape.h - which sizes and choices of a model fit together. */
#ifndef CONF_SHAPE_H
#define CONF_SHAPE_H

#include "conf/checker.h"
#include "conf/config.h"

/* Complains of all that does not, with the keys, their values and a way out. */
void shape_check(Checker *check, const Config *config);

/* The word of a pattern. */
const char *shape_pattern(PatternKind kind);

#endif
