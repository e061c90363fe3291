/* info.h - a model file or training state, told in plain text or as a JSON object: config, tensors, vocabularies,
 * validations. The file is checked on the way as loading would, and its numbers must be finite. The text depends on the
 * file alone. */
#ifndef TRAIN_INFO_H
#define TRAIN_INFO_H

#include "base/err.h"
#include "base/str.h"

typedef enum InfoForm { INFO_TEXT, INFO_JSON } InfoForm;

/* Appends the text, or one JSON object and a line end, to out. False when the file is not whole and sound (ERR_FILE);
 * out may then hold a part. */
bool info_describe(Str *out, const char *path, InfoForm form, Err *err);

#endif
