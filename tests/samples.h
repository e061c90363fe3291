/* samples.h - small alignments that several suites use. Constant. */
#ifndef TESTS_SAMPLES_H
#define TESTS_SAMPLES_H

#include "eval/alignment.h"

/* Two words to two words, with tokens that need quoting and weights that need nine digits. */
extern const Alignment sample_quoted;
/* A line with nothing on it. */
extern const Alignment sample_empty;
/* Three words to four; ties; one word that looks at `</s>` most. Links 0-3 1-0 1-1. */
extern const Alignment sample_ties;

#endif
