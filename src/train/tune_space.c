#include "train/tune_space.h"

#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "conf/config_file.h"
#include "conf/config_keys.h"
#include "text/pairs.h"
#include "text/sentencepiece.h"
#include "train/corpora.h"

typedef struct Row {
  const char *keys, *values;
  bool whole;
} Row;

static const Row rows[] = {
#define DRAW(keys, values) {keys, values, false},
#define WHOLE(keys, values) {keys, values, true},
#define RECIPE(name, sets)
#include "train/tune.def"
};

typedef struct Recipe {
  const char *name, *sets;
} Recipe;

static const Recipe recipes[] = {
#define DRAW(keys, values)
#define WHOLE(keys, values)
#define RECIPE(name, sets) {name, sets},
#include "train/tune.def"
};

enum { N_ROWS = sizeof rows / sizeof *rows, N_RECIPES = sizeof recipes / sizeof *recipes, TRIES = 40 };

/* ---- The text. */

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool tune_space_look(TuneText *text, const DataConfig *data, Err *err) {
  PairFiles files = corpora_train(data);
  files.every = 0;
  Pairs *pairs = pairs_open(&files, NULL, err);
  Pair pair;
  long words = 0, signs = 0;
  int got = -1;
  *text = (TuneText){.has_subword = sentencepiece_missing() == NULL};
  while (pairs != NULL && (got = pairs_next(pairs, &pair, err)) == 1) {
    text->n_pairs++;
    for (size_t i = 0; i < pair.n_target; i++) {
      words += !is_blank(pair.target[i]) && (i == 0 || is_blank(pair.target[i - 1]));
      signs += !is_blank(pair.target[i]) && (pair.target[i] & 0xC0) != 0x80;
    }
  }
  text->characters = (double)signs < 1.5 * (double)words;
  const char *path = pairs == NULL ? "" : pairs_path(pairs);
  if (got == 0 && text->n_pairs < 2) got = err_set(err, ERR_FILE, "%s: fewer than two pairs", path) - 1;
  pairs_close(pairs);
  return got == 0;
}

/* ---- Draws. */

static void add_set(TuneDraw *draw, const char *path, size_t n_path, const char *value, size_t n_value) {
  Str set = {0};
  str_add(&set, path, n_path);
  str_addc(&set, '=');
  str_add(&set, value, n_value);
  draw->sets = mem_grow(draw->sets, (size_t)draw->n_sets + 1, sizeof *draw->sets, "draws");
  draw->sets[draw->n_sets++] = set.at;
}

static void free_draw(TuneDraw *draw) {
  for (int i = 0; i < draw->n_sets; i++) mem_free(draw->sets[i]);
  mem_free(draw->sets);
  mem_free(draw->name);
  config_free(&draw->config);
  *draw = (TuneDraw){0};
}

static bool is_open(const TuneSpace *s, const char *path, size_t n) {
  char *text = mem_text(path, n);
  bool vocab = strncmp(text, "vocab.", 6) == 0 && strcmp(text, "vocab.shared") != 0;
  bool open = !config_file_settles(s->given, text) && !(vocab && s->text.characters);
  mem_free(text);
  return open;
}

/* The part of a text with bars or commas between its parts. */
static const char *part_of(const char *text, const char *ends, int k, size_t *n) {
  while (k-- > 0) text += strcspn(text, ends) + 1;
  *n = strcspn(text, ends);
  return text;
}

static int count_parts(const char *text, char end) {
  int n = 1;
  for (; *text != '\0'; text++) n += *text == end;
  return n;
}

static bool all_open(const TuneSpace *s, const Row *row) {
  size_t n;
  for (int k = 0; k < count_parts(row->keys, ','); k++) {
    const char *path = part_of(row->keys, ",", k, &n);
    if (!is_open(s, path, n)) return false;
  }
  return true;
}

static void draw_row(const TuneSpace *s, const Row *row, uint64_t key, TuneDraw *draw) {
  if (row->whole && !all_open(s, row)) return;
  uint64_t which = rng_below(rng_subkey(key, rng_name(row->keys)), 0, (uint64_t)count_parts(row->values, '|'));
  size_t n_path, n_value;
  const char *value = part_of(row->values, "|", (int)which, &n_value);
  for (int k = 0; k < count_parts(row->keys, ','); k++) {
    const char *path = part_of(row->keys, ",", k, &n_path), *at = part_of(value, ",|", k, &n_value);
    if (is_open(s, path, n_path)) add_set(draw, path, n_path, at, n_value);
  }
}

