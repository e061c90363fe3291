#include "train/compare.h"

#include <string.h>

#include "base/io.h"
#include "base/lock.h"
#include "base/mem.h"
#include "num/blas.h"
#include "train/agreed.h"
#include "train/compare_page.h"
#include "train/corpora.h"
#include "train/exhibit.h"
#include "train/exhibit_list.h"
#include "train/trial.h"

typedef struct Compare {
  const CompareOptions *options;
  Variants variants;
  Config *configs; /* [variants.n], empty once handed to a training */
  bool *anew;      /* [variants.n]: what was begun is of another config, and is replaced */
  CompareRow *rows;
  Lock *lock;
  CompareResult result;
  Gold *gold;   /* or NULL */
  bool *common; /* [result.n_pairs] validation pairs that all done so far were measured on, or NULL; of same_text */
  Json *shared;
  ExhibitList shown; /* pairs of the page; where none are named, chosen with the first variant */
} Compare;

static Trial trial_of(const Compare *c, int i) {
  return (Trial){c->options->folder, i < 0 ? NULL : c->variants.at[i].name};
}

/* DIR/NAME/file. */
static Str file_of(const Compare *c, int i, const char *file) {
  Trial trial = trial_of(c, i);
  return trial_file(&trial, file);
}

/* ---- Before any training. */

static bool load_config(Compare *c, int i, Warnings *warnings, Err *err) {
  const CompareOptions *o = c->options;
  const Variant *variant = &c->variants.at[i];
  Trial trial = trial_of(c, i);
  TrialConfig of = {o->config, o->sets, o->n_sets, (const char *const *)variant->sets, variant->n_sets};
  return trial_load(&c->configs[i], &trial, &of, warnings, err);
}

static bool check_begun(const Compare *c, int i, Err *err) {
  Trial trial = trial_of(c, i);
  return trial_check(&trial, &c->configs[i], err);
}

/* Every variant that is refused, by name. */
static bool check_variants(Compare *c, Err *err) {
  Agreed agreed = {0};
  Warnings warnings = {.warn = agreed_add, .ctx = &agreed};
  bool ok = true;
  for (int i = 0; i < c->variants.n; i++) {
    Err one = {0};
    bool loaded = load_config(c, i, &warnings, &one);
    if (loaded && check_begun(c, i, &one)) continue;
    c->anew[i] = loaded && c->options->overwrite;
    if (!c->anew[i]) ok = err_add(err, one.kind, "variant %s: %s", c->variants.at[i].name, one.text);
  }
  if (ok) agreed_tell(&agreed, c->variants.n, c->options->useless);
  agreed_free(&agreed);
  return ok;
}

static bool check_keys(const Compare *c, Err *err) {
  const CompareOptions *o = c->options;
  for (int k = 0; k < c->variants.n_keys; k++)
    for (int i = 0; i < c->variants.keys[k].n_paths; i++)
      if (strcmp(c->variants.keys[k].paths[i], "train.model") == 0)
        return err_set(err, ERR_USAGE,
                       "--vary train.model: every variant has its model in a folder of its own; leave it out");
  for (int i = 0; i < o->n_sets; i++)
    if (o->n_seeds > 1 && strncmp(o->sets[i], "train.seed=", strlen("train.seed=")) == 0)
      return err_set(err, ERR_USAGE, "--set %s: --seeds %d trains with seeds 1 to %d; leave one of them out",
                     o->sets[i], o->n_seeds, o->n_seeds);
  return true;
}

/* What is named on the command line of the validation pairs: their links, and sentences to show. */
static bool read_named(Compare *c, Err *err) {
  const CompareOptions *o = c->options;
  Heldout pairs;
  if (o->gold == NULL && o->sentences == NULL) return true;
  if (!heldout_read(&pairs, &c->configs[0].data, err)) return false;
  HeldoutLinks links = {o->gold, o->from_1, o->observer.warnings};
  bool ok = o->gold == NULL || (c->gold = heldout_gold(&pairs, &links, &c->configs[0], err)) != NULL;
  ok = ok && (o->sentences == NULL || exhibit_list_read(&c->shown, o->sentences, &pairs, err));
  heldout_free(&pairs);
  return ok;
}

