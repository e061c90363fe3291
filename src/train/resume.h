/* resume.h - whether a training may go on with a config: what may differ from the config it has had so far. */
#ifndef TRAIN_RESUME_H
#define TRAIN_RESUME_H

#include "conf/config_keys.h"

enum { RESUME_MOST_KEYS = N_CONFIG_KEYS + 8 };

/* The config of a training and the one to go on with, with the SHA-256 of the files that each names: objects, path ->
 * sum, and those of learned subword models. */
typedef struct Resume {
  const Config *old, *now;
  const Json *old_files, *new_files;
  const char *old_kernels; /* what resume_kernels said then, NULL when it is not known */
} Resume;

/* False, with an error that names them, when keys differ that may not, or a file or a model is not what it was. A file
 * may stand elsewhere, and other kernels may compute; moved then receives what to say about it. */
bool resume_check(const Resume *resume, Str *moved, Err *err);
/* Appends what computes here: kernels, and those of OpenBLAS. */
void resume_kernels(Str *out);
/* Appends a line for each key in which the configs differ, but for those that may and the names of files; returns how
 * many. */
int resume_changes(Str *out, const Config *old, const Config *now);
/* The keys that may differ, keys[RESUME_MOST_KEYS]; returns how many. */
int resume_may_differ(const char **keys, const Config *old, const Config *now);

#endif