static void take_recipe(const TuneSpace *s, const Recipe *recipe, TuneDraw *draw) {
  for (const char *at = recipe->sets; *at != '\0';) {
    size_t n = strcspn(at, " "), n_path = strcspn(at, "=");
    if (is_open(s, at, n_path)) add_set(draw, at, n_path, at + n_path + 1, n - n_path - 1);
    at += n + (at[n] == ' ');
  }
}

/* ---- Whether a draw will do. */

/* Settings without effect go: they would be warned of where the best of them is trained. */
static void drop_idle(TuneDraw *draw) {
  int n = 0;
  for (int i = 0; i < draw->n_sets; i++) {
    char *path = mem_text(draw->sets[i], strcspn(draw->sets[i], "="));
    bool counts = config_keys_use(&draw->config, config_keys_at(config_keys_find(path))).counts;
    if (counts) draw->sets[n++] = draw->sets[i];
    else mem_free(draw->sets[i]);
    mem_free(path);
  }
  draw->n_sets = n;
}

/* So many pieces are not to be had of so little text, or nothing splits into pieces. */
static bool pieces_fit(const TuneSpace *s, const VocabSideConfig *v, bool drawn) {
  if (!drawn || v->tokenizer != TOKENIZER_sentencepiece) return true;
  return s->text.has_subword && v->size <= 2 * s->text.n_pairs;
}

static bool load(const TuneSpace *s, TuneDraw *draw, Err *err) {
  int n = s->n_sets + draw->n_sets;
  const char **sets = mem_alloc((size_t)n + 1, sizeof *sets, "draws");
  for (int i = 0; i < n; i++) sets[i] = i < s->n_sets ? s->sets[i] : draw->sets[i - s->n_sets];
  bool ok = config_load(&draw->config, s->path, sets, n, NULL, err);
  mem_free(sets);
  return ok;
}

static bool same_sets(const TuneDraw *a, const TuneDraw *b) {
  bool same = a->n_sets == b->n_sets;
  for (int i = 0; same && i < a->n_sets; i++) same = strcmp(a->sets[i], b->sets[i]) == 0;
  return same;
}

/* Complete, and unlike those before it. */
static bool will_do(const TuneSpace *s, TuneDraw *draws, int n) {
  TuneDraw *draw = &draws[n];
  Err refused = {0};
  if (!load(s, draw, &refused)) return false;
  bool drawn = is_open(s, "vocab.source.size", strlen("vocab.source.size"));
  drop_idle(draw);
  if (!pieces_fit(s, &draw->config.vocab.source, drawn) || !pieces_fit(s, &draw->config.vocab.target, drawn))
    return false;
  for (int i = 0; i < n; i++)
    if (same_sets(&draws[i], draw)) return false;
  return true;
}

static bool keep(const TuneSpace *s, TuneDraw *draws, int *n, const char *name) {
  bool ok = will_do(s, draws, *n);
  if (!ok) {
    free_draw(&draws[*n]);
    return false;
  }
  Str text = {0};
  str_addf(&text, "draw-%03d%s%s", *n + 1, name == NULL ? "" : "-", name == NULL ? "" : name);
  draws[*n].name = text.at;
  draws[*n].kept = name != NULL;
  (*n)++;
  return true;
}

TuneDraw *tune_space_draws(const TuneSpace *s, int most, int *n, Err *err) {
  TuneDraw *draws = mem_zero((size_t)most + 1, sizeof *draws, "draws");
  *n = 0;
  if (!load(s, &draws[0], err)) {
    mem_free(draws);
    return NULL;
  }
  config_free(&draws[0].config);
  (void)keep(s, draws, n, "default");
  for (int i = 0; i < N_RECIPES && *n < most; i++) {
    take_recipe(s, &recipes[i], &draws[*n]);
    (void)keep(s, draws, n, recipes[i].name);
  }
  for (long number = 1; *n < most && number <= (long)TRIES * most; number++) {
    uint64_t key = rng_key(s->seed, RNG_TUNE, (uint64_t)number, 0);
    for (int i = 0; i < N_ROWS; i++) draw_row(s, &rows[i], key, &draws[*n]);
    (void)keep(s, draws, n, NULL);
  }
  return draws;
}

void tune_space_free(TuneDraw *draws, int n) {
  for (int i = 0; i < n; i++) free_draw(&draws[i]);
  mem_free(draws);
}

void tune_space_value(Str *out, const TuneDraw *draw, const char *path) {
  const ConfigKey *key = config_keys_at(config_keys_find(path));
  Json *value = config_keys_use(&draw->config, key).counts ? config_keys_get(&draw->config, key) : NULL;
  if (value != NULL && json_type(value) == JSON_STRING) str_adds(out, json_string(value));
  else if (value != NULL) json_print(out, value, false);
  else str_addc(out, '-');
  json_free(value);
}
