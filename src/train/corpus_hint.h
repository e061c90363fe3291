/* corpus_hint.h - what to do when a file that a config names is not there. */
#ifndef TRAIN_CORPUS_HINT_H
#define TRAIN_CORPUS_HINT_H

#include <stdbool.h>

#include "base/err.h"

/* True when something is at path. Else the error names the command that makes the file, where it is one of a toy corpus
 * (FOLDER/NAME/train.src and its like), or the script that prepares its corpus (FOLDER/prepare/NAME.sh, for a file in
 * FOLDER/NAME/). */
bool corpus_hint_check(const char *path, Err *err);

#endif
