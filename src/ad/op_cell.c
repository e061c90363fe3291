#include <string.h>

#include "ad/gradcheck.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

struct Cell {
  Tape *tape;
  const CellDef *def;
  int hidden;
  Tensor w, b;       /* W_hh, b_hh */
  Linear *recurrent; /* their product where norm_hh comes behind it; else NULL, and the cell takes it by itself */
  const LayerNorm *norm_hh, *norm_c;
  real *room; /* [rows,GH] gh of the step at work, forward and backward */
  int rows;
};

typedef struct Step {
  Cell *cell;
  Tensor h, c;  /* what `at` may point to */
  Tensor in;    /* what W_hh reads; x NULL: zeros */
  Tensor given; /* where gx's gradient is wanted; x NULL: in place */
  real *kept;   /* [n, kept H] of gh; NULL: gh stands whole, or nothing is kept */
  CellStep at;
} Step;

/* [n,GH]; what stood there is gone. */
static Tensor make_room(Cell *cell, int n) {
  int cols = cell->def->gates * cell->hidden;
  if (n > cell->rows) {
    cell->rows = n > 2 * cell->rows ? n : 2 * cell->rows;
    cell->room = tape_alloc(cell->tape, (size_t)cell->rows * (size_t)cols, sizeof(real));
  }
  return (Tensor){.x = cell->room, .g = cell->room, .rows = n, .cols = cols, .ld = cols};
}

/* The columns of gh that are kept. */
static Tensor kept_part(const Step *s) {
  int cols = s->cell->def->kept * s->cell->hidden;
  return tensor_cols(&s->at.gh, s->at.gh.cols - cols, cols);
}

static void keep_part(Step *s) {
  if (!s->cell->tape->recording || s->cell->def->kept == 0) return;
  Tensor part = kept_part(s);
  size_t n = (size_t)part.cols;
  s->kept = tape_alloc(s->cell->tape, (size_t)part.rows * n, sizeof(real));
  for (int r = 0; r < part.rows; r++) memcpy(s->kept + (size_t)r * n, tensor_row(&part, r), n * sizeof(real));
}

static void put_back(Step *s) {
  s->at.gh = make_room(s->cell, s->at.n);
  if (s->kept == NULL) return;
  Tensor part = kept_part(s);
  size_t n = (size_t)part.cols;
  for (int r = 0; r < part.rows; r++) memcpy(tensor_row(&part, r), s->kept + (size_t)r * n, n * sizeof(real));
}

static void recurrent_backward(const Step *s) {
  const Tensor *in = s->in.x == NULL ? NULL : &s->in, *gh = &s->at.gh, *w = &s->cell->w;
  if (in != NULL && in->g != NULL) op_linear_product_back(gh, w, true, in);
  op_linear_product_weights(gh, in, w, &s->cell->b);
}

static void backward(void *saved) {
  Step *s = saved;
  const Cell *cell = s->cell;
  if (cell->recurrent == NULL) put_back(s);
  cell->def->backward(&s->at);
  for (int r = 0; r < s->at.n && s->given.x != NULL; r++)
    vec_add(tensor_grad_row(&s->given, r), tensor_row(&s->at.gx, r), (size_t)s->given.cols);
  if (cell->recurrent == NULL) recurrent_backward(s);
}

Cell *op_cell_open(Tape *tape, const CellDef *def, Tensor *w_hh, Tensor *b_hh, const LayerNorm *norm_hh,
                   const LayerNorm *norm_c) {
  CHECK(w_hh->rows == def->gates * w_hh->cols, "%s: W_hh [%d,%d]", def->name, w_hh->rows, w_hh->cols);
  Cell *cell = tape_alloc(tape, 1, sizeof *cell);
  *cell = (Cell){
      .tape = tape, .def = def, .hidden = w_hh->cols, .w = *w_hh, .b = *b_hh, .norm_hh = norm_hh, .norm_c = norm_c};
  if (norm_hh != NULL) cell->recurrent = op_linear_open(tape, w_hh, b_hh);
  return cell;
}

/* W_hh in + b_hh [n,GH], normalised: in place, and what is normalised beside it. */
static Tensor normed_part(const Cell *cell, const Tensor *in, int n) {
  int cols = cell->def->gates * cell->hidden;
  Tensor *gh = tape_tensor(cell->tape, n, cols), *normed = tape_in_place(cell->tape, n, cols);
  op_linear_to(cell->recurrent, in, gh);
  op_norm(cell->tape, gh, cell->def->gates, cell->norm_hh, normed);
  return *normed;
}

/* W_hh in + b_hh [n,GH] */
static Tensor recurrent_part(Cell *cell, const Tensor *in, int n) {
  if (cell->recurrent != NULL) return normed_part(cell, in, n);
  Tensor gh = make_room(cell, n);
  if (in != NULL) op_linear_product(in, &cell->w, &cell->b, &gh);
  for (int r = 0; r < n && in == NULL; r++) memcpy(tensor_row(&gh, r), cell->b.x, (size_t)gh.cols * sizeof(real));
  return gh;
}

