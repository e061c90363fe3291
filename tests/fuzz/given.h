/* given.h - what the harnesses share: the bytes of the fuzzer as a file, and small things to read it with. One thread.
 */
#ifndef FUZZ_GIVEN_H
#define FUZZ_GIVEN_H

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "search/translator.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The path of a file that holds these bytes, until the next call. */
static inline const char *given_file(const uint8_t *data, size_t size) {
  static char in_memory[] = "/dev/shm/fuzz-XXXXXX", on_disk[] = "/tmp/fuzz-XXXXXX", path[64];
  static int fd = -1;
  if (fd < 0) {
    fd = mkstemp(in_memory);
    if (fd < 0) fd = mkstemp(on_disk);
    (void)unlink(in_memory);
    (void)unlink(on_disk);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  }
  CHECK(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size, "%s: cannot write", path);
  return path;
}

/* What is refused has a reason, and what has a reason is refused. */
static inline bool given_well(bool ok, const Err *err) {
  CHECK(ok == (err->kind == ERR_NONE) && ok == (err->text[0] == '\0'), "%s", ok ? err->text : "no reason");
  return ok;
}

/* The words a, b and c. */
static inline Vocab *given_vocab(void) {
  static const char json[] = "[\"<pad>\",\"<s>\",\"</s>\",\"<unk>\",\"a\",\"b\",\"c\"]";
  Err err = {0};
  Vocab *vocab = vocab_from_json(json, strlen(json), "vocabulary", &err);
  CHECK(vocab != NULL, "%s", err.text);
  return vocab;
}

/* A model of these words. */
static inline Translator *given_translator(void) {
  const char *const sets[] = {"model.embedding=4", "model.encoder.hidden=3", "model.decoder.hidden=5",
                              "train.threads=1"};
  Config config;
  Err err = {0};
  CHECK(config_load(&config, NULL, sets, 4, NULL, &err), "%s", err.text);
  Translator *t = translator_new(&config, tokenizer_new(TOKENIZER_word, false, NULL), given_vocab(),
                                 tokenizer_new(TOKENIZER_word, false, NULL), given_vocab());
  param_start(&t->model->params, 1);
  return t;
}

#endif
