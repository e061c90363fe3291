/* cloze.h - sources that are a document and a query about it, as in cloze tests (Hermann et al. 2015): the words before
 * the first separator and those behind it. Both are encoded by the same encoder, each by itself, and stand for the
 * whole line: the document with its </s> in the place of the separator. A line without a separator is a document. */
#ifndef NN_CLOZE_H
#define NN_CLOZE_H

#include "nn/encoder.h"

/* With ids, passages and queries. A query without words is its </s>, without a separator the document's. */
Encoded *cloze_encode(const Encoder *encoder, Tape *tape, const Ids *sources, int n, const Noise *noise);

#endif
