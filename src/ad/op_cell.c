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
  const CellDef *def;
  Tensor h, c; /* what `at` may point to */
  CellStep at;
} Step;

static void backward(void *saved) {
  const Step *s = saved;
  s->def->backward(&s->at);
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

static const Tensor *keep(Tensor *at, const Tensor *given) {
  if (given == NULL) return NULL;
  *at = *given;
  return at;
}

void op_cell_step(Cell *cell, const CellRows *rows) {
  const CellDef *def = cell->def;
  int n = rows->gx->rows, cols = rows->gx->cols;
  CHECK(cols == def->gates * cell->hidden && rows->h_new->rows == n, "%s: gates [%d,%d] for %d rows of %d", def->name,
        n, cols, rows->h_new->rows, cell->hidden);
  Step *s = tape_alloc(cell->tape, 1, sizeof *s);
  s->def = def;
  s->at = (CellStep){.n = n, .hidden = cell->hidden, .gx = *rows->gx, .h_new = *rows->h_new, .norm = cell->norm_c};
  s->at.h = keep(&s->h, rows->h);
  if (def->has_cell) s->at.c = keep(&s->c, rows->c);
  if (def->has_cell) s->at.c_new = *rows->c_new;
  s->at.gh = recurrent_part(cell, rows->in, n);
  s->at.saved = tape_alloc(cell->tape, (size_t)n * (size_t)cols, sizeof(real));
  def->forward(&s->at);
  tape_push(cell->tape, "cell", backward, s);
}

/* A cell for the check that needs none of the higher floor: h' = gx gx + gh, c' = c + gx gh. */
static void toy_forward(const CellStep *s) {
  for (int r = 0; r < s->n; r++)
    for (int j = 0; j < s->hidden; j++) {
      real a = tensor_row(&s->gx, r)[j], b = tensor_row(&s->gh, r)[j];
      tensor_row(&s->h_new, r)[j] = a * a + b;
      tensor_row(&s->c_new, r)[j] = (s->c == NULL ? 0 : tensor_row(s->c, r)[j]) + a * b;
    }
}

static void toy_backward(const CellStep *s) {
  for (int r = 0; r < s->n; r++)
    for (int j = 0; j < s->hidden; j++) {
      real a = tensor_row(&s->gx, r)[j], b = tensor_row(&s->gh, r)[j];
      real dh = tensor_grad_row(&s->h_new, r)[j], dc = tensor_grad_row(&s->c_new, r)[j];
      tensor_grad_row(&s->gx, r)[j] += 2 * a * dh + b * dc;
      tensor_grad_row(&s->gh, r)[j] += dh + a * dc;
      if (s->c != NULL) tensor_grad_row(s->c, r)[j] += dc;
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
    op_cell_step(cell, &(CellRows){&x, in, t > 0 ? &hp : NULL, t > 0 ? &cp : NULL, &hn, &cn});
  }
  gradcheck_output(env, h);
  gradcheck_output(env, c);
}

static void check(GradEnv *env) {
  gradcheck_run(env, "cell", case_sequence, NULL);
  gradcheck_run(env, "cell with norm", case_sequence, env);
}

const OpDef op_cell_def = {"cell", check};
