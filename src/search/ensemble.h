/* ensemble.h - one or more model files that translate or score together.
 *
 * An Ensemble owns its members; it is const while workers run and may then be shared by any threads. */
#ifndef SEARCH_ENSEMBLE_H
#define SEARCH_ENSEMBLE_H

#include "search/translator.h"

typedef struct Ensemble {
  Translator **members; /* [n]; text goes by the first one's tokenizers and vocabularies, which all share */
  const Model **models; /* [n] */
  int n;
  ModelLimits longest; /* what every member can read and write */
  ModelRoom room;      /* that all take for a pair */
} Ensemble;

/* Loads n >= 1 files. Members whose vocabularies or tokenizers differ are an error that names both files. */
bool ensemble_load(Ensemble *ensemble, const char *const *paths, int n, Err *err);
/* Whether links between the tokens of a text, in the file `graph`, NULL: none, are given to models that read them, and
 * to those that were trained with some; if not, err (ERR_USAGE) says so. */
bool ensemble_links(const Ensemble *ensemble, const char *graph, Err *err);
/* The first member of model.attention.focus hard; 0 where there is none. */
int ensemble_hard(const Ensemble *ensemble);
/* From now on all members look as model.attention.hard.inference of that one's config says. */
void ensemble_look(Ensemble *ensemble);
/* Prepares the members' weights for translating and scoring, before workers begin. */
void ensemble_pack(const Ensemble *ensemble, Pool *pool);
/* Whether the members can score a pair of so many tokens a side, without `</s>`; if not, err (ERR_FILE) says why. */
bool ensemble_scores(const Ensemble *ensemble, int n_source, int n_target, Err *err);
/* False, with the file, when one has been written to since: what the models say now may be nonsense. */
bool ensemble_unchanged(const Ensemble *ensemble, Err *err);
void ensemble_free(Ensemble *ensemble);

#endif
