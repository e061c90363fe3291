/* search_options.h - how a text is to be translated, by names and numbers: what a service and a library are asked for.
 *
 * The names are those of the command line, with _ for -. Pure. */
#ifndef SEARCH_SEARCH_OPTIONS_H
#define SEARCH_SEARCH_OPTIONS_H

#include "search/ensemble.h"
#include "search/translate.h"

/* What is told of attention. */
typedef enum SearchAttention {
  SEARCH_NO_ATTENTION,
  SEARCH_ALIGNMENT,
  SEARCH_HEADS /* and of every layer and head; of a single model */
} SearchAttention;

typedef struct SearchOptions {
  TranslateOptions translate;
  int attention; /* a SearchAttention */
} SearchOptions;

/* As a model's config has it: its best translation, nothing of attention. */
SearchOptions search_options_usual(const TranslateConfig *config);
/* Sets one: beam_size, n_best, length_penalty, coverage_penalty, max_length, min_length, max_length_ratio, batch_size,
 * no_unknown, sample, temperature, top_k, seed or attention. An unknown name or a value outside its range is ERR_USAGE.
 */
bool search_options_set(SearchOptions *options, const char *name, double value, Err *err);
/* The same where no more than `most` is allowed, which need not be less than its range allows. */
bool search_options_set_within(SearchOptions *options, const char *name, double value, double most, Err *err);
/* Whether there is one of that name; if not, ERR_USAGE. */
bool search_options_has(const char *name, Err *err);
/* Name i, from 0; NULL after the last. */
const char *search_options_name(int i);
/* Whether texts can be translated together by both. */
bool search_options_equal(const SearchOptions *a, const SearchOptions *b);
/* Checks what goes with what, and asks for what is told of attention; once all are set. */
bool search_options_end(SearchOptions *options, const Ensemble *ensemble, Err *err);

#endif
