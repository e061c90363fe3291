#include <math.h>
#include <string.h>

#include "ad/attend_case.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/softplus.h"
#include "num/vec.h"

typedef struct Ntm {
  const Places *places;
  const Look *look;
  NtmAddress in;
  Tensor a;
  int reach;    /* R */
  real *s, *ds; /* [2R+1] weights of the shifts */
  /* [L] scratch of one head of one row */
  real *mixed, *moved, *logs, *d_mixed, *d_moved;
} Ntm;

/* What is added where a logarithm is taken: a position that has nothing stays finite. */
static const double NOTHING = 1e-12;

/* One head of one row: its length, its numbers, and the functions of its z. */
typedef struct Head {
  int r, n;
  int at; /* of its first column in weights */
  int z;  /* and in z */
  real gate, gamma;
} Head;

static Head open_head(const Ntm *t, int r, int h) {
  int z = h * (2 * t->reach + 3);
  const real *u = tensor_row(&t->in.z, r) + z;
  (void)vec_softmax(t->s, u + 2, (size_t)(2 * t->reach + 1));
  return (Head){
      r, t->places->length[t->look->sentence[r]], h * t->places->longest, z, softplus_slope(u[0]), 1 + softplus(u[1])};
}

/* The weights of a row's step before: values or, back, gradients. */
static real *weights_before(const Ntm *t, int r, bool gradients) {
  int previous = t->in.previous == NULL ? -1 : t->in.previous[r];
  const Tensor *from = previous < 0 ? &t->in.before : &t->a;
  int row = previous < 0 ? r : previous;
  return gradients ? tensor_grad_row(from, row) : tensor_row(from, row);
}

/* The position from which shift number k brings weight to position i; -1: none. */
static int origin(const Ntm *t, const Head *h, int i, int k) {
  int from = i - (k - t->reach);
  if (t->in.wrap) return (from % h->n + h->n) % h->n;
  return from < 0 || from >= h->n ? -1 : from;
}

/* Eq. 7 and 8. */
static void move(const Ntm *t, const Head *h) {
  const real *content = tensor_row(&t->in.content, h->r) + h->at, *before = weights_before(t, h->r, false) + h->at;
  for (int i = 0; i < h->n; i++) t->mixed[i] = h->gate * content[i] + (1 - h->gate) * before[i];
  for (int i = 0; i < h->n; i++) {
    real sum = 0;
    for (int k = 0; k <= 2 * t->reach; k++) {
      int from = origin(t, h, i, k);
      if (from >= 0) sum += t->s[k] * t->mixed[from];
    }
    t->moved[i] = sum;
    t->logs[i] = (real)log((double)sum + NOTHING);
  }
}

/* Eq. 9. */
static void forward_head(const Ntm *t, int r, int head) {
  Head h = open_head(t, r, head);
  real *a = tensor_row(&t->a, r) + h.at;
  move(t, &h);
  for (int i = 0; i < h.n; i++) a[i] = h.gamma * t->logs[i];
  (void)vec_softmax(a, a, (size_t)h.n);
  memset(a + h.n, 0, (size_t)(t->places->longest - h.n) * sizeof *a);
}

/* From da: d_moved, and the gradient of gamma's u. */
static void through_sharpening(const Ntm *t, const Head *h) {
  const real *a = tensor_row(&t->a, h->r) + h->at, *da = tensor_grad_row(&t->a, h->r) + h->at;
  real mean = vec_dot(a, da, (size_t)h->n), d_gamma = 0;
  for (int i = 0; i < h->n; i++) {
    real d = a[i] * (da[i] - mean);
    d_gamma += d * t->logs[i];
    t->d_moved[i] = (real)((double)(h->gamma * d) / ((double)t->moved[i] + NOTHING));
  }
  tensor_grad_row(&t->in.z, h->r)[h->z + 1] += d_gamma * softplus_slope(tensor_row(&t->in.z, h->r)[h->z + 1]);
}

/* From d_moved: d_mixed, and the gradients of the shifts' u. */
static void through_shifts(const Ntm *t, const Head *h) {
  int n_shifts = 2 * t->reach + 1;
  memset(t->d_mixed, 0, (size_t)h->n * sizeof(real));
  memset(t->ds, 0, (size_t)n_shifts * sizeof(real));
  for (int i = 0; i < h->n; i++)
    for (int k = 0; k < n_shifts; k++) {
      int from = origin(t, h, i, k);
      if (from < 0) continue;
      t->d_mixed[from] += t->s[k] * t->d_moved[i];
      t->ds[k] += t->mixed[from] * t->d_moved[i];
    }
  real mean = vec_dot(t->s, t->ds, (size_t)n_shifts), *du = tensor_grad_row(&t->in.z, h->r) + h->z + 2;
  for (int k = 0; k < n_shifts; k++) du[k] += t->s[k] * (t->ds[k] - mean);
}

