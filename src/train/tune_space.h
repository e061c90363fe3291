/* tune_space.h - the settings that tune tries: keys that a config leaves open, drawn from tune.def.
 *
 * A draw is a function of the seed, its number and what the config leaves open, and of nothing else. */
#ifndef TRAIN_TUNE_SPACE_H
#define TRAIN_TUNE_SPACE_H

#include "base/json.h"
#include "conf/config.h"

/* The training text, as far as draws hang on it. */
typedef struct TuneText {
  long n_pairs;     /* of training text, those held out included */
  bool characters;  /* its words are single characters: tokenizers are not drawn */
  bool has_subword; /* sentencepiece is there */
} TuneText;

/* Reads the training text. */
bool tune_space_look(TuneText *text, const DataConfig *data, Err *err);

typedef struct TuneDraw {
  char *name;  /* "draw-001-default", "draw-007"; also that of its folder */
  char **sets; /* [n_sets] KEY=VALUE, each of which counts */
  int n_sets;
  bool kept;     /* the config as it is, or a recipe */
  Config config; /* complete; of no model's path */
} TuneDraw;

typedef struct TuneSpace {
  const char *path; /* of the config file */
  const char *const *sets;
  int n_sets;        /* of all draws */
  const Json *given; /* config_file_read of these */
  TuneText text;
  uint64_t seed;
} TuneSpace;

/* The first `most` draws, *n: the config as it is, the recipes, and then random ones; fewer when no more differ.
 * Settings that do not go together are drawn anew. Freed with tune_space_free. NULL when the config itself is refused.
 */
TuneDraw *tune_space_draws(const TuneSpace *space, int most, int *n, Err *err);
void tune_space_free(TuneDraw *draws, int n);

/* The value of a key as a draw has it, "" where it has no effect. Appends. */
void tune_space_value(Str *out, const TuneDraw *draw, const char *path);

#endif
