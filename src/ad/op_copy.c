#include <math.h>

#include "ad/gradcheck.h"
#include "ad/op.h"

typedef struct Copy {
  const Copied *from;
  const int32_t *targets;
  Tensor a;
  double scale;
} Copy;

/* Probability of a word in row r. */
static double probability(const Copied *from, const Tensor *a, int r, int32_t word) {
  const Places *p = from->places;
  double sum = 0;
  for (int i = 0; i < p->length[from->sentence[r]]; i++)
    if (from->ids[places_row(p, from->sentence[r], i)] == word) sum += (double)tensor_row(a, r)[i];
  return fmin(sum, 1);
}

static void backward(void *saved) {
  const Copy *c = saved;
  const Places *p = c->from->places;
  for (int r = 0; r < c->a.rows; r++) {
    int b = c->from->sentence[r];
    double of = probability(c->from, &c->a, r, c->targets[r]);
    for (int i = 0; of > 0 && i < p->length[b]; i++)
      if (c->from->ids[places_row(p, b, i)] == c->targets[r]) tensor_grad_row(&c->a, r)[i] -= (real)(c->scale / of);
  }
}

double op_copy(Tape *tape, const Copied *from, const Tensor *a, const int32_t *targets, double scale, float *logprob) {
  double loss = 0;
  for (int r = 0; r < a->rows; r++) {
    double log_p = log(probability(from, a, r, targets[r]));
    loss -= log_p;
    if (logprob != NULL) logprob[r] = (float)log_p;
  }
  Copy *c = tape_alloc(tape, 1, sizeof *c);
  *c = (Copy){from, targets, *a, scale};
  tape_push(tape, "copy", backward, c);
  return loss;
}

void op_copy_all(const Copied *from, const Tensor *a, Tensor *logprob) {
  const Places *p = from->places;
  for (int r = 0; r < a->rows; r++) {
    real *row = tensor_row(logprob, r);
    int b = from->sentence[r];
    for (int v = 0; v < logprob->cols; v++) row[v] = 0;
    for (int i = 0; i < p->length[b]; i++) row[from->ids[places_row(p, b, i)]] += tensor_row(a, r)[i];
    for (int v = 0; v < logprob->cols; v++) row[v] = row[v] < 1 ? (real)log((double)row[v]) : 0;
  }
}

/* A word that stands twice, one that stands once, one that does not. */
static void case_one(GradEnv *env, void *ctx) {
  static const int start[] = {0, 4}, length[] = {4, 2}, sentence[] = {0, 1, 0, 1};
  static const int32_t ids[] = {5, 6, 5, 2, 7, 2}, targets[] = {5, 7, 6, 2};
  static const Places places = {.n_sent = 2, .longest = 4, .start = start, .length = length};
  static const Copied from = {&places, ids, sentence};
  static int low[] = {0, 0, 0, 0}, high[] = {4, 2, 4, 2};
  static const Look look = {.n = 4, .sentence = sentence, .low = low, .high = high};
  (void)ctx;
  const Tensor *e = gradcheck_input(env, 4, 4, 1);
  Tensor *a = tape_tensor(&env->tape, 4, 4);
  op_softmax(&env->tape, &places, &look, e, 1, 1, a);
  gradcheck_add(env, 0.7 * op_copy(&env->tape, &from, a, targets, 0.7, NULL));
}

static void check(GradEnv *env) { gradcheck_run(env, "copy", case_one, NULL); }

const OpDef op_copy_def = {"copy", check};