static void backward_head(const Ntm *t, int r, int head) {
  Head h = open_head(t, r, head);
  const real *content = tensor_row(&t->in.content, r) + h.at, *before = weights_before(t, r, false) + h.at;
  real *d_content = tensor_grad_row(&t->in.content, r) + h.at, *d_before = weights_before(t, r, true) + h.at;
  real d_gate = 0;
  move(t, &h);
  through_sharpening(t, &h);
  through_shifts(t, &h);
  for (int i = 0; i < h.n; i++) {
    d_gate += t->d_mixed[i] * (content[i] - before[i]);
    d_content[i] += h.gate * t->d_mixed[i];
    d_before[i] += (1 - h.gate) * t->d_mixed[i];
  }
  tensor_grad_row(&t->in.z, r)[h.z] += d_gate * h.gate * (1 - h.gate);
}

static void backward(void *saved) {
  const Ntm *t = saved;
  for (int r = t->look->n - 1; r >= 0; r--)
    for (int h = 0; h < t->in.heads; h++) backward_head(t, r, h);
}

void op_ntm(Tape *tape, const Places *places, const Look *look, const NtmAddress *in, Tensor *a) {
  int cols = in->heads * places->longest;
  CHECK(in->content.cols == cols && in->before.cols == cols && a->cols == cols && in->z.cols % in->heads == 0 &&
            in->z.cols / in->heads % 2 == 1,
        "ntm: content [,%d], before [,%d], weights [,%d], z [,%d], %d heads of %d", in->content.cols, in->before.cols,
        a->cols, in->z.cols, in->heads, places->longest);
  Ntm *t = tape_alloc(tape, 1, sizeof *t);
  size_t longest = (size_t)places->longest;
  *t = (Ntm){.places = places, .look = look, .in = *in, .a = *a, .reach = (in->z.cols / in->heads - 3) / 2};
  t->s = tape_alloc(tape, (size_t)(4 * t->reach + 2), sizeof(real));
  t->ds = t->s + 2 * t->reach + 1;
  t->mixed = tape_alloc(tape, 5 * longest, sizeof(real));
  t->moved = t->mixed + longest;
  t->logs = t->moved + longest;
  t->d_mixed = t->logs + longest;
  t->d_moved = t->d_mixed + longest;
  for (int r = 0; r < look->n; r++)
    for (int h = 0; h < in->heads; h++) forward_head(t, r, h);
  tape_push(tape, "ntm", backward, t);
}

/* Rows 0, 3 and 2, 4 are the steps of two sentences; chained: in one call, and not each from a step before it. */
typedef struct Kind {
  int heads, reach;
  bool wrap, chained;
} Kind;

static void case_one(GradEnv *env, void *ctx) {
  static const int previous[] = {-1, -1, -1, 0, 2};
  const Kind *kind = ctx;
  const AttendKind attend = {.heads = kind->heads};
  AttendCase c = attend_case_open(env, &attend, 1);
  int cols = kind->heads * c.places->longest;
  Tensor *e[2], *a = tape_tensor(&env->tape, 5, cols);
  for (int k = 0; k < 2; k++) {
    e[k] = tape_tensor(&env->tape, 5, cols);
    op_softmax(&env->tape, c.places, c.look, gradcheck_input(env, 5, cols, 1), kind->heads, 1, e[k]);
  }
  const NtmAddress in = {.content = *e[0],
                         .before = *e[1],
                         .z = *gradcheck_input(env, 5, kind->heads * (2 * kind->reach + 3), 1),
                         .previous = kind->chained ? previous : NULL,
                         .heads = kind->heads,
                         .wrap = kind->wrap};
  op_ntm(&env->tape, c.places, c.look, &in, a);
  gradcheck_output(env, a);
}

static void check(GradEnv *env) {
  for (int k = 0; k < 16; k++) {
    Kind kind = {1 + (k & 1), 1 + (k >> 1 & 1) * 2, k >> 2 & 1, k >> 3};
    gradcheck_run(env, kind.wrap ? "ntm wrapped" : "ntm", case_one, &kind);
  }
}

const OpDef op_ntm_def = {"ntm", check};