/* Whether the line of an earlier table.tsv begins with the values of variant i. */
static bool is_row_of(const Compare *c, int i, const char *line, size_t n) {
  Str start = {0};
  for (int k = 0; k < c->variants.n_told; k++)
    str_addf(&start, "%s\t", c->variants.keys[k].values[c->variants.at[i].value[k]]);
  bool is = n >= start.n && memcmp(line, start.at, start.n) == 0;
  str_free(&start);
  return is;
}

/* The labels of the keys as the table has them above their values. */
static bool is_head(const Compare *c, const char *line, size_t n) {
  Str start = {0};
  for (int k = 0; k < c->variants.n_told; k++) str_addf(&start, "%s\t", c->variants.keys[k].label);
  bool is = n >= start.n && memcmp(line, start.at, start.n) == 0;
  str_free(&start);
  return is;
}

/* True when the table at path tells of nothing but these variants. */
static bool is_table(const Compare *c, const char *path) {
  Err ignored = {0};
  IoLines *lines = io_lines_open(path, &ignored);
  const char *line;
  size_t n;
  bool ok = lines != NULL && io_lines_next(lines, &line, &n, &ignored) == 1 && is_head(c, line, n);
  while (ok && io_lines_next(lines, &line, &n, &ignored) == 1) {
    bool found = false;
    for (int i = 0; i < c->variants.n && !found; i++) found = is_row_of(c, i, line, n);
    ok = found;
  }
  io_lines_close(lines);
  return ok;
}

/* Page and table are this comparison's, or may be replaced. The table is written before the page. */
static bool check_results(const Compare *c, const char *page, const char *table, Err *err) {
  const char *other = io_exists(table) ? table : page;
  if (c->options->overwrite || !io_exists(other) || (other == table && is_table(c, table))) return true;
  return err_set(err, ERR_FILE,
                 "%s: stands there already and is not of these variants; --overwrite replaces it, another --output "
                 "leaves it as it is",
                 other);
}

static bool check_targets(Compare *c, Err *err) {
  Str page = file_of(c, -1, "index.html"), table = file_of(c, -1, "table.tsv");
  bool ok = io_make_folder(c->options->folder, err) && io_check_target(str_text(&page), err) &&
            check_results(c, str_text(&page), str_text(&table), err) &&
            (c->lock = lock_take(str_text(&page), err)) != NULL;
  str_free(&page);
  str_free(&table);
  return ok;
}

/* The config without what differs from variant to variant. */
static void forget(Json *json, const char *path) {
  const char *dot;
  while ((dot = strchr(path, '.')) != NULL) {
    char *part = mem_text(path, (size_t)(dot - path));
    json = json_get(json, part);
    mem_free(part);
    if (json == NULL) return;
    path = dot + 1;
  }
  json_remove(json, path);
}

