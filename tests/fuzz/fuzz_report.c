/* fuzz_report.c - any bytes as the page of a training that goes on. */
#include "given.h"
#include "train/train_report.h"

static Corpus *pairs(const Translator *t) {
  Err err = {0};
  const char *path = given_file((const uint8_t *)"a b\tb a\n", 8);
  const CorpusOptions options = {.source = t->source_tokenizer, .target = t->target_tokenizer, .keep_text = true};
  Corpus *corpus = corpus_load(&(PairFiles){.tsv = path}, &options, t->source_vocab, t->target_vocab, &err);
  CHECK(corpus != NULL, "%s", err.text);
  return corpus;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static Translator *translator;
  static Corpus *corpus;
  static Pool *pool;
  if (translator == NULL) {
    translator = given_translator();
    corpus = pairs(translator);
    pool = pool_new(1);
  }
  Err err = {0};
  TrainReport *report = train_report_open(&(TrainReportPlan){.path = given_file(data, size),
                                                             .translator = translator,
                                                             .pool = pool,
                                                             .valid = corpus,
                                                             .resumed = true,
                                                             .step = 1000000},
                                          &err);
  (void)given_well(report != NULL, &err);
  train_report_close(report);
  return 0;
}
