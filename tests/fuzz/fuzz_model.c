/* fuzz_model.c - any bytes as a model file; what loads translates. */
#include "given.h"
#include "search/beam.h"

static void translate(const Translator *t) {
  const Model *model = t->model;
  const int32_t tokens[] = {ID_UNK, ID_UNK};
  const Ids source = {tokens, 2};
  const uint64_t number = 0;
  BeamOptions o = {
      .beam_size = 2, .n_best = 2, .length_penalty = 1, .max_length = 5, .temperature = 1, .weights = true};
  Beam *beam = beam_new(&model, 1);
  Arena *arena = arena_new();
  BeamResult result;
  beam_search(beam, &source, &number, 1, &o, arena, &result);
  CHECK(result.n >= 1, "no translation");
  arena_free(arena);
  beam_free(beam);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Err err = {0};
  Translator *t = translator_load(given_file(data, size), &err);
  if (given_well(t != NULL, &err)) {
    translator_pack(t, NULL);
    translate(t);
  }
  translator_free(t);
  return 0;
}
