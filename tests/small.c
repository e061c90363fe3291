#include "small.h"

#include <check.h>
#include <string.h>

static Vocab *vocab(const char *json) {
  Err err = {0};
  Vocab *v = vocab_from_json(json, strlen(json), "vocabulary", &err);
  ck_assert_msg(v != NULL, "%s", err.text);
  return v;
}

Translator *small_translator(uint64_t seed, const char *const *sets, int n_sets) {
  static const char *const own[] = {"model.embedding=4", "model.encoder.hidden=3", "model.decoder.hidden=5",
                                    "train.threads=1"};
  enum { N_OWN = sizeof own / sizeof *own, MOST = 16 };
  const char *all[MOST];
  ck_assert_int_le(N_OWN + n_sets, MOST);
  for (int i = 0; i < N_OWN; i++) all[i] = own[i];
  for (int i = 0; i < n_sets; i++) all[N_OWN + i] = sets[i];
  Config config;
  Err err = {0};
  ck_assert_msg(config_load(&config, NULL, all, N_OWN + n_sets, NULL, &err), "%s", err.text);
  Translator *t = translator_new(&config, tokenizer_new(config.vocab.source.tokenizer, false, NULL),
                                 vocab("[\"<pad>\",\"<s>\",\"</s>\",\"<unk>\",\"a\",\"b\",\"c\"]"),
                                 tokenizer_new(config.vocab.target.tokenizer, false, NULL),
                                 vocab("[\"<pad>\",\"<s>\",\"</s>\",\"<unk>\",\"uno\",\"due\"]"));
  param_start(&t->model->params, seed);
  return t;
}
