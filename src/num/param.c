#include "num/param.h"

#include <math.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/rng.h"

enum { ALIGN = 16 }; /* numbers: a tensor starts on a 64-byte line */

static size_t count(const Param *p) { return (size_t)p->rows * (size_t)p->cols; }

static int declare(ParamSet *set, Param p, const char *name) {
  CHECK(set->values == NULL, "param %s: declared after param_seal", name);
  CHECK(param_find(set, name) < 0, "param %s: declared twice", name);
  if (set->n_params == set->cap) {
    set->cap = set->cap == 0 ? 16 : 2 * set->cap;
    set->params = mem_grow(set->params, (size_t)set->cap, sizeof *set->params, "parameters");
  }
  p.name = mem_text(name, strlen(name));
  p.offset = set->size;
  set->size += (count(&p) + ALIGN - 1) / ALIGN * ALIGN;
  set->params[set->n_params] = p;
  return set->n_params++;
}

int param_matrix(ParamSet *set, const char *name, int rows, int cols, ParamStart start, int gates) {
  return declare(set, (Param){.rank = 2, .rows = rows, .cols = cols, .start = start, .gates = gates}, name);
}

int param_table(ParamSet *set, const char *name, int rows, int cols, ParamStart start) {
  int index = param_matrix(set, name, rows, cols, start, 1);
  set->params[index].table = true;
  return index;
}

int param_vector(ParamSet *set, const char *name, int cols, ParamStart start, int gates) {
  return declare(set, (Param){.rank = 1, .rows = 1, .cols = cols, .start = start, .gates = gates}, name);
}

int param_constant(ParamSet *set, const char *name, int cols, double value) {
  return declare(set, (Param){.rank = 1, .rows = 1, .cols = cols, .start = START_VALUE, .value = value}, name);
}

int param_kernels(ParamSet *set, const char *name, int rows, int channels, int taps, ParamStart start) {
  const Param p = {.rank = 3, .rows = rows, .cols = channels * taps, .taps = taps, .start = start, .gates = 1};
  return declare(set, p, name);
}

real *param_block(const ParamSet *set, const char *what) {
  real *block = mem_aligned(set->size, sizeof(real), what);
  memset(block, 0, set->size * sizeof *block);
  return block;
}

void param_seal(ParamSet *set) { set->values = param_block(set, "model weights"); }

void param_lend(ParamSet *set, int index, const real *values) {
  CHECK(set->values == NULL, "param %s: lent values after param_seal", set->params[index].name);
  set->params[index].lent = values;
}

void param_lend_codes(ParamSet *set, int index, const int8_t *codes, const real *scale, const real *room) {
  param_lend(set, index, room);
  set->params[index].codes = codes;
  set->params[index].scale = scale;
  set->params[index].coded = true;
}

static void decode_row(const Param *p, int row, real *x) {
  const int8_t *codes = p->codes + (size_t)row * (size_t)p->cols;
  for (int c = 0; c < p->cols; c++) x[c] = (real)codes[c] * p->scale[row];
}

static void expand(Param *p, real *values) {
  for (int r = 0; r < p->rows; r++) decode_row(p, r, values + (size_t)r * (size_t)p->cols);
  p->coded = false;
}

void param_own(ParamSet *set) {
  if (set->values != NULL) return;
  param_seal(set);
  for (int i = 0; i < set->n_params; i++) {
    Param *p = &set->params[i];
    if (p->coded) expand(p, set->values + p->offset);
    else memcpy(set->values + p->offset, p->lent, count(p) * sizeof *p->lent);
    p->lent = NULL;
    p->codes = NULL;
  }
}

void param_changed(ParamSet *set) { set->changes++; }

void param_swap(ParamSet *set, real **block) {
  real *keep = set->values;
  set->values = *block;
  *block = keep;
  param_changed(set);
}

const real *param_values(const ParamSet *set, int index) {
  CHECK(index >= 0 && index < set->n_params, "param %d of %d", index, set->n_params);
  const Param *p = &set->params[index];
  CHECK(!p->coded && (p->lent != NULL || set->values != NULL), "param %s has no values", p->name);
  return p->lent != NULL ? p->lent : set->values + p->offset;
}

void param_row(const ParamSet *set, int index, int row, real *x) {
  const Param *p = &set->params[index];
  CHECK(p->table && row >= 0 && row < p->rows, "row %d of %s with %d", row, p->name, p->rows);
  if (p->coded) decode_row(p, row, x);
  else memcpy(x, param_values(set, index) + (size_t)row * (size_t)p->cols, (size_t)p->cols * sizeof *x);
}