static bool equal_texts(const char *a, const char *b) {
  return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_text(const Compare *c) {
  PairFiles first = corpora_valid(&c->configs[0].data);
  for (int i = 1; i < c->variants.n; i++) {
    PairFiles files = corpora_valid(&c->configs[i].data);
    if (!equal_texts(files.source, first.source) || !equal_texts(files.target, first.target) ||
        !equal_texts(files.tsv, first.tsv) || files.every != first.every || files.fold != first.fold)
      return false;
  }
  return true;
}

static void prepare_result(Compare *c) {
  const TrainConfig *train = &c->configs[0].train;
  static const char *const names[] = {
#define TRAIN_METRIC(name) #name,
#include "conf/train_metrics.def"
#undef TRAIN_METRIC
  };
  const MetricDef *metric = metric_find(names[train->metric]);
  c->shared = config_to_json(&c->configs[0], true);
  forget(c->shared, "train.model");
  if (!c->configs[0].translate.ratio_given) forget(c->shared, "translate.max_length_ratio");
  for (int k = 0; k < c->variants.n_keys; k++)
    for (int i = 0; i < c->variants.keys[k].n_paths; i++) forget(c->shared, c->variants.keys[k].paths[i]);
  c->result = (CompareResult){.variants = &c->variants,
                              .rows = c->rows,
                              .metric = metric != NULL ? metric : metric_find("bleu"),
                              .gold = c->gold != NULL,
                              .same_text = same_text(c),
                              .config = c->shared,
                              .title = c->options->config};
}

static bool prepare(Compare *c, Err *err) {
  const CompareOptions *o = c->options;
  if (strcmp(o->config, "-") == 0)
    return err_set(err, ERR_USAGE, "compare: the config is read once a variant; give a file instead of -");
  if (!variants_make(&c->variants, o->varies, o->n_varies, o->n_seeds, err)) return false;
  c->configs = mem_zero((size_t)c->variants.n, sizeof *c->configs, "variants");
  c->anew = mem_zero((size_t)c->variants.n, sizeof *c->anew, "variants");
  c->rows = mem_zero((size_t)c->variants.n, sizeof *c->rows, "variants");
  if (!check_keys(c, err) || !check_variants(c, err) || !read_named(c, err) || !check_targets(c, err)) return false;
  prepare_result(c);
  return true;
}

/* ---- One variant. */

static TrainEnd train(Compare *c, int i, Err *err) {
  Trial trial = trial_of(c, i);
  TrialTraining training = {c->anew[i], true, c->options->observer, c->options->interrupted};
  return trial_train(&trial, &c->configs[i], &training, err);
}

static bool choose(ExhibitList *shown, const Heldout *pairs, const Translator *t, Err *err) {
  int index[EXHIBITS];
  PairLength *lengths = heldout_lengths(pairs, t, err);
  if (lengths == NULL) return false;
  int n = exhibit_choose(lengths, heldout_count(pairs), index);
  for (int k = 0; k < n; k++) {
    Pair pair = heldout_pair(pairs, index[k]);
    (void)exhibit_list_add(shown, &pair, index[k], true);
  }
  mem_free(lengths);
  return true;
}

static bool show(Compare *c, CompareRow *row, const Heldout *pairs, const Translator *t, Pool *pool, Err *err) {
  if (exhibit_list_count(&c->shown) == 0 && !choose(&c->shown, pairs, t, err)) return false;
  Exhibit *exhibit = exhibit_new(t, pool);
  for (int k = 0; k < exhibit_list_count(&c->shown); k++) {
    Pair pair = exhibit_list_pair(&c->shown, k);
    str_addc(&row->samples, k == 0 ? '[' : ',');
    exhibit_add(exhibit, &row->samples, c->shown.id[k], &pair, exhibit_list_gold(&c->shown, k, c->gold));
  }
  str_addc(&row->samples, ']');
  exhibit_free(exhibit);
  return true;
}

static bool *all_wanted(int n) {
  bool *wanted = mem_alloc((size_t)n + 1, sizeof *wanted, "held-out pairs");
  for (int i = 0; i < n; i++) wanted[i] = true;
  return wanted;
}

/* Measures on the pairs that every variant so far could be measured on; those that this one cannot become uncommon. */
static bool measure_common(Compare *c, CompareRow *row, const Heldout *pairs, const Translator *t, Pool *pool,
                           Err *err) {
  int n = heldout_count(pairs);
  bool *wanted = all_wanted(n);
  for (int i = 0; c->common != NULL && i < n; i++) wanted[i] = c->common[i];
  HeldoutPlan plan = {pairs, wanted, c->result.metric, c->gold};
  bool ok = heldout_measure(&row->result, &plan, t, pool, err);
  if (ok && c->result.same_text) {
    bool *before = c->common;
    c->common = wanted;
    c->result.n_pairs = n;
    wanted = before;
  }
  mem_free(wanted);
  return ok;
}

static bool measure_model(Compare *c, CompareRow *row, Translator *t, bool again, Err *err) {
  Heldout pairs;
  if (!blas_reserve(t->config.train.threads, err)) return false;
  if (!heldout_read(&pairs, &t->config.data, err)) return false;
  Pool *pool = pool_new(t->config.train.threads);
  translator_pack(t, pool);
  bool ok = measure_common(c, row, &pairs, t, pool, err);
  ok = ok && (again || show(c, row, &pairs, t, pool, err));
  pool_free(pool);
  heldout_free(&pairs);
  return ok;
}

/* again: only what depends on the pairs it is measured on. */
static bool measure(Compare *c, int i, bool again, Err *err) {
  Str path = file_of(c, i, "model.safetensors");
  CompareRow *row = &c->rows[i];
  Trial trial = trial_of(c, i);
  Translator *t = translator_load(str_text(&path), err);
  bool ok = t != NULL && (again || trial_read(&trial, row, err)) && measure_model(c, row, t, again, err);
  if (ok && !again) {
    trial_describe(row, t);
    row->state = COMPARE_DONE;
  }
  translator_free(t);
  str_free(&path);
  return ok;
}

/* Those before variant i that were measured on pairs which it cannot be measured on. */
static bool measure_again(Compare *c, int i, Err *err) {
  for (int k = 0; c->result.same_text && k < i; k++)
    if (c->rows[k].state == COMPARE_DONE && c->rows[k].result.n_pairs != c->rows[i].result.n_pairs &&
        !measure(c, k, true, err))
      return false;
  return true;
}

/* ---- All of them. */

static bool write_results(const Compare *c, Err *err) {
  static const struct {
    const char *file;
    void (*add)(Str *out, const CompareResult *result);
  } results[] = {
      {"table.tsv", compare_result_tsv}, {"index.html", compare_page_html}, {"table.json", compare_page_json}};
  bool ok = true;
  for (size_t i = 0; ok && i < sizeof results / sizeof *results; i++) {
    Str text = {0}, path = file_of(c, -1, results[i].file);
    results[i].add(&text, &c->result);
    ok = io_write_file(str_text(&path), text.at, text.n, err);
    str_free(&text);
    str_free(&path);
  }
  return ok;
}

/* A training that fails is told and passed over: it would fail again, and the others wait behind it. */
static TrainEnd run_variant(Compare *c, int i, Err *err) {
  const CompareOptions *o = c->options;
  Err one = {0};
  o->begin(o->observer.ctx, &c->variants.at[i], i, c->variants.n);
  TrainEnd end = train(c, i, &one);
  if (end == TRAIN_FINISHED && !(measure(c, i, false, &one) && measure_again(c, i, &one))) end = TRAIN_FAILED;
  if (end == TRAIN_FAILED) {
    c->rows[i].state = COMPARE_FAILED;
    str_adds(&c->rows[i].reason, one.text);
    o->failed(o->observer.ctx, &c->variants.at[i], one.text);
  }
  if (end == TRAIN_INTERRUPTED) return end;
  return write_results(c, err) ? end : TRAIN_INTERRUPTED;
}

static TrainEnd run_all(Compare *c, Err *err) {
  TrainEnd all = TRAIN_FINISHED;
  for (int i = 0; i < c->variants.n; i++) {
    TrainEnd end = run_variant(c, i, err);
    if (end == TRAIN_INTERRUPTED) return err->kind == ERR_NONE ? end : TRAIN_FAILED;
    if (end == TRAIN_FAILED) all = end;
  }
  return all;
}

TrainEnd compare_run(const CompareOptions *options, Str *table, Err *err) {
  Compare c = {.options = options};
  TrainEnd end = TRAIN_FAILED;
  if (prepare(&c, err)) {
    end = run_all(&c, err);
    compare_result_text(table, &c.result);
  }
  for (int i = 0; i < c.variants.n; i++) {
    if (c.configs != NULL) config_free(&c.configs[i]);
    if (c.rows != NULL) compare_result_free_row(&c.rows[i]);
  }
  lock_release(c.lock);
  mem_free(c.configs);
  mem_free(c.anew);
  mem_free(c.rows);
  mem_free(c.common);
  gold_free(c.gold);
  exhibit_list_free(&c.shown);
  json_free(c.shared);
  variants_free(&c.variants);
  return end;
}
