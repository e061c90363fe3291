/* differences.h - for tests in double: gradients of whole models against central differences, with label smoothing and
 * dropout, of three ragged pairs (one source is empty) and of one pair alone. */
#ifndef TESTS_DIFFERENCES_H
#define TESTS_DIFFERENCES_H

#include "nn/model.h"

/* A small recurrent model: gru, luong flow, general, global. */
ModelConfig differences_config(void);
void differences_check(const ModelConfig *config, const char *name);
/* The loss of attention as well; one of its links lies outside the window of local_m. */
void differences_check_guided(const ModelConfig *config, GuideLoss loss, const char *name);

#endif
