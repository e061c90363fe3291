/* guide.h - links between the words of a training corpus, which its attention is to follow (train.guided_alignment):
 * read beside the corpus, kept for the pairs it keeps, given out for the tokens that a pair has at the moment.
 *
 * Where tokens are pieces of words, a link is one of all pieces of the source word with all of the target word, however
 * they are drawn; words are those between the white space of the text, and one that the subword model drops is left. A
 * pair with links has one between both </s> besides, as in Marian, but where the source is regions; one without has
 * none. Possible links (i?j) count like sure ones.
 *
 * A Guide belongs to its maker; once ended it never changes and may be shared by any threads. */
#ifndef TRAIN_GUIDE_H
#define TRAIN_GUIDE_H

#include "base/arena.h"
#include "text/corpus.h"

typedef struct Guide Guide;

/* A file of links, in any form that link_file.h reads, of the pairs of the corpus; gzip too. NULL on failure. */
Guide *guide_open(const char *path, const Tokenizer *source, const Tokenizer *target, Warnings *warnings, Err *err);
/* Reads the links of a pair, those of lines before it being passed over: what CorpusOptions.told is, ctx being the
 * Guide. Positions that the pair does not have are an error. */
bool guide_take(void *guide, const CorpusPair *pair, Err *err);
/* After the last pair, with the stats of the corpus. The vocabularies outlive the guide. False when there were not as
 * many lines as in the text, and when no pair that was kept has a link. */
bool guide_end(Guide *guide, const CorpusStats *stats, const Vocab *source, const Vocab *target, Err *err);
void guide_free(Guide *guide); /* guide may be NULL */

/* Links of the pairs kept, where attention has something to follow. */
typedef struct GuideCount {
  long n_links, n_linked, n_pairs; /* n_linked: pairs that have links */
} GuideCount;
GuideCount guide_count(const Guide *guide);

/* Pair number i of the corpus, its tokens being ids: what each target token, with </s>, is linked to, by rising
 * position; on the arena. */
const Linked *guide_links(const Guide *guide, int i, const IdPair *ids, Arena *arena);

#endif
