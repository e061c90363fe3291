#include <math.h>
#include <string.h>

#include "ad/gradcheck.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

/* Row k of a round is row[k] of all. */
typedef struct Round {
  const int *row;
  Tensor s, c, u; /* c.x NULL: none */
  real *halt;     /* [k] h = sigmoid(u) */
} Round;

struct Ponder {
  Tape *tape;
  PonderRule rule;
  int n, n_rounds;
  Round *rounds;     /* [rule.max_rounds] */
  const int *on;     /* rows that go on, NULL: all */
  real *before;      /* [n] sum of h of the rounds before the last */
  int *steps, *last; /* [n] N, 0 while a row goes on; its row in that round */
  Tensor dst, c_dst, cost;
};

Ponder *op_ponder_open(Tape *tape, int n, PonderRule rule) {
  Ponder *p = tape_alloc(tape, 1, sizeof *p);
  size_t rows = (size_t)n;
  *p = (Ponder){.tape = tape, .rule = rule, .n = n};
  p->rounds = tape_alloc(tape, (size_t)rule.max_rounds, sizeof *p->rounds);
  p->before = tape_alloc(tape, rows, sizeof *p->before);
  p->steps = tape_alloc(tape, rows, sizeof *p->steps);
  p->last = tape_alloc(tape, rows, sizeof *p->last);
  memset(p->before, 0, rows * sizeof *p->before);
  memset(p->steps, 0, rows * sizeof *p->steps);
  return p;
}

/* Of the rows of the newest round those that have not halted: their places in it go to `on`, their rows to `row`. */
static int find_on(Ponder *p, int *on, int *row) {
  const Round *round = &p->rounds[p->n_rounds - 1];
  bool ends = p->n_rounds == p->rule.max_rounds;
  int n = 0;
  for (int k = 0; k < round->u.rows; k++) {
    int r = round->row == NULL ? k : round->row[k];
    if (ends || (double)(p->before[r] + round->halt[k]) >= 1 - p->rule.epsilon) {
      p->steps[r] = p->n_rounds;
      p->last[r] = k;
      continue;
    }
    p->before[r] += round->halt[k];
    on[n] = k;
    row[n++] = r;
  }
  return n;
}

int op_ponder_round(Ponder *p, const Tensor *s, const Tensor *c, const Tensor *u, const int **on) {
  CHECK(p->n_rounds < p->rule.max_rounds && s->rows == u->rows, "ponder: round %d of %d rows", p->n_rounds, s->rows);
  Round *round = &p->rounds[p->n_rounds++];
  size_t n = (size_t)u->rows;
  *round = (Round){.row = p->on, .s = *s, .u = *u, .halt = tape_alloc(p->tape, n, sizeof(real))};
  if (c != NULL) round->c = *c;
  for (int k = 0; k < u->rows; k++) round->halt[k] = tensor_row(u, k)[0];
  vec_sigmoid(round->halt, round->halt, n);
  int *index = tape_alloc(p->tape, n, sizeof *index), *row = tape_alloc(p->tape, n, sizeof *row);
  *on = index;
  p->on = row;
  return find_on(p, index, row);
}

static int row_of(const Round *round, int k) { return round->row == NULL ? k : round->row[k]; }

/* Whether the round is the last of a row. */
static bool halts(const Ponder *p, const Round *round, int r) { return round == &p->rounds[p->steps[r] - 1]; }

/* p^n of row r, k-th of the round. */
static real weight(const Ponder *p, const Round *round, int k, int r) {
  return halts(p, round, r) ? 1 - p->before[r] : round->halt[k];
}

static void add_scaled(const real *x, real scale, real *y, int n) {
  for (int j = 0; j < n; j++) y[j] += scale * x[j];
}

/* <d, x^n - x^N> of row r, d the gradient of what x^1 .. x^N are mixed to. */
static real pull(const Tensor *mixed, const Tensor *x, int k, const Tensor *final, int last, int r) {
  const real *d = tensor_grad_row(mixed, r), *a = tensor_row(x, k), *b = tensor_row(final, last);
  real sum = 0;
  for (int j = 0; j < mixed->cols; j++) sum += d[j] * (a[j] - b[j]);
  return sum;
}

static void backward_row(const Ponder *p, const Round *round, int k) {
  int r = row_of(round, k);
  real w = weight(p, round, k, r);
  add_scaled(tensor_grad_row(&p->dst, r), w, tensor_grad_row(&round->s, k), p->dst.cols);
  if (round->c.x != NULL) add_scaled(tensor_grad_row(&p->c_dst, r), w, tensor_grad_row(&round->c, k), p->c_dst.cols);
  if (halts(p, round, r)) return;
  const Round *final = &p->rounds[p->steps[r] - 1];
  real dh = pull(&p->dst, &round->s, k, &final->s, p->last[r], r) - tensor_grad_row(&p->cost, r)[0];
  if (round->c.x != NULL) dh += pull(&p->c_dst, &round->c, k, &final->c, p->last[r], r);
  tensor_grad_row(&round->u, k)[0] += dh * round->halt[k] * (1 - round->halt[k]);
}

static void backward(void *saved) {
  const Ponder *p = saved;
  for (int i = 0; i < p->n_rounds; i++)
    for (int k = 0; k < p->rounds[i].u.rows; k++) backward_row(p, &p->rounds[i], k);
}

