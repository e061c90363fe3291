/* fit.h - whether a text fits the side of a model that it is given to: tokens that are unknown, otherwise cased, or of
 * the other side's language. One check for every command that gives text to a model.
 *
 * A Fit belongs to its caller and to one thread; fit_free ends it. */
#ifndef SEARCH_FIT_H
#define SEARCH_FIT_H

#include "search/tokenized.h"
#include "search/translator.h"
#include "text/warnings.h"

typedef struct FitCount {
  int64_t n_tokens, n_unknown;
} FitCount;

typedef struct Fit {
  const Translator *translator;
  bool target;         /* which side it is given to */
  FitCount all;        /* of the text, as that side splits it */
  int64_t n_lower;     /* unknown tokens that are known in lower case */
  int64_t n_bare;      /* others that are known without the punctuation attached to them */
  FitCount own, other; /* of its first lines, as that side and as the other side splits them */
  long n_lines;
  Tokenized swapped;
  Str lower;
} Fit;

Fit fit_new(const Translator *translator, bool target);
void fit_free(Fit *fit);
/* Counts a line, of which the first n_read tokens are read. */
void fit_add(Fit *fit, const Tokenized *line, int n_read);
/* Says what looks wrong with a text; name is what messages call it. warnings may be NULL. */
void fit_warn(const Fit *fit, const char *name, Warnings *warnings);
/* The same of two texts that belong to each other. */
void fit_warn_pair(const Fit *source, const char *source_name, const Fit *target, const char *target_name,
                   Warnings *warnings);

#endif
