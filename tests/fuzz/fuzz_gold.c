/* fuzz_gold.c - any bytes as gold links in any of their forms, read sentence by sentence. */
#include "eval/gold.h"

#include "given.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Err err = {0};
  Gold *gold = gold_read(given_file(data, size), size % 2 == 1, NULL, &err);
  if (given_well(gold != NULL, &err))
    for (int i = 0; i < gold_count(gold); i++)
      if (!given_well(gold_get(gold, i, &err) != NULL, &err)) break;
  gold_free(gold);
  return 0;
}
