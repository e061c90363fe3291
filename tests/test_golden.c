/* The model against the values of tests/golden, which a PyTorch implementation of the same formulas made (tests/peer).
 * model.json: every cell, flow, score and scope, starts of the decoder, stacks, tying, deep output, coverage, heads.
 * transformer.json: encoders and decoders of all kinds, norms, positions, activations, cross attention. encoders.json:
 * encoders of other layers. ponder.json: adaptive computation time. hard.json: hard attention. The format is described
 * in tests/peer/golden.py.
 * The environment's GOLDEN names another such file to take instead of the second.
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/rng.h"
#include "conf/config.h"
#include "each_kernels.h"
#include "nn/model.h"

enum { N_FILES = 5, N_PARTS = 14, MAX_PAIRS = 4 };

/* A test runs a part of the cases of a file: reading it takes time. */
static const struct {
  const char *path;
  int n_cases, n_parts;
} files[N_FILES] = {{"tests/golden/model.json", 526, 7},
                    {"tests/golden/transformer.json", 69, 3},
                    {"tests/golden/encoders.json", 24, 1},
                    {"tests/golden/ponder.json", 26, 2},
                    {"tests/golden/hard.json", 25, 1}};

/* What a number may be off by. The values have 9 digits, the gradients 6; model_score gives floats in any build. A
 * gradient in float is off by how the processor's sgemm adds: at worst 2.9e-4 over six of OpenBLAS's kernels. */
static const double LOGPROB = REAL_IS_DOUBLE ? 1e-7 : 1e-4, WEIGHT = REAL_IS_DOUBLE ? 1e-8 : 1e-5,
                    LOGPROB_FLOAT = REAL_IS_DOUBLE ? 1e-6 : 1e-4, WEIGHT_FLOAT = REAL_IS_DOUBLE ? 1e-7 : 1e-5,
                    GRADIENT = REAL_IS_DOUBLE ? 1e-5 : 1e-3;

typedef struct Golden {
  Json *json, *at; /* the file and the case */
  const char *name;
  Model *model;
  Tape tape;
  IdPair pairs[MAX_PAIRS];
  const Linked *links[MAX_PAIRS];
  int n;
} Golden;

static const char *other(void) { return getenv("GOLDEN"); }

static Json *read_golden(int file) {
  const char *path = file == 1 && other() != NULL ? other() : files[file].path;
  Str text = {0};
  Err err = {0};
  bool read = io_read_all(&text, path, (size_t)1 << 24, &err);
  ck_assert_msg(read, "%s\n(the tests run from the root of the repository)", err.text);
  Json *json = json_parse(text.at, text.n, path, ERR_FILE, &err);
  ck_assert_msg(json != NULL, "%s", err.text);
  str_free(&text);
  return json;
}

static Json *item(const Json *array, int i) {
  Json *at = json_first(array);
  while (at != NULL && i-- > 0) at = json_next(at);
  ck_assert_ptr_nonnull(at);
  return at;
}

/* Puts the keys of changes over those of base. */
static void overlay(Json *base, const Json *changes) {
  for (Json *c = json_first(changes); c != NULL; c = json_next(c)) {
    Json *old = json_get(base, json_key(c));
    if (old != NULL && json_type(c) == JSON_OBJECT) overlay(old, c);
    else json_set(base, json_key(c), json_copy(c));
  }
}

static ModelConfig read_config(const Json *golden, const Json *at) {
  static const char around[] = "{\"data\":{\"max_length\":5},\"vocab\":{\"shared\":true}}";
  Err err = {0};
  Json *whole = json_parse(around, sizeof around - 1, "around", ERR_FILE, &err);
  Json *model = json_copy(json_get(golden, "model"));
  overlay(model, json_get(at, "model"));
  json_set(whole, "model", model);
  Config config;
  bool ok = config_from_json(&config, whole, "golden", ERR_FILE, &err);
  ck_assert_msg(ok, "%s", err.text);
  const Json *own = json_get(at, "target_vocab");
  config.model.source_vocab = (int)json_number(json_get(golden, "source_vocab"));
  config.model.target_vocab = (int)json_number(own != NULL ? own : json_get(golden, "target_vocab"));
  ModelConfig out = config.model;
  config_free(&config);
  json_free(whole);
  return out;
}

static void fill(ParamSet *set) {
  for (int p = 0; p < set->n_params; p++) {
    Tensor t = param_tensor(set, p, NULL);
    const char *name = set->params[p].name;
    bool small = strstr(name, ".flow.") != NULL || strncmp(name, "encoder.conv.", 13) == 0 ||
                 strncmp(name, "encoder.graph.", 14) == 0;
    double h = (double)(rng_name(name) % 1000) / 100, size = small ? 0.3 : 1.3;
    for (int i = 0; i < t.rows * t.cols; i++) {
      double k = i + 1;
      t.x[i] = (real)(float)(size * sin(1.7 * (k * k) + h));
    }
  }
}

