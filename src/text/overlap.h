/* overlap.h - what two corpora have in common. Pure. */
#ifndef TEXT_OVERLAP_H
#define TEXT_OVERLAP_H

#include "text/corpus.h"

/* Pairs of a corpus whose source stands in another corpus too, token for token, both mapped by the same vocabulary.
 * Sources with unknown tokens are not told apart and do not count. */
int overlap_count(const Corpus *corpus, const Corpus *other);

#endif
