/* info_json.h - a model file or training state as one JSON object, of what info.h tells in plain text. Pure. */
#ifndef TRAIN_INFO_JSON_H
#define TRAIN_INFO_JSON_H

#include "search/translator.h"
#include "train/checkpoint.h"

/* {"file","kind":"model","parameters","config","tensors","vocabularies","metric","validations"} */
Json *info_json_model(const Translator *translator, const SafeTensors *file, const char *path);
/* {"file","kind":"state","step","epoch","config","tensors","corpora","metric","validations"} */
Json *info_json_state(const CheckpointInfo *info, const SafeTensors *file, const char *path);

#endif
