/* translator.h - all that a model file holds: config, vocabularies, tokenizers, weights, history. Loading, checking and
 * saving of model files (model.md's "The file"; doc/DESIGN.md).
 *
 * A Translator owns everything in it. It is const while workers run and may then be shared by any threads. One that was
 * loaded reads its weights in the mapped file, which must stay as it is meanwhile: `train` never writes into a file, it
 * puts a new one into its place. */
#ifndef SEARCH_TRANSLATOR_H
#define SEARCH_TRANSLATOR_H

#include "conf/config.h"
#include "nn/model.h"
#include "num/safetensors.h"
#include "text/vocab.h"

/* Of the products with weights in translating and scoring. */
typedef enum Precision {
  PRECISION_USUAL, /* float32; of a quantised model int8 */
  PRECISION_FLOAT32,
  PRECISION_INT8 /* weights and inputs rounded to 8 bits (num/int8.h) */
} Precision;

typedef struct Translator {
  Config config;
  Vocab *source_vocab, *target_vocab;
  Tokenizer *source_tokenizer, *target_tokenizer;
  Model *model;
  Json *history;     /* array of validations: {step, epoch, loss, metric} */
  SafeTensors *file; /* what it was loaded from, or NULL */
  real *own;         /* weights that are not read there, or NULL */
  bool quantised;    /* matrices of the file are of 8 bits, and its values rounded to them: see quantize_model */
  Precision precision;
} Translator;

/* The id of data.query_separator; 0: the vocabulary does not have it. */
int translator_separator(const Config *config, const Vocab *source);
/* Takes over config, tokenizers and vocabularies; the model's weights are zero. */
Translator *translator_new(const Config *config, Tokenizer *source_tokenizer, Vocab *source_vocab,
                           Tokenizer *target_tokenizer, Vocab *target_vocab);
/* Also a file of PyTorch's modules (weights.h): one prefix before all names is stripped, biases left out are 0, and
 * model.final_norm, where the file's config does not have it, follows from the tensors. NULL with the reason: a file
 * that is missing, damaged, foreign, or whose tensors do not fit its config (ERR_FILE; all missing, unexpected and
 * mis-shaped tensors are named together). */
Translator *translator_load(const char *path, Err *err);
void translator_free(Translator *translator);
/* What reads the source of a config whose data.source_form is features. The caller's. */
Tokenizer *translator_regions(const Config *config);
/* False when its file, where the weights are read, has been written to since it was loaded. */
bool translator_unchanged(const Translator *translator, Err *err);

/* Lays out the weights anew for the products of translating and scoring, of its precision; pool may be NULL. Before
 * either begins: it is left out of loading, which is much the shorter. */
void translator_pack(Translator *translator, Pool *pool);

/* Puts metadata and the weights of a block in the model's layout (usually model->params.values) into a writer. The
 * block is borrowed until safetensors_finish. */
void translator_put(const Translator *translator, SafeTensorsWriter *writer, const real *values);
/* Likewise all but the weights. */
void translator_put_rest(const Translator *translator, SafeTensorsWriter *writer);
/* Finishes a file and puts it into place; another that stands there is an error unless it may be overwritten. Frees the
 * writer. */
bool translator_publish(SafeTensorsWriter *writer, const char *path, bool overwrite, Err *err);
/* False for a quantised model: err (ERR_FILE) says that it is not for what is done with it, as in "be averaged". */
bool translator_exact(const Translator *translator, const char *path, const char *what, Err *err);
/* Writes the model file in one go. Not of a translator that was loaded, unless its parameters are its own
 * (param_own). */
bool translator_save(const Translator *translator, const char *path, Err *err);
/* Puts (gets) the tensors of a block, each named prefix + its parameter's name. */
void translator_put_block(const ParamSet *set, SafeTensorsWriter *writer, const char *prefix, const real *block);
bool translator_get_block(const ParamSet *set, const SafeTensors *file, const char *path, const char *prefix,
                          real *block, Err *err);

#endif