static Ids read_ids(Arena *arena, const Json *array) {
  int n = json_count(array);
  int32_t *at = arena_alloc(arena, (size_t)n, sizeof *at);
  for (int i = 0; i < n; i++) at[i] = (int32_t)json_number(item(array, i));
  return (Ids){at, n};
}

/* The source positions that each target token of pair b is linked to. */
static const Linked *read_links(Arena *arena, const Json *golden, int b) {
  const Json *rows = item(json_get(golden, "links"), b);
  int n = json_count(rows);
  Linked *links = arena_alloc(arena, (size_t)n, sizeof *links);
  for (int t = 0; t < n; t++) {
    Ids at = read_ids(arena, item(rows, t));
    links[t] = (Linked){at.at, at.n};
  }
  return links;
}

/* Case i. ids: the arena that the pairs live on. */
static Golden golden_open(Json *json, int i, Arena *ids) {
  Golden g = {.json = json};
  g.at = item(json_get(g.json, "cases"), i);
  g.name = json_string(json_get(g.at, "name"));
  ModelConfig config = read_config(g.json, g.at);
  g.model = model_new(&config);
  fill(&g.model->params);
  g.tape = (Tape){.arena = arena_new(), .params = &g.model->params};
  g.n = json_count(json_get(g.json, "source"));
  ck_assert_int_le(g.n, MAX_PAIRS);
  for (int b = 0; b < g.n; b++) {
    g.pairs[b] = (IdPair){read_ids(ids, item(json_get(g.json, "source"), b)),
                          read_ids(ids, item(json_get(g.json, "target"), b))};
    g.links[b] = read_links(ids, g.json, b);
  }
  return g;
}

static void golden_close(Golden *g) {
  arena_free(g->tape.arena);
  model_free(g->model);
}

static double expected(const Golden *g, const char *key, int b, int t, int i) {
  const Json *at = item(item(json_get(g->at, key), b), t);
  return json_number(i < 0 ? at : item(at, i));
}

static void check_near(const Golden *g, const char *what, int b, int t, double got, double want, double tolerance) {
  /* Floats of more than 8 have fewer digits behind the point. */
  ck_assert_msg(fabs(got - want) <= tolerance * fmax(1, fabs(want) / 8),
                "%s: %s of pair %d, token %d: %.9g, expected %.9g", g->name, what, b, t, got, want);
}

START_TEST(file_has_every_case) {
  Json *json = read_golden(_i);
  if (_i == 0 || other() == NULL) ck_assert_int_eq(json_count(json_get(json, "cases")), files[_i].n_cases);
  json_free(json);
}
END_TEST

static void check_forced_scores(Golden *g) {
  ModelScore scores[MAX_PAIRS];
  model_score(g->model, &g->tape, g->pairs, g->n, scores);
  for (int b = 0; b < g->n; b++) {
    const ModelScore *s = &scores[b];
    ck_assert_int_eq(s->n_target, json_count(item(json_get(g->at, "logprob"), b)));
    for (int t = 0; t < s->n_target; t++) {
      check_near(g, "log p", b, t, (double)s->logprob[t], expected(g, "logprob", b, t, -1), LOGPROB_FLOAT);
      for (int i = 0; i < s->n_source; i++)
        check_near(g, "weight", b, t, (double)s->weights[t * s->n_source + i], expected(g, "alignment", b, t, i),
                   WEIGHT_FLOAT);
    }
  }
}

/* The same step by step, as translating does it, a sentence at a time. */
static void check_steps(Golden *g, int b) {
  DecoderOut out;
  Arena *kept = arena_new();
  const int row = 0;
  const ModelSearch *search =
      model_search(g->model, &g->tape, kept, &g->pairs[b].source, 1, (SearchRoom){1, g->pairs[b].target.n + 1});
  const Ids *y = &g->pairs[b].target;
  for (int t = 0; t <= y->n; t++) {
    int32_t in = t == 0 ? ID_BOS : y->at[t - 1], want = t < y->n ? y->at[t] : ID_EOS;
    int sentence = 0;
    model_step(search, &in, &sentence, t, 1, &out);
    check_near(g, "step log p", b, t, (double)model_logprob(search, &out, 0, 1, &sentence).x[want],
               expected(g, "logprob", b, t, -1), LOGPROB);
    for (int i = 0; i <= g->pairs[b].source.n; i++)
      check_near(g, "step weight", b, t, (double)out.weights->x[i],
                 expected(g, "alignment", b, model_config_aligned(&g->model->config, t, y->n + 1), i), WEIGHT);
    model_select(search, &row, 1);
  }
  arena_free(kept);
}

static void check_decoding_steps(Golden *g) {
  for (int b = 0; b < g->n; b++) check_steps(g, b);
}

