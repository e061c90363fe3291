#include <string.h>

#include "ad/gradcheck.h"
#include "ad/op.h"
#include "ad/over.h"
#include "base/err.h"
#include "num/vec.h"

typedef struct Read {
  const Passage *passages;
  Tensor states, a;
  real **match; /* [n] M of each passage, and its gradient behind it; NULL without a document */
  real *scratch;
} Read;

static OverMatch match_of(const Passage *p) { return (OverMatch){p->n_query, p->n_document, (size_t)p->n_document}; }

static size_t match_size(const Passage *p) { return (size_t)p->n_query * (size_t)p->n_document; }

static void backward_one(const Read *d, int b) {
  const Passage *p = &d->passages[b];
  const OverMatch match = match_of(p);
  real *m = d->match[b], *dm = m + match_size(p);
  size_t size = (size_t)d->states.cols;
  memset(dm, 0, match_size(p) * sizeof(real));
  over_weigh_back(&match, m, tensor_grad_row(&d->a, b), dm, d->scratch);
  for (int j = 0; j < p->n_query; j++)
    for (int i = 0; i < p->n_document; i++) {
      int h = p->document + i, g = p->query + j;
      real of = dm[(size_t)j * match.ld + (size_t)i];
      vec_axpy(tensor_grad_row(&d->states, h), of, tensor_row(&d->states, g), size);
      vec_axpy(tensor_grad_row(&d->states, g), of, tensor_row(&d->states, h), size);
    }
}

static void backward(void *saved) {
  const Read *d = saved;
  for (int b = 0; b < d->a.rows; b++)
    if (d->match[b] != NULL) backward_one(d, b);
}

static void forward_one(const Read *d, int b) {
  const Passage *p = &d->passages[b];
  const OverMatch match = match_of(p);
  real *m = d->match[b];
  for (int j = 0; j < p->n_query; j++)
    for (int i = 0; i < p->n_document; i++)
      m[(size_t)j * match.ld + (size_t)i] = vec_dot(tensor_row(&d->states, p->document + i),
                                                    tensor_row(&d->states, p->query + j), (size_t)d->states.cols);
  over_weigh(&match, m, tensor_row(&d->a, b), d->scratch);
}

void op_read(Tape *tape, const Tensor *states, const Passage *passages, Tensor *a) {
  Read *d = tape_alloc(tape, 1, sizeof *d);
  size_t scratch = 0;
  *d = (Read){.passages = passages, .states = *states, .a = *a};
  d->match = tape_alloc(tape, (size_t)a->rows, sizeof *d->match);
  for (int b = 0; b < a->rows; b++) {
    const OverMatch match = match_of(&passages[b]);
    CHECK(passages[b].n_document <= a->cols, "read: %d positions in %d", passages[b].n_document, a->cols);
    d->match[b] = passages[b].n_document == 0 ? NULL : tape_alloc(tape, 2 * match_size(&passages[b]), sizeof(real));
    if (over_scratch(&match) > scratch) scratch = over_scratch(&match);
  }
  d->scratch = tape_alloc(tape, scratch, sizeof(real));
  for (int b = 0; b < a->rows; b++) {
    memset(tensor_row(a, b), 0, (size_t)a->cols * sizeof(real));
    if (d->match[b] != NULL) forward_one(d, b);
  }
  tape_push(tape, "read", backward, d);
}

/* Documents of 4, 1 and no positions, queries of 2, 3 and 1; one of them looks at itself. */
static void case_one(GradEnv *env, void *ctx) {
  static const Passage passages[] = {{0, 4, 5, 2}, {2, 1, 6, 3}, {0, 0, 3, 1}, {1, 3, 1, 3}};
  (void)ctx;
  const Tensor *states = gradcheck_input(env, 9, 3, 1.5);
  Tensor *a = tape_tensor(&env->tape, 4, 5);
  op_read(&env->tape, states, passages, a);
  gradcheck_output(env, a);
}

static void check(GradEnv *env) { gradcheck_run(env, "read", case_one, NULL); }

const OpDef op_read_def = {"read", check};