/* gx to write over: itself when it is in place, else a copy. */
static Tensor own_gates(Step *s, const Tensor *gx) {
  if (tensor_in_place(gx)) return *gx;
  Tensor *own = tape_in_place(s->cell->tape, gx->rows, gx->cols);
  for (int r = 0; r < gx->rows; r++) memcpy(tensor_row(own, r), tensor_row(gx, r), (size_t)gx->cols * sizeof(real));
  s->given = *gx;
  return *own;
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
  *s = (Step){.cell = cell};
  s->at = (CellStep){.n = n, .hidden = cell->hidden, .h_new = *rows->h_new, .norm = cell->norm_c};
  s->at.h = keep(&s->h, rows->h);
  if (def->has_cell) s->at.c = keep(&s->c, rows->c);
  if (def->has_cell) s->at.c_new = *rows->c_new;
  (void)keep(&s->in, rows->in);
  s->at.gx = own_gates(s, rows->gx);
  s->at.gh = recurrent_part(cell, rows->in, n);
  def->forward(&s->at);
  if (cell->recurrent == NULL) keep_part(s);
  tape_push(cell->tape, "cell", backward, s);
}

/* A cell for the check that needs none of the higher floor, of gates a and k: h' = a a + a k + b, c' = c + a l with a
 * and k of gx, b and l of gh, of which l is kept. */
static void toy_forward(const CellStep *s) {
  for (int r = 0; r < s->n; r++)
    for (int j = 0; j < s->hidden; j++) {
      const real *x = tensor_row(&s->gx, r), *y = tensor_row(&s->gh, r);
      real a = x[j], k = x[s->hidden + j], b = y[j], l = y[s->hidden + j];
      tensor_row(&s->h_new, r)[j] = a * a + a * k + b;
      tensor_row(&s->c_new, r)[j] = (s->c == NULL ? 0 : tensor_row(s->c, r)[j]) + a * l;
    }
}

static void toy_backward(const CellStep *s) {
  for (int r = 0; r < s->n; r++)
    for (int j = 0; j < s->hidden; j++) {
      real *x = tensor_row(&s->gx, r), *y = tensor_row(&s->gh, r);
      real a = x[j], k = x[s->hidden + j], l = y[s->hidden + j];
      real dh = tensor_grad_row(&s->h_new, r)[j], dc = tensor_grad_row(&s->c_new, r)[j];
      x[j] = (2 * a + k) * dh + l * dc;
      x[s->hidden + j] = a * dh;
      y[j] = dh;
      y[s->hidden + j] = a * dc;
      if (s->c != NULL) tensor_grad_row(s->c, r)[j] += dc;
    }
}

typedef struct ToyKind {
  bool in_place, normed;
} ToyKind;

/* Gates of seven rows, in place or not. */
static Tensor *toy_gates(GradEnv *env, bool in_place) {
  if (!in_place) return gradcheck_input(env, 7, 6, 1);
  const Tensor *x = gradcheck_input(env, 7, 2, 1);
  Tensor *y = tape_in_place(&env->tape, 7, 6);
  op_linear_to(op_linear_open(&env->tape, gradcheck_input(env, 6, 2, 1), NULL), x, y);
  return y;
}

/* Steps of 2, 2, 1 and 2 rows into one slab; states start from zeros, those of one row later. */
static void case_sequence(GradEnv *env, void *ctx) {
  static const CellDef toy = {"toy", 2, 1, true, toy_forward, toy_backward};
  const ToyKind *kind = ctx;
  Tensor *w = gradcheck_input(env, 6, 3, 1), *b = gradcheck_input(env, 1, 6, 1), *gx = toy_gates(env, kind->in_place);
  Tensor *h = tape_tensor(&env->tape, 7, 3), *c = tape_tensor(&env->tape, 7, 3);
  LayerNorm norm = {*gradcheck_input(env, 1, 6, 1), *gradcheck_input(env, 1, 6, 1)};
  Cell *cell = op_cell_open(&env->tape, &toy, w, b, kind->normed ? &norm : NULL, NULL);
  const int from[] = {0, 2, 4, 5}, rows[] = {2, 2, 1, 2}, before[] = {-1, 0, -1, 3};
  for (int t = 0; t < 4; t++) {
    bool first = before[t] < 0;
    Tensor x = tensor_rows(gx, from[t], rows[t]), hn = tensor_rows(h, from[t], rows[t]),
           cn = tensor_rows(c, from[t], rows[t]);
    Tensor hp = tensor_rows(h, first ? 0 : before[t], rows[t]), cp = tensor_rows(c, first ? 0 : before[t], rows[t]);
    /* W_hh of the last step reads other numbers than h. */
    const Tensor *in = t == 3 ? gradcheck_input(env, 2, 3, 1) : first ? NULL : &hp;
    op_cell_step(cell, &(CellRows){&x, in, first ? NULL : &hp, first ? NULL : &cp, &hn, &cn});
  }
  gradcheck_output(env, h);
  gradcheck_output(env, c);
}

static void check(GradEnv *env) {
  gradcheck_run(env, "cell", case_sequence, &(ToyKind){false, false});
  gradcheck_run(env, "cell in place", case_sequence, &(ToyKind){true, false});
  gradcheck_run(env, "cell with norm", case_sequence, &(ToyKind){false, true});
  gradcheck_run(env, "cell with norm in place", case_sequence, &(ToyKind){true, true});
}

const OpDef op_cell_def = {"cell", check};
