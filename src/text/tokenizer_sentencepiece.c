/* tokenizer_sentencepiece.c - pieces of a subword model. */
#include "text/sentencepiece.h"
#include "text/tokenizer.h"

const TokenizerDef tokenizer_sentencepiece = {"sentencepiece", true, sentencepiece_split, sentencepiece_join};
