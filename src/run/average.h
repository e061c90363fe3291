/* average.h - checkpoint averaging: the arithmetic mean of the weights of several models (Junczys-Dowmunt, Dwojak and
 * Sennrich 2016). */
#ifndef RUN_AVERAGE_H
#define RUN_AVERAGE_H

#include "base/err.h"

/* Writes to out the mean of the models at paths [n], n >= 1, with config, vocabularies and history of the last. The
 * models must have equal config.model and vocabularies; what differs is named. Sums are taken in double, in the order
 * of paths. */
bool average_models(const char *const *paths, int n, const char *out, Err *err);

#endif