static void free_packs(ParamSet *set) {
  for (int i = 0; i < set->n_parts; i++) pack_free(&set->parts[i].pack);
}

void param_free(ParamSet *set) {
  free_packs(set);
  mem_free(set->parts);
  mem_free(set->looks);
  for (int i = 0; i < set->n_params; i++) mem_free(set->params[i].name);
  mem_free(set->params);
  mem_free(set->values);
  *set = (ParamSet){0};
}

static void fill_uniform(real *x, size_t n, double bound, uint64_t key, size_t first) {
  for (size_t i = 0; i < n; i++) x[i] = (real)(bound * (2 * rng_uniform(key, first + i) - 1));
}

/* Sums in eight fixed lanes: the order is the same for every compiler, and it becomes vector code. */
static double dot(const double *a, const double *b, int n) {
  double lane[8] = {0};
  int i = 0;
  for (; i + 8 <= n; i += 8)
    for (int k = 0; k < 8; k++) lane[k] += a[i + k] * b[i + k];
  for (; i < n; i++) lane[0] += a[i] * b[i];
  return ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

/* Gram-Schmidt, each row made orthogonal to those before it, twice for accuracy. */
static void orthogonal(real *x, int n, uint64_t key, size_t first) {
  size_t row = (size_t)n;
  double *m = mem_alloc(row * row, sizeof *m, "orthogonal start");
  for (size_t i = 0; i < row * row; i++) m[i] = rng_normal(key, first + i);
  for (int i = 0; i < n; i++) {
    double *a = m + (size_t)i * row;
    for (int j = 0; j < 2 * i; j++) {
      const double *b = m + (size_t)(j % i) * row;
      double d = dot(a, b, n);
      for (int k = 0; k < n; k++) a[k] -= d * b[k];
    }
    double scale = 1 / sqrt(dot(a, a, n));
    for (int k = 0; k < n; k++) a[k] *= scale;
  }
  for (size_t i = 0; i < row * row; i++) x[i] = (real)m[i];
  mem_free(m);
}

static void start_gate(const Param *p, real *x, int gate, uint64_t key) {
  int rows = p->rows / p->gates;
  size_t n = (size_t)rows * (size_t)p->cols, first = (size_t)gate * n;
  if (p->start == START_GLOROT) fill_uniform(x + first, n, sqrt(6.0 / (rows + p->cols)), key, first);
  if (p->start == START_ORTHOGONAL) orthogonal(x + first, p->cols, key, first);
}

/* A head of ntm that lets content and place decide alike, hardly sharpens and mostly stays: softmax(log 8 R, 0, ...) =
 * 0.8, ... */
static void start_address(real *x, int groups, int n) {
  int reach = (n - 3) / 2;
  for (int g = 0; g < groups; g++, x += n) {
    x[1] = -2;
    x[2 + reach] = (real)log(8.0 * reach);
  }
}

static void start_one(const Param *p, real *x, uint64_t key) {
  size_t n = count(p);
  memset(x, 0, n * sizeof *x);
  switch (p->start) {
    case START_ZERO:
      break;
    case START_ONE:
      for (size_t i = 0; i < n; i++) x[i] = 1;
      break;
    case START_GLOROT:
    case START_ORTHOGONAL:
      for (int gate = 0; gate < p->gates; gate++) start_gate(p, x, gate, key);
      break;
    case START_EMBEDDING:
      for (size_t i = 0; i < n; i++) x[i] = (real)(0.1 * rng_normal(key, i));
      break;
    case START_UNIT:
      for (size_t i = 0; i < n; i++) x[i] = (real)(rng_normal(key, i) / sqrt(p->cols));
      break;
    case START_GATED:
      for (size_t i = 0; i < n; i++) x[i] = (real)(2 * rng_normal(key, i) / sqrt(p->cols));
      break;
    case START_POSITIONS:
      for (size_t i = 0; i < n; i++) x[i] = (real)(0.02 * rng_normal(key, i));
      break;
    case START_CIRCLE:
      for (int c = 1; c < p->cols; c += 2) x[c] = 1;
      break;
    case START_FORGET:
      for (size_t i = n / 4; i < n / 2; i++) x[i] = 1;
      break;
    case START_ADDRESS:
      start_address(x, p->gates, p->cols / p->gates);
      break;
    case START_VECTOR:
      fill_uniform(x, n, sqrt(3.0 / (double)n), key, 0);
      break;
    case START_WIDTH:
      for (size_t i = 0; i < n; i++) x[i] = (real)pow(p->gates, -0.25);
      break;
    case START_REACH:
      for (size_t i = 0; i < n; i++) x[i] = (real)(0.5 / sqrt(p->gates));
      break;
    case START_VALUE:
      for (size_t i = 0; i < n; i++) x[i] = (real)p->value;
      break;
  }
}

void param_start(ParamSet *set, uint64_t seed) {
  for (int i = 0; i < set->n_params; i++) {
    const Param *p = &set->params[i];
    start_one(p, set->values + p->offset, rng_key(seed, RNG_INIT, rng_name(p->name), 0));
  }
  param_changed(set);
}

static Tensor tensor_of(const ParamSet *set, int index, const real *values, real *grads) {
  const Param *p = &set->params[index];
  return (Tensor){.x = (real *)(uintptr_t)values, /* nothing writes to weights through a tensor */
                  .g = grads == NULL ? NULL : grads + p->offset,
                  .rows = p->rows,
                  .cols = p->cols,
                  .ld = p->cols};
}

Tensor param_tensor(const ParamSet *set, int index, real *grads) {
  return tensor_of(set, index, param_values(set, index), grads);
}

static int add_part(ParamSet *set, ParamPart part) {
  const Param *p = &set->params[part.param];
  CHECK(part.row >= 0 && part.rows > 0 && part.row + part.rows <= p->rows, "rows %d+%d of %s with %d", part.row,
        part.rows, p->name, p->rows);
  CHECK(part.col >= 0 && part.cols > 0 && part.col + part.cols <= p->cols, "columns %d+%d of %s with %d", part.col,
        part.cols, p->name, p->cols);
  if (set->n_parts == set->parts_cap) {
    set->parts_cap = set->parts_cap == 0 ? 16 : 2 * set->parts_cap;
    set->parts = mem_grow(set->parts, (size_t)set->parts_cap, sizeof *set->parts, "parameters");
  }
  part.sides = set->side;
  set->parts[set->n_parts] = part;
  return set->n_parts++;
}

void param_side(ParamSet *set, ParamSide side) { set->side = side; }

int param_side_of(ParamSet *set, int part, unsigned sides) {
  set->parts[part].sides = sides;
  return part;
}

int param_again(ParamSet *set, int part) {
  set->parts[part].again = true;
  return part;
}

double param_work(const ParamSet *set, ParamSide side) {
  double work = 0;
  for (int i = 0; i < set->n_parts; i++)
    if ((set->parts[i].sides & side) != 0) work += (double)set->parts[i].rows * set->parts[i].cols;
  return work;
}

void param_look(ParamSet *set, ParamLook look) {
  if (set->n_looks == set->looks_cap) {
    set->looks_cap = set->looks_cap == 0 ? 16 : 2 * set->looks_cap;
    set->looks = mem_grow(set->looks, (size_t)set->looks_cap, sizeof *set->looks, "parameters");
  }
  look.rows = set->side;
  set->looks[set->n_looks++] = look;
}

/* How many of n_at places n rows look at. A row behind the last place stands at it. */
static double pairs_of(const ParamLook *look, int n, int n_at) {
  double pairs = 0;
  for (int t = 0; t < n; t++) {
    int own = t < n_at ? t : n_at - 1;
    int before = own < look->before ? own : look->before, left = n_at - 1 - own;
    pairs += before + 1 + (left < look->behind ? left : look->behind);
  }
  return pairs;
}

double param_look_work(const ParamSet *set, int n_source, int n_target) {
  double work = 0;
  for (int i = 0; i < set->n_looks; i++) {
    const ParamLook *look = &set->looks[i];
    int n = look->rows == SIDE_TARGET ? n_target : n_source, n_at = look->at == SIDE_TARGET ? n_target : n_source;
    work += look->columns * pairs_of(look, n, n_at);
  }
  return work;
}

int param_part(ParamSet *set, int param, int col, int cols) {
  int rows = set->params[param].rows;
  return add_part(set, (ParamPart){.param = param, .rows = rows, .col = col, .cols = cols});
}

int param_part_rows(ParamSet *set, int param, int row, int rows) {
  int cols = set->params[param].cols;
  return add_part(set, (ParamPart){.param = param, .row = row, .rows = rows, .cols = cols});
}

int param_weight(ParamSet *set, const char *name, int rows, int cols, ParamStart start, int gates) {
  return param_part(set, param_matrix(set, name, rows, cols, start, gates), 0, cols);
}

Tensor param_part_tensor(const ParamSet *set, int part, real *grads) {
  CHECK(part >= 0 && part < set->n_parts, "part %d of %d", part, set->n_parts);
  const ParamPart *p = &set->parts[part];
  bool coded = p->pack.kind == PACK_INT8 && set->params[p->param].coded; /* nobody reads its numbers */
  const real *values = coded ? set->params[p->param].lent : param_values(set, p->param);
  Tensor whole = tensor_of(set, p->param, values, grads), t = tensor_view(&whole, p->row, p->rows, p->col, p->cols);
  if (p->pack.kind == PACK_NOTHING) return t;
  CHECK(p->packed == set->changes, "part %d of %s is packed as it was %lu changes ago", part,
        set->params[p->param].name, set->changes - p->packed);
  t.pack = &p->pack;
  return t;
}

#if REAL_IS_DOUBLE

void param_pack(ParamSet *set, Pool *pool, PackKind kind) {
  (void)set;
  (void)pool;
  (void)kind;
}

#else

static PackRows rows_of(const ParamSet *set, const ParamPart *part) {
  const Param *p = &set->params[part->param];
  size_t first = (size_t)part->row * (size_t)p->cols + (size_t)part->col;
  if (p->codes == NULL || part->pack.kind != PACK_INT8)
    return (PackRows){.x = param_values(set, part->param) + first, .ld = p->cols};
  return (PackRows){.codes = p->codes + first, .scale = p->scale + part->row, .ld = p->cols};
}

/* Whether numbers of a parameter are read that the packs of its parts are not enough for. */
static bool is_read(const ParamSet *set, int param, PackKind kind) {
  bool parts = set->params[param].table;
  for (int i = 0; i < set->n_parts; i++) {
    if (set->parts[i].param != param) continue;
    parts = true;
    if (pack_kind(kind, set->parts[i].cols) != PACK_INT8) return true;
  }
  return !parts;
}

/* Makes the values that are needed of codes. */
static void make_values(ParamSet *set, PackKind kind) {
  for (int i = 0; i < set->n_params; i++) {
    Param *p = &set->params[i];
    if (p->coded && is_read(set, i, kind)) expand(p, (real *)(uintptr_t)p->lent); /* its room */
  }
}

/* Task i is panel i, counted over all packs. */
static void pack_panel(void *ctx, int task, int worker) {
  (void)worker;
  ParamSet *set = ctx;
  for (int i = 0; i < set->n_parts; i++) {
    ParamPart *part = &set->parts[i];
    int n = pack_panels(&part->pack);
    if (task >= n) {
      task -= n;
      continue;
    }
    PackRows w = rows_of(set, part);
    pack_fill(&part->pack, &w, task);
    return;
  }
}

/* A training changes the values after each update. Packing a large matrix for one product takes longer than it saves,
 * for all of it comes from memory and goes there (doc/SPEED.md). */
static bool pays(const ParamPart *part, PackKind kind) {
  enum { LARGE = 512 * 512 };
  return kind != PACK_BOTH || part->again || (double)part->rows * part->cols <= LARGE;
}

void param_pack(ParamSet *set, Pool *pool, PackKind kind) {
  int n = 0;
  make_values(set, kind);
  for (int i = 0; i < set->n_parts; i++) {
    ParamPart *part = &set->parts[i];
    PackKind wanted = pays(part, kind) ? pack_kind(kind, part->cols) : PACK_NOTHING;
    if (part->pack.kind != wanted) pack_free(&part->pack);
    if (wanted == PACK_NOTHING) continue;
    if (part->pack.kind == PACK_NOTHING) pack_init(&part->pack, wanted, part->rows, part->cols);
    part->pack.from = part->pack.kind == PACK_INT8 ? rows_of(set, part) : (PackRows){0};
    n += pack_panels(&part->pack);
    part->packed = set->changes;
  }
  if (pool != NULL) pool_run(pool, n, pack_panel, set);
  for (int task = 0; task < n && pool == NULL; task++) pack_panel(set, task, 0);
}

#endif

int param_find(const ParamSet *set, const char *name) {
  for (int i = 0; i < set->n_params; i++)
    if (strcmp(set->params[i].name, name) == 0) return i;
  return -1;
}

size_t param_count(const ParamSet *set) {
  size_t n = 0;
  for (int i = 0; i < set->n_params; i++) n += count(&set->params[i]);
  return n;
}
