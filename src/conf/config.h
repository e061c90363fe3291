/* config.h - the whole configuration of a model, its training and its translating, as one struct whose fields are named
 * like the key paths of the JSON: `train.optimizer.lr` is config.train.optimizer.lr. All keys, with types, defaults and
 * allowed values, are rows of config.def; parsing, messages, the dump, the schema and the man-page test follow them
 * (config_keys.h).
 *
 * A Config owns its strings (NULL: not given); config_free ends it. Const while workers run. */
#ifndef CONF_CONFIG_H
#define CONF_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "ad/guide_loss.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "nn/model_config.h"
#include "text/tokenizer.h"
#include "text/warnings.h"

typedef enum OptimizerKind {
#define OPTIMIZER(name) OPTIMIZER_##name,
#include "conf/optimizers.def"
#undef OPTIMIZER
  N_OPTIMIZERS
} OptimizerKind;

typedef enum ScheduleKind {
#define SCHEDULE(name) SCHEDULE_##name,
#include "conf/schedules.def"
#undef SCHEDULE
  N_SCHEDULES
} ScheduleKind;

typedef enum TrainMetric {
#define TRAIN_METRIC(name) TRAIN_METRIC_##name,
#include "conf/train_metrics.def"
#undef TRAIN_METRIC
  N_TRAIN_METRICS
} TrainMetric;

/* What a line of the source is: a text, or the name of a file of regions (text/region_file.h). */
typedef enum SourceForm { SOURCE_FORM_tokens, SOURCE_FORM_features } SourceForm;

/* A parallel corpus: source and target, or tsv. */
typedef struct CorpusConfig {
  char *source, *target, *tsv;
  char *alignment; /* of the training corpus: Pharaoh links */
  char *graph;     /* links between the tokens of the source */
  int pairs;       /* of the training corpus: the first so many; 0: all */
  int split;       /* of the validation corpus: every so manyth pair of the training text; 0: it has files of its own */
  int fold;        /* of the validation corpus: which of them (pairs.h); 0: the last of each */
} CorpusConfig;

/* Files of word vectors. */
typedef struct EmbeddingsConfig {
  char *source, *target;
} EmbeddingsConfig;

typedef struct DataConfig {
  CorpusConfig train, valid;
  EmbeddingsConfig embeddings;
  char *query_separator; /* of a reader */
  int max_length;        /* tokens a side, without </s> */
  SourceForm source_form;
} DataConfig;

typedef struct VocabSideConfig {
  TokenizerKind tokenizer;
  int size; /* 0: all; counts the four specials */
  int min_count;
  char *file;
  bool lowercase;
  SentencepieceType model_type;
  double sampling; /* 0: off */
} VocabSideConfig;

typedef struct VocabConfig {
  VocabSideConfig source, target;
  bool shared;
} VocabConfig;

typedef struct OptimizerConfig {
  OptimizerKind type;
  double lr, beta1, beta2, epsilon, weight_decay;
  double clip_norm; /* 0: off */
} OptimizerConfig;

typedef struct ScheduleConfig {
  ScheduleKind type;
  int warmup; /* updates */
  double factor;
  int patience;    /* validations */
  int start_epoch; /* from 1 */
  double min_lr;
} ScheduleConfig;

typedef struct GuidedConfig {
  double weight; /* 0: off */
  GuideLoss loss;
} GuidedConfig;

typedef struct TrainConfig {
  char *model;      /* path */
  char *start_from; /* path, or NULL */
  int epochs;
  int updates;    /* 0: no limit */
  int batch_size; /* sentences, or 0 when batch_tokens counts */
  int batch_tokens;
  int shards;
  int64_t seed;
  int threads;
  double label_smoothing;
  int accumulate;
  int validate_every; /* updates; 0: an epoch */
  TrainMetric metric;
  int early_stop;       /* validations; 0: never */
  int patience_updates; /* that a validation stands for at least; 0: none */
  int keep;
  int average; /* 0: off */
  double ema;  /* 0: off */
  int log_every;
  GuidedConfig guided_alignment;
  double doubly_stochastic; /* weight; 0: off */
  OptimizerConfig optimizer;
  ScheduleConfig schedule;
} TrainConfig;

typedef struct TranslateConfig {
  int beam_size;
  double length_penalty, coverage_penalty, max_length_ratio;
  bool ratio_given; /* no key: max_length_ratio was named, and is not to follow from the training text */
  int max_length;   /* tokens of a source line, without </s> */
  int batch_size;
} TranslateConfig;

typedef struct Config {
  DataConfig data;
  VocabConfig vocab;
  ModelConfig model;
  TrainConfig train;
  TranslateConfig translate;
} Config;

/* Reads a config file ("-": standard input; NULL: no file, all defaults), then the n_sets overrides KEY=VALUE in order
 * (VALUE is JSON, else a string), fills in defaults and checks what config_check_model checks. Keys that are set but
 * have no effect are named in warnings: of a file, which may have every key, only those that are not as they would be
 * anyhow. On failure err holds every error, one a line, and *config is empty. */
bool config_load(Config *config, const char *path, const char *const *sets, int n_sets, Warnings *warnings, Err *err);
/* The same from parsed JSON, without a word of what has no effect; name stands before each message, kind is the kind of
 * the errors. */
bool config_from_json(Config *config, const Json *json, const char *name, ErrKind kind, Err *err);
/* Sets single keys, KEY=VALUE, of a config that is complete; computed defaults stay as they were. Warns as
 * config_load. */
bool config_override(Config *config, const char *const *sets, int n_sets, Warnings *warnings, Err *err);
void config_free(Config *config);

/* The resolved config with every key that has a value and an effect. for_model: what model and state files hold, which
 * is without train.threads, and with all keys that are older than conditions. */
Json *config_to_json(const Config *config, bool for_model);
/* Appends the JSON Schema (draft 2020-12) of a config. */
void config_schema(Str *out);
/* Appends a line "KEY: OLD became NEW" for each key whose value differs, but for the n_except keys in except and those
 * that have no effect in either. Returns how many lines. */
int config_diff(Str *out, const Config *old, const Config *new, const char *const *except, int n_except);

/* Sets the key of a path to the value it has in another config. */
void config_copy_key(Config *config, const Config *from, const char *path);

/* Which sizes and choices fit together; name stands before each message (config_check.c). */
bool config_check_model(const Config *config, const char *name, ErrKind kind, Err *err);
/* What training needs besides: the corpora are named. */
bool config_check_train(const Config *config, const char *name, Err *err);

#endif
