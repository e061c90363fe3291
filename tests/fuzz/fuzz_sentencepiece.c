/* fuzz_sentencepiece.c - any bytes as a model of SentencePiece, with which text is split and joined. */
#include "given.h"
#include "text/sentencepiece.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char text[] = "a b\xE2\x96\x81 <unk> \xC2\xA0 x";
  Err err = {0};
  Sentencepiece *sp = sentencepiece_load(data, size, "fuzz", &err);
  if (!given_well(sp != NULL, &err)) return 0;
  Tokens pieces = {0};
  Str joined = {0};
  sentencepiece_split(sp, text, sizeof text - 1, &pieces);
  sentencepiece_join(sp, &pieces, &joined, NULL);
  tokens_clear(&pieces);
  sentencepiece_pieces(sp, &pieces);
  (void)sentencepiece_type(sp);
  tokens_free(&pieces);
  str_free(&joined);
  sentencepiece_free(sp);
  return 0;
}
