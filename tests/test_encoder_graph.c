/* Graph attention by hand (values of torch_geometric.nn.GATConv and GATv2Conv), and who looks at whom. */
#include <check.h>
#include <string.h>

#include "tiny.h"

static void set_all(Model *model, const char *name, const real *values, int n) {
  int p = param_find(&model->params, name);
  ck_assert_msg(p >= 0, "%s", name);
  const Tensor t = param_tensor(&model->params, p, NULL);
  ck_assert_int_eq(t.rows * t.cols, n);
  memcpy(t.x, values, (size_t)n * sizeof *values);
  param_changed(&model->params);
}

static ModelConfig graph_config(GraphKind kind, int size, int window) {
  ModelConfig c = tiny_config(tiny_kind_of(ENCODER_graph));
  c.embedding = size;
  c.positions = POSITION_none;
  c.encoder.graph = (GraphConfig){.kind = kind, .heads = 1, .window = window, .norm = NORM_none};
  c.encoder.layers = 1;
  return c;
}

typedef struct Run {
  Model *model;
  Tape tape;
  const Encoded *encoded;
} Run;

/* Runs the words 4, 5, 6, ... that stand in `links` relations; closed by free_run. */
static void run(Run *r, const Ids *source) {
  r->tape = (Tape){.arena = arena_new(), .params = &r->model->params};
  r->encoded = encoder_run(&r->model->encoder, &r->tape, source, 1, NULL);
}

static void free_run(Run *r) {
  arena_free(r->tape.arena);
  model_free(r->model);
}

static const int32_t words[] = {4, 5, 6, 4, 5};

/* h = (1, 2, -1), W = 1, a_dst = .5, a_src = 1, window 1; </s> is the last of the three. What comes out is above 0,
 * where ELU changes nothing. */
START_TEST(gat_by_hand) {
  static const real values[] = {0, 0, -1, 0, 1, 2, 0}, one[] = {1}, half[] = {0.5};
  static const double weights[3][3] = {{.2689, .7311, 0}, {.2595, .7054, .0351}, {0, .8581, .1419}},
                      out[] = {1.7311, 1.6351, 1.5744};
  const ModelConfig c = graph_config(GRAPH_gat, 1, 1);
  Run r = {.model = model_new(&c)};
  set_all(r.model, "encoder.embedding.weight", values, 7);
  set_all(r.model, "encoder.graph.0.lin.weight", one, 1);
  set_all(r.model, "encoder.graph.0.att_src", one, 1);
  set_all(r.model, "encoder.graph.0.att_dst", half, 1);
  run(&r, &(Ids){.at = words, .n = 2});
  ck_assert_int_eq(r.encoded->n_attended, 1);
  for (int i = 0; i < 3; i++) {
    ck_assert_double_eq_tol((double)r.encoded->states->x[i], out[i], 5e-5);
    for (int j = 0; j < 3; j++)
      ck_assert_double_eq_tol((double)tensor_row(r.encoded->attended[0].self, i)[j], weights[i][j], 5e-5);
  }
  free_run(&r);
}
END_TEST

/* The same h under gatv2 with W_l = W_r = 1, a = 1: e_ij = LeakyReLU(h_i + h_j). Softmaxes by hand: row 0 of (2, 3);
 * row 1 of (3, 4, 1); row 2 of (1, -.4). */
START_TEST(gatv2_by_hand) {
  static const real values[] = {0, 0, -1, 0, 1, 2, 0}, one[] = {1};
  static const double weights[3][3] = {{.2689, .7311, 0}, {.2595, .7054, .0351}, {0, .8022, .1978}};
  const ModelConfig c = graph_config(GRAPH_gatv2, 1, 1);
  Run r = {.model = model_new(&c)};
  set_all(r.model, "encoder.embedding.weight", values, 7);
  set_all(r.model, "encoder.graph.0.lin_l.weight", one, 1);
  set_all(r.model, "encoder.graph.0.lin_r.weight", one, 1);
  set_all(r.model, "encoder.graph.0.att", one, 1);
  run(&r, &(Ids){.at = words, .n = 2});
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      ck_assert_double_eq_tol((double)tensor_row(r.encoded->attended[0].self, i)[j], weights[i][j], 5e-5);
  free_run(&r);
}
END_TEST

