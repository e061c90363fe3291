#include "text/counter.h"

#include "base/mem.h"

/* Takes in a token seen for the first time. */
static int number_new(Counter *counter, const char *at, size_t n) {
  int number = counter->tokens.n;
  tokens_add(&counter->tokens, at, n);
  if (counter->cap < counter->tokens.cap) {
    counter->cap = counter->tokens.cap;
    counter->counts = mem_grow(counter->counts, (size_t)counter->cap, sizeof *counter->counts, "token counts");
  }
  counter->counts[number] = 0;
  return number;
}

int counter_add(Counter *counter, const char *at, size_t n) {
  int *place = strmap_at(&counter->numbers, at, n);
  if (*place == 0) *place = number_new(counter, at, n) + 1;
  int number = *place - 1;
  counter->counts[number]++;
  return number;
}

void counter_free(Counter *counter) {
  strmap_free(&counter->numbers);
  tokens_free(&counter->tokens);
  mem_free(counter->counts);
  *counter = (Counter){0};
}
