/* fuzz_tsv.c - any bytes as pairs in one file, for tokens of words or characters. */
#include "given.h"
#include "text/corpus.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Err err = {0};
  Vocab *vocab = given_vocab();
  Tokenizer *tokenizer = tokenizer_new(size % 2 == 0 ? TOKENIZER_word : TOKENIZER_char, size % 3 == 0, NULL);
  const CorpusOptions options = {.source = tokenizer, .target = tokenizer, .max_source = 9, .keep_text = true};
  const char *path = given_file(data, size);
  Corpus *corpus = corpus_load(&(PairFiles){.tsv = path}, &options, vocab, vocab, &err);
  if (given_well(corpus != NULL, &err))
    for (int i = 0; i < corpus_size(corpus); i++)
      CHECK(corpus_pair(corpus, i).source.n <= 9 && corpus_text(corpus, i).source != NULL, "pair %d", i);
  corpus_free(corpus);
  tokenizer_free(tokenizer);
  vocab_free(vocab);
  return 0;
}
