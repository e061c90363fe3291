#include "ad/gradcheck.h"
#include "ad/op.h"
#include "base/err.h"

struct Cell {
  Tape *tape;
  const CellDef *def;
  Linear *recurrent;
  int hidden;
  const LayerNorm *norm_hh, *norm_c;
};

typedef struct Step {
  const Cell *cell;
  Tensor gx, gh, h, c, h_new, c_new; /* x NULL stands for zeros or none */
  real *saved;
} Step;

static const Tensor *or_null(const Tensor *t) { return t->x == NULL ? NULL : t; }

static void backward(void *at) {
  Step *s = at;
  s->cell->def->backward(s->gx.rows, s->cell->hidden, &s->gx, &s->gh, or_null(&s->h), or_null(&s->c), s->cell->norm_c,
                         &s->h_new, or_null(&s->c_new), s->saved);
}

Cell *op_cell_open(Tape *tape, const CellDef *def, Tensor *w_hh, Tensor *b_hh, const LayerNorm *norm_hh,
                   const LayerNorm *norm_c) {
  CHECK(w_hh->rows == def->gates * w_hh->cols, "%s: W_hh [%d,%d]", def->name, w_hh->rows, w_hh->cols);
  Cell *cell = tape_alloc(tape, 1, sizeof *cell);
  *cell = (Cell){tape, def, op_linear_open(tape, w_hh, b_hh), w_hh->cols, norm_hh, norm_c};
  return cell;
}

/* W_hh in + b_hh [rows,GH], normalised if wanted. */
static Tensor recurrent_part(const Cell *cell, const Tensor *in, int rows) {
  int cols = cell->def->gates * cell->hidden;
  Tensor *gh = tape_tensor(cell->tape, rows, cols), *normed;
  op_linear_to(cell->recurrent, in, gh);
  if (cell->norm_hh == NULL) return *gh;
  normed = tape_tensor(cell->tape, rows, cols);
  op_norm(cell->tape, gh, cell->def->gates, cell->norm_hh, normed);
  return *normed;
}

void op_cell_step(Cell *cell, const Tensor *gx, const Tensor *in, const Tensor *h, const Tensor *c, Tensor *h_new,
                  Tensor *c_new) {
  const CellDef *def = cell->def;
  CHECK(gx->cols == def->gates * cell->hidden && h_new->rows == gx->rows, "%s: gates [%d,%d] for %d rows of %d",
        def->name, gx->rows, gx->cols, h_new->rows, cell->hidden);
  Step *s = tape_alloc(cell->tape, 1, sizeof *s);
  *s = (Step){.cell = cell, .gx = *gx, .h_new = *h_new};
  if (h != NULL) s->h = *h;
  if (def->has_cell && c != NULL) s->c = *c;
  if (def->has_cell) s->c_new = *c_new;
  s->gh = recurrent_part(cell, in, gx->rows);
  s->saved = tape_alloc(cell->tape, (size_t)gx->rows * (size_t)gx->cols, sizeof(real));
  def->forward(gx->rows, cell->hidden, gx, &s->gh, h, or_null(&s->c), cell->norm_c, h_new,
               def->has_cell ? &s->c_new : NULL, s->saved);
  tape_push(cell->tape, "cell", backward, s);
}

/* A cell for the check that needs none of the higher floor: h' = tanh(gx + gh), c' = c + gx gh. */
static void toy_forward(int n, int hidden, const Tensor *gx, const Tensor *gh, const Tensor *h, const Tensor *c,
                        const LayerNorm *norm, Tensor *h_new, Tensor *c_new, real *saved) {
  (void)h;
  (void)norm;
  (void)saved;
  for (int r = 0; r < n; r++)
    for (int j = 0; j < hidden; j++) {
      real a = tensor_row(gx, r)[j], b = tensor_row(gh, r)[j];
      tensor_row(h_new, r)[j] = a * a + b;
      tensor_row(c_new, r)[j] = (c == NULL ? 0 : tensor_row(c, r)[j]) + a * b;
    }
}

static void toy_backward(int n, int hidden, const Tensor *gx, const Tensor *gh, const Tensor *h, const Tensor *c,
                         const LayerNorm *norm, const Tensor *h_new, const Tensor *c_new, const real *saved) {
  (void)h;
  (void)norm;
  (void)saved;
  for (int r = 0; r < n; r++)
    for (int j = 0; j < hidden; j++) {
      real a = tensor_row(gx, r)[j], b = tensor_row(gh, r)[j];
      real dh = tensor_grad_row(h_new, r)[j], dc = tensor_grad_row(c_new, r)[j];
      tensor_grad_row(gx, r)[j] += 2 * a * dh + b * dc;
      tensor_grad_row(gh, r)[j] += dh + a * dc;
      if (c != NULL) tensor_grad_row(c, r)[j] += dc;
    }
}

/* Three steps of 3, 2 and 2 rows into one slab; states start from zeros. */
static void case_sequence(GradEnv *env, void *normed) {
  static const CellDef toy = {"toy", 1, true, toy_forward, toy_backward};
  Tensor *w = gradcheck_input(env, 3, 3, 1), *b = gradcheck_input(env, 1, 3, 1), *gx = gradcheck_input(env, 7, 3, 1);
  Tensor *h = tape_tensor(&env->tape, 7, 3), *c = tape_tensor(&env->tape, 7, 3);
  LayerNorm norm = {*gradcheck_input(env, 1, 3, 1), *gradcheck_input(env, 1, 3, 1)};
  Cell *cell = op_cell_open(&env->tape, &toy, w, b, normed != NULL ? &norm : NULL, NULL);
  const int from[] = {0, 3, 5}, rows[] = {3, 2, 2};
  for (int t = 0; t < 3; t++) {
    Tensor x = tensor_rows(gx, from[t], rows[t]), hn = tensor_rows(h, from[t], rows[t]),
           cn = tensor_rows(c, from[t], rows[t]);
    Tensor hp = tensor_rows(h, from[t > 0 ? t - 1 : 0], rows[t]), cp = tensor_rows(c, from[t > 0 ? t - 1 : 0], rows[t]);
    /* W_hh of the last step reads other numbers than h. */
    const Tensor *in = t == 2 ? gradcheck_input(env, 2, 3, 1) : t > 0 ? &hp : NULL;
    op_cell_step(cell, &x, in, t > 0 ? &hp : NULL, t > 0 ? &cp : NULL, &hn, &cn);
  }
  gradcheck_output(env, h);
  gradcheck_output(env, c);
}

static void check(GradEnv *env) {
  gradcheck_run(env, "cell", case_sequence, NULL);
  gradcheck_run(env, "cell with norm", case_sequence, env);
}

const OpDef op_cell_def = {"cell", check};