static void check_gradients(const Golden *g) {
  const ParamSet *set = &g->model->params;
  const Json *want = json_first(json_get(g->at, "gradients"));
  int n = 0;
  for (const Json *name = json_first(json_get(g->json, "tensors")); name != NULL; name = json_next(name)) {
    int p = param_find(set, json_string(name));
    if (p < 0) continue;
    ck_assert_ptr_nonnull(want);
    Tensor t = param_tensor(set, p, g->tape.grads);
    double sum = 0, squares = 0;
    for (int i = 0; i < t.rows * t.cols; i++) {
      sum += (double)t.g[i] * cos(i + 1);
      squares += (double)t.g[i] * (double)t.g[i];
    }
    double want_sum = json_number(want), want_squares = json_number(json_next(want));
    want = json_next(json_next(want));
    /* A sum of terms that cancel is off by a part of their size, not of its own; a square by twice the part. */
    double size = sqrt(want_squares);
    ck_assert_msg(fabs(sum - want_sum) <= GRADIENT * fmax(size, 1e-2) &&
                      fabs(squares - want_squares) <= 2 * GRADIENT * fmax(want_squares, 1e-2),
                  "%s: gradient of %s: %.6g, %.6g, expected %.6g, %.6g", g->name, json_string(name), sum, squares,
                  want_sum, want_squares);
    n++;
  }
  ck_assert_msg(n == set->n_params && want == NULL, "%s: %d of %d tensors have gradients", g->name, n, set->n_params);
}

/* The likelihood, and what a case guides attention by. */
static LossAim read_aim(const Golden *g) {
  LossAim aim = {.scale = {{[LOSS_likelihood] = 1}}};
  const Json *guided = json_get(g->at, "guided");
  if (json_get(g->at, "ponder") != NULL) aim.scale.of[LOSS_ponder] = 1;
  if (guided == NULL) return aim;
  bool mse = strcmp(json_string(json_get(guided, "kind")), "mse") == 0;
  aim.scale.of[LOSS_guided] = json_number(json_get(guided, "weight"));
  aim.links = g->links;
  aim.guide = mse ? GUIDE_mse : GUIDE_cross_entropy;
  return aim;
}

static void check_loss_and_gradients(Golden *g) {
  g->tape.recording = true;
  g->tape.grads = param_block(&g->model->params, "gradients");
  const LossAim aim = read_aim(g);
  Losses sums;
  (void)model_losses(g->model, &g->tape, g->pairs, g->n, NULL, &aim, &sums);
  double loss = sums.of[LOSS_likelihood], guided = sums.of[LOSS_guided];
  double want_guided = aim.links == NULL ? 0 : json_number(json_get(json_get(g->at, "guided"), "loss"));
  ck_assert_msg(fabs(guided - want_guided) <= LOGPROB * 8, "%s: guided loss %.9g, expected %.9g", g->name, guided,
                want_guided);
  const Json *cost = json_get(g->at, "ponder");
  double want_cost = cost == NULL ? 0 : json_number(cost);
  ck_assert_msg(fabs(sums.of[LOSS_ponder] - want_cost) <= LOGPROB * 64, "%s: cost %.9g, expected %.9g", g->name,
                sums.of[LOSS_ponder], want_cost);
  double want = json_number(json_get(g->at, "loss"));
  ck_assert_msg(fabs(loss - want) <= LOGPROB * 8 * fmax(1, want / 64), "%s: loss %.9g, expected %.9g", g->name, loss,
                want);
  tape_backward(&g->tape);
  check_gradients(g);
  mem_free(g->tape.grads);
}

/* First as the weights stand, then packed, as translating or training (backward) has them. */
static void each_case(int part, bool backward, void (*check)(Golden *g)) {
  int file = 0;
  while (part >= files[file].n_parts) part -= files[file++].n_parts;
  Json *json = read_golden(file);
  Arena *ids = arena_new();
  int n = json_count(json_get(json, "cases"));
  for (int i = part; i < n; i += files[file].n_parts) {
    Golden g = golden_open(json, i, ids);
    check(&g);
    param_pack(&g.model->params, NULL, backward ? PACK_BOTH : PACK_FORWARD);
    check(&g);
    golden_close(&g);
  }
  arena_free(ids);
  json_free(json);
}

START_TEST(forced_scores) { each_case(_i, false, check_forced_scores); }
END_TEST

START_TEST(decoding_steps) { each_case(_i, false, check_decoding_steps); }
END_TEST

START_TEST(loss_and_gradients) { each_case(_i, true, check_loss_and_gradients); }
END_TEST

static void add_tests(TCase *t) {
  tcase_set_timeout(t, 60);
  tcase_add_loop_test(t, file_has_every_case, 0, N_FILES);
  tcase_add_loop_test(t, forced_scores, 0, N_PARTS);
  tcase_add_loop_test(t, decoding_steps, 0, N_PARTS);
  tcase_add_loop_test(t, loss_and_gradients, 0, N_PARTS);
}

Suite *test_golden(void);
Suite *test_golden(void) {
  Suite *s = suite_create("golden");
  each_kernels(s, add_tests);
  return s;
}