void op_ponder_close(Ponder *p, Tensor *dst, Tensor *c_dst, Tensor *cost, int *steps) {
  p->dst = *dst;
  p->cost = *cost;
  if (c_dst != NULL) p->c_dst = *c_dst;
  for (int r = 0; r < p->n; r++) {
    CHECK(p->steps[r] > 0, "ponder: row %d has not halted", r);
    memset(tensor_row(dst, r), 0, (size_t)dst->cols * sizeof(real));
    if (c_dst != NULL) memset(tensor_row(c_dst, r), 0, (size_t)c_dst->cols * sizeof(real));
    tensor_row(cost, r)[0] = (real)p->steps[r] + 1 - p->before[r];
    steps[r] = p->steps[r];
  }
  for (const Round *round = p->rounds; round < p->rounds + p->n_rounds; round++)
    for (int k = 0; k < round->u.rows; k++) {
      int r = row_of(round, k);
      real w = weight(p, round, k, r);
      add_scaled(tensor_row(&round->s, k), w, tensor_row(dst, r), dst->cols);
      if (c_dst != NULL) add_scaled(tensor_row(&round->c, k), w, tensor_row(c_dst, r), c_dst->cols);
    }
  tape_push(p->tape, "ponder", backward, p);
}

/* Of each row the one of the two that it is. */
typedef struct Still {
  Tensor dst;
  const Tensor *from; /* [rows of dst] views of one row */
} Still;

static void still_backward(void *saved) {
  const Still *s = saved;
  for (int r = 0; r < s->dst.rows; r++)
    if (s->from[r].g != NULL) vec_add(s->from[r].g, tensor_grad_row(&s->dst, r), (size_t)s->dst.cols);
}

void op_ponder_still(Tape *tape, const Tensor *x, const Tensor *y, const int *row, int k, Tensor *dst) {
  Tensor *from = tape_alloc(tape, (size_t)dst->rows, sizeof *from);
  for (int r = 0; r < dst->rows; r++) from[r] = tensor_rows(x, r, 1);
  for (int j = 0; j < k; j++) from[row[j]] = tensor_rows(y, row[j], 1);
  for (int r = 0; r < dst->rows; r++) memcpy(tensor_row(dst, r), from[r].x, (size_t)dst->cols * sizeof(real));
  Still *s = tape_alloc(tape, 1, sizeof *s);
  *s = (Still){*dst, from};
  tape_push(tape, "ponder still", still_backward, s);
}

typedef struct Cost {
  Tensor x;
  real scale;
} Cost;

static void cost_backward(void *saved) {
  const Cost *c = saved;
  for (int r = 0; r < c->x.rows; r++) tensor_grad_row(&c->x, r)[0] += c->scale;
}

double op_ponder_cost(Tape *tape, const Tensor *cost, double scale) {
  double sum = 0;
  for (int r = 0; r < cost->rows; r++) sum += (double)tensor_row(cost, r)[0];
  Cost *c = tape_alloc(tape, 1, sizeof *c);
  *c = (Cost){*cost, (real)scale};
  tape_push(tape, "ponder cost", cost_backward, c);
  return sum;
}

/* Five rows of two numbers, of which some halt in each of at most three rounds. */
static void case_rounds(GradEnv *env, void *with_cell) {
  enum { ROWS = 5, COLS = 2, ROUNDS = 3 };
  Tape *tape = &env->tape;
  Tensor *dst = tape_tensor(tape, ROWS, COLS), *c_dst = with_cell != NULL ? tape_tensor(tape, ROWS, COLS) : NULL;
  Tensor *cost = tape_tensor(tape, ROWS, 1);
  Ponder *p = op_ponder_open(tape, ROWS, (PonderRule){ROUNDS, 0.1});
  int steps[ROWS], n = ROWS;
  for (int round = 0; n > 0; round++) {
    Tensor *s = gradcheck_input(env, n, COLS, 1), *c = with_cell != NULL ? gradcheck_input(env, n, COLS, 1) : NULL;
    Tensor *u = gradcheck_input(env, n, 1, 2);
    const int *on;
    n = op_ponder_round(p, s, c, u, &on);
  }
  op_ponder_close(p, dst, c_dst, cost, steps);
  gradcheck_output(env, dst);
  if (c_dst != NULL) gradcheck_output(env, c_dst);
  gradcheck_output(env, cost);
  gradcheck_add(env, 0.3 * op_ponder_cost(tape, cost, 0.3));
}

static void case_still(GradEnv *env, void *ctx) {
  (void)ctx;
  static const int row[] = {3, 0};
  Tensor *x = gradcheck_input(env, 4, 3, 1), *y = gradcheck_input(env, 4, 3, 1), *dst = tape_tensor(&env->tape, 4, 3);
  op_ponder_still(&env->tape, x, y, row, 2, dst);
  gradcheck_output(env, dst);
}

static void check(GradEnv *env) {
  gradcheck_run(env, "ponder still", case_still, NULL);
  gradcheck_run(env, "ponder", case_rounds, NULL);
  gradcheck_run(env, "ponder with c", case_rounds, env);
}

const OpDef op_ponder_def = {"ponder", check};
