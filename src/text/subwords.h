/* subwords.h - learns the subword model of a vocabulary from a parallel text. Pure but for the files it reads. */
#ifndef TEXT_SUBWORDS_H
#define TEXT_SUBWORDS_H

#include "text/pairs.h"
#include "text/sentencepiece.h"

typedef struct SubwordsOptions {
  bool source, target; /* the sides to learn from, one or both */
  bool lowercase;
  SentencepieceType type;
  int size;
  const char *name; /* what messages call the vocabulary */
} SubwordsOptions;

/* Learns from all pairs that have no empty side. The caller's; NULL on failure. */
Sentencepiece *subwords_learn(const PairFiles *files, const SubwordsOptions *options, Err *err);
/* Reads a given model. */
Sentencepiece *subwords_read(const char *path, Err *err);

#endif
