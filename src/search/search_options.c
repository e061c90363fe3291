#include "search/search_options.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

typedef enum Kind { WHOLE, REAL, FLAG, SEED } Kind;

typedef struct Row {
  const char *name;
  Kind kind;
  size_t offset;
  double low, high;
} Row;

enum { MOST = 1 << 30 };

#define OF_BEAM(field) offsetof(SearchOptions, translate.beam.field)
static const Row rows[] = {
    {"beam_size", WHOLE, OF_BEAM(beam_size), 1, 1000},
    {"n_best", WHOLE, OF_BEAM(n_best), 1, 1000},
    {"length_penalty", REAL, OF_BEAM(length_penalty), 0, HUGE_VAL},
    {"coverage_penalty", REAL, OF_BEAM(coverage_penalty), 0, HUGE_VAL},
    {"max_length", WHOLE, offsetof(SearchOptions, translate.max_length), 1, MOST},
    {"min_length", WHOLE, OF_BEAM(min_length), 0, MOST},
    {"max_length_ratio", REAL, OF_BEAM(max_length_ratio), 1e-9, HUGE_VAL},
    {"batch_size", WHOLE, offsetof(SearchOptions, translate.batch_size), 1, MOST},
    {"no_unknown", FLAG, OF_BEAM(no_unknown), 0, 1},
    {"sample", FLAG, OF_BEAM(sample), 0, 1},
    {"temperature", REAL, OF_BEAM(temperature), 0.001, HUGE_VAL},
    {"top_k", WHOLE, OF_BEAM(top_k), 0, MOST},
    {"seed", SEED, OF_BEAM(seed), 0, 9007199254740991},
    {"attention", WHOLE, offsetof(SearchOptions, attention), SEARCH_NO_ATTENTION, SEARCH_HEADS},
};
enum { N_ROWS = sizeof rows / sizeof *rows };

SearchOptions search_options_usual(const TranslateConfig *c) {
  return (SearchOptions){.translate = {.beam = {.beam_size = c->beam_size,
                                                .n_best = 1,
                                                .length_penalty = c->length_penalty,
                                                .coverage_penalty = c->coverage_penalty,
                                                .max_length_ratio = c->max_length_ratio,
                                                .temperature = 1,
                                                .seed = 1},
                                       .batch_size = c->batch_size,
                                       .max_length = c->max_length}};
}

const char *search_options_name(int i) { return i < N_ROWS ? rows[i].name : NULL; }

static bool refuse_name(const char *name, Err *err) {
  const char *names[N_ROWS];
  for (int i = 0; i < N_ROWS; i++) names[i] = rows[i].name;
  const char *near = str_nearest(name, names, N_ROWS);
  return err_set(err, ERR_USAGE, "\"%.60s\": no such option%s%s%s", name, near == NULL ? "" : "; did you mean \"",
                 near == NULL ? "" : near, near == NULL ? "" : "\"?");
}

static bool refuse_value(const Row *row, double value, double most, Err *err) {
  const char *what = row->kind == REAL ? "a number" : "an integer";
  if (most >= HUGE_VAL)
    return err_set(err, ERR_USAGE, "%s: %g is not %s of at least %g", row->name, value, what, row->low);
  return err_set(err, ERR_USAGE, "%s: %g is not %s from %g to %.16g%s", row->name, value, what, row->low, most,
                 most < row->high ? " here" : "");
}

static const Row *find(const char *name, Err *err) {
  for (int i = 0; i < N_ROWS; i++)
    if (strcmp(rows[i].name, name) == 0) return &rows[i];
  (void)refuse_name(name, err);
  return NULL;
}

bool search_options_has(const char *name, Err *err) { return find(name, err) != NULL; }

bool search_options_set(SearchOptions *o, const char *name, double value, Err *err) {
  return search_options_set_within(o, name, value, HUGE_VAL, err);
}

bool search_options_set_within(SearchOptions *o, const char *name, double value, double most, Err *err) {
  const Row *row = find(name, err);
  if (row == NULL) return false;
  double high = most < row->high ? most : row->high;
  char *at = (char *)o + row->offset;
  bool whole = row->kind == REAL || floor(value) >= value;
  if (!isfinite(value) || !whole || value < row->low || value > high) return refuse_value(row, value, high, err);
  if (row->kind == WHOLE) *(int *)(void *)at = (int)value;
  if (row->kind == REAL) *(double *)(void *)at = value;
  if (row->kind == FLAG) *(bool *)(void *)at = value > 0;
  if (row->kind == SEED) *(uint64_t *)(void *)at = (uint64_t)value;
  return true;
}

static bool same(const Row *row, const SearchOptions *a, const SearchOptions *b) {
  size_t n = row->kind == FLAG ? sizeof(bool) : row->kind == WHOLE ? sizeof(int) : sizeof(double);
  return memcmp((const char *)a + row->offset, (const char *)b + row->offset, n) == 0;
}

bool search_options_equal(const SearchOptions *a, const SearchOptions *b) {
  int i = 0;
  while (i < N_ROWS && same(&rows[i], a, b)) i++;
  return i == N_ROWS;
}

bool search_options_end(SearchOptions *o, const Ensemble *e, Err *err) {
  BeamOptions *beam = &o->translate.beam;
  const char *given = beam->sample                                     ? NULL
                      : beam->top_k != 0                               ? "top_k"
                      : beam->temperature < 1 || beam->temperature > 1 ? "temperature"
                      : beam->seed != 1                                ? "seed"
                                                                       : NULL;
  if (given != NULL)
    return err_set(err, ERR_USAGE, "%s is of sample, which draws at random: add that or leave it out", given);
  if (beam->sample && beam->beam_size != 1 && beam->beam_size != e->members[0]->config.translate.beam_size)
    return err_set(err, ERR_USAGE, "beam_size is of the search for the best, and sample draws: leave one of them out");
  if (!beam->sample && beam->n_best > beam->beam_size)
    return err_set(err, ERR_USAGE, "n_best %d is more than beam_size, %d: give a larger one, or draw with sample",
                   beam->n_best, beam->beam_size);
  if (o->attention == SEARCH_HEADS && e->n > 1)
    return err_set(err, ERR_USAGE, "attention 2 is of one model, whose heads are not those of another");
  beam->weights = o->attention != SEARCH_NO_ATTENTION;
  if (o->attention == SEARCH_HEADS) beam->heads = model_config_heads(&e->members[0]->config.model);
  return true;
}
