/* word_alignment.h - from the alignment of subword pieces to that of words.
 *
 * Words are those of the text that the pieces are of (text/words.h); where it is not at hand, as for alignments read
 * from a file, a word is a run of pieces, of which the first starts with U+2581. `</s>` at the end stands alone. A
 * WordAlignment belongs to its caller and to one thread; zero-initialised it is empty and ready, word_alignment_free
 * ends it. */
#ifndef EVAL_WORD_ALIGNMENT_H
#define EVAL_WORD_ALIGNMENT_H

#include "eval/alignment.h"

/* word[i] of n pieces receives the number of the word that piece i belongs to, counted from 0; returns how many words
 * there are. They are the words between the white space of the text: U+2581 alone is none, it belongs to the next, at
 * the end to the last. */
int word_alignment_spans(const char *const *pieces, int n, int *word);

/* Whether the source or target tokens of a, the last of them `</s>`, are pieces whose words a picture is better made
 * of: one of them begins with U+2581 or their text is at hand, there are several words, and these do not take many
 * pieces each, as those of a script without blanks would. */
bool word_alignment_wanted(const Alignment *a, bool target);

typedef struct WordAlignment {
  Alignment alignment; /* views of what follows, and of what was given */
  Str text;            /* the words, each followed by NUL */
  int cap_pieces;
  size_t cap_cells;
  WordSpan *spans; /* [cap_pieces], source, target, then what the decoder has read of it */
  int *shares;     /* [cap_pieces] how many pieces a target word has */
  const char **words;
  bool *unknown;
  double *logprob;
  float *weights; /* [cap_cells] of the alignment, then of each head, kind by kind */
} WordAlignment;

/* Fills w->alignment: weights, those of all heads too, summed over the pieces of a source word and
 * averaged over those of a target word, log-probabilities of a target word summed, a word unknown when one of its
 * pieces is. A piece of several words counts for each with an equal part; a word without pieces has no weight. A side
 * that is not of pieces stays as it is. Log-probabilities may be NULL. a outlives the use. */
void word_alignment_set(WordAlignment *w, const Alignment *a, bool source_pieces, bool target_pieces);
void word_alignment_free(WordAlignment *w);

#endif
