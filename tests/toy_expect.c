#include "toy_expect.h"

#include <check.h>

#include "text/toy.h"

void toy_expect(const char *toy, int stratum, uint64_t index, const char *source, const char *target,
                const char *links) {
  ToyPair pair = {0};
  Str text = {0};
  toy_make(toy_find(toy), stratum, index, &pair);
  ck_assert_str_eq(pair.source.at, source);
  ck_assert_str_eq(pair.target.at, target);
  for (int k = 0; k < pair.n_links; k++) str_addf(&text, " %d-%d", pair.links[k].source, pair.links[k].target);
  ck_assert_str_eq(text.at, links);
  str_free(&text);
  toy_pair_free(&pair);
}