/* What each token looks at: itself, its window, and what it is linked to in both directions or in one. Given twice, a
 * link is one. */
START_TEST(neighbours) {
  static const TokenLink links[] = {{0, 3}, {4, 1}, {0, 3}, {2, 2}};
  static const struct {
    int window;
    bool directed;
    const char *seen[6];
  } cases[] = {{0, false, {"100100", "010010", "001000", "100100", "010010", "000001"}},
               {0, true, {"100100", "010000", "001000", "000100", "010010", "000001"}},
               {1, false, {"110100", "111010", "011100", "101110", "010111", "000011"}},
               {9, true, {"111111", "111111", "111111", "111111", "111111", "111111"}}};
  ModelConfig c = graph_config(GRAPH_gatv2, 2, cases[_i].window);
  c.encoder.graph.directed = cases[_i].directed;
  Run r = {.model = model_new(&c)};
  param_start(&r.model->params, 1);
  run(&r, &(Ids){.at = words, .n = 5, .links = {links, 4}});
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++)
      ck_assert((tensor_row(r.encoded->attended[0].self, i)[j] > 0) == (cases[_i].seen[i][j] == '1'));
  free_run(&r);
}
END_TEST

/* Without links and with window 0 each row is alone with itself: the others change nothing. */
START_TEST(alone) {
  static const int32_t other[] = {4, 6, 5, 4, 4};
  const ModelConfig c = graph_config(GRAPH_gat, 4, 0);
  Run a = {.model = model_new(&c)}, b = {.model = model_new(&c)};
  param_start(&a.model->params, 1);
  param_start(&b.model->params, 1);
  run(&a, &(Ids){.at = words, .n = 5});
  run(&b, &(Ids){.at = other, .n = 5});
  for (int i = 0; i < 5; i++)
    for (int k = 0; k < 4; k++)
      if (words[i] == other[i]) ck_assert(tensor_row(a.encoded->states, i)[k] == tensor_row(b.encoded->states, i)[k]);
  free_run(&a);
  free_run(&b);
}
END_TEST

/* A sentence's links are its own, wherever it stands in the batch. */
START_TEST(links_in_a_batch) {
  static const TokenLink links[] = {{0, 4}, {1, 3}};
  ModelConfig c = tiny_config(tiny_kind_of(ENCODER_graph));
  Run r = {.model = model_new(&c)};
  param_start(&r.model->params, 1);
  const Ids batch[] = {{.at = words, .n = 1}, {.at = words, .n = 5, .links = {links, 2}}, {.at = words, .n = 2}};
  run(&r, &batch[1]);
  Tape tape = {.arena = arena_new(), .params = &r.model->params};
  const Encoded *all = encoder_run(&r.model->encoder, &tape, batch, 3, NULL);
  for (int i = 0; i < 6; i++)
    for (int k = 0; k < 8; k++)
      ck_assert_double_eq_tol((double)tensor_row(all->states, all->places.start[1] + i)[k],
                              (double)tensor_row(r.encoded->states, i)[k], TINY_WITHIN);
  const HeadWeights looks = encoder_looks(all, 1, tape.arena);
  ck_assert_int_eq(looks.n, 2 * 2);
  ck_assert(looks.at[4] > 0);
  ck_assert(looks.at[3] == 0);
  arena_free(tape.arena);
  free_run(&r);
}
END_TEST

Suite *test_encoder_graph(void);
Suite *test_encoder_graph(void) {
  Suite *s = suite_create("encoder_graph");
  TCase *t = tcase_create("encoder_graph");
  tcase_add_test(t, gat_by_hand);
  tcase_add_test(t, gatv2_by_hand);
  tcase_add_loop_test(t, neighbours, 0, 4);
  tcase_add_test(t, alone);
  tcase_add_test(t, links_in_a_batch);
  suite_add_tcase(s, t);
  return s;
}
