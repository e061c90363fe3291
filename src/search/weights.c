#include "search/weights.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

enum { MOST_PIECES = 3 };

static const char ANCHOR[] = "decoder.embedding.weight", READER_ANCHOR[] = "encoder.embedding.weight";
static const char OUTPUT_BIAS[] = "decoder.output.bias";
static const char LAYERS[] = ".layers.", HEADS[] = "attention.heads.";
static const char PROJECTIONS[] = "in_proj_weight";
static const char *const projections[MOST_PIECES] = {"q_proj_weight", "k_proj_weight", "v_proj_weight"};

/* Where the values of a parameter stand: tensors one below the other. None: all 0. */
typedef struct Source {
  int n;
  const SafeTensor *pieces[MOST_PIECES]; /* NULL: missing */
} Source;

static bool ends(const char *text, const char *end) {
  size_t n = strlen(text), k = strlen(end);
  return n >= k && strcmp(text + n - k, end) == 0;
}

/* What stands before a name; NULL: no tensor ends in it. */
static char *before(const SafeTensors *file, const char *end) {
  if (safetensors_find(file, end) != NULL) return mem_text("", 0);
  for (int i = 0; i < safetensors_count(file); i++) {
    const char *name = safetensors_at(file, i)->name;
    size_t n = strlen(name) - (ends(name, end) ? strlen(end) : strlen(name));
    if (n > 0 && name[n - 1] == '.') return mem_text(name, n);
  }
  return NULL;
}

char *weights_prefix(const SafeTensors *file) {
  char *prefix = before(file, ANCHOR);
  if (prefix == NULL) prefix = before(file, READER_ANCHOR);
  return prefix != NULL ? prefix : mem_text("", 0);
}

const SafeTensor *weights_find(const Weights *w, const char *name) {
  Str full = {0};
  str_addf(&full, "%s%s", w->prefix, name);
  const SafeTensor *tensor = safetensors_find(w->file, str_text(&full));
  str_free(&full);
  return tensor;
}

const char *weights_name(const Weights *w, const SafeTensor *tensor) {
  size_t n = strlen(w->prefix);
  return tensor->name + (strncmp(tensor->name, w->prefix, n) == 0 ? n : 0);
}

/* The name of a third of a parameter that ends in in_proj_weight. */
static void piece_name(Str *out, const char *name, int piece) {
  str_clear(out);
  str_add(out, name, strlen(name) - strlen(PROJECTIONS));
  str_addf(out, "%s", projections[piece]);
}

/* How many of its pieces the file has. */
static int find_pieces(const Weights *w, const Param *p, Source *out) {
  Str name = {0};
  int found = 0;
  *out = (Source){.n = MOST_PIECES};
  for (int i = 0; i < MOST_PIECES; i++) {
    piece_name(&name, p->name, i);
    out->pieces[i] = weights_find(w, str_text(&name));
    found += out->pieces[i] != NULL;
  }
  str_free(&name);
  return found;
}

/* What is declared with PyTorch's bias=False: layers of a stack, a norm after them, and nn.MultiheadAttention. */
static bool is_module_bias(const Weights *w, const Param *p) {
  if (p->rank != 1 || p->start != START_ZERO || !ends(p->name, "bias")) return false;
  if (strcmp(p->name, OUTPUT_BIAS) == 0) return w->bare_output;
  return strstr(p->name, LAYERS) != NULL || ends(p->name, ".norm.bias") || strncmp(p->name, HEADS, strlen(HEADS)) == 0;
}

/* Which biases are left out together: those of the attentions, of the products and of the norms of a stack. */
static bool same_kind(const char *a, const char *b) {
  const char *la = strstr(a, LAYERS), *lb = strstr(b, LAYERS);
  if (la == NULL || lb == NULL) return strncmp(a, HEADS, strlen(HEADS)) == 0 && strncmp(b, HEADS, strlen(HEADS)) == 0;
  if (la - a != lb - b || strncmp(a, b, (size_t)(la - a)) != 0) return false;
  return (strstr(la, ".linear") == NULL) == (strstr(lb, ".linear") == NULL) &&
         (strstr(la, ".norm") == NULL) == (strstr(lb, ".norm") == NULL);
}

/* A bias of the same kind that the file has; NULL: none, so that all of them are 0. */
static const Param *fellow(const Weights *w, const ParamSet *set, const Param *p) {
  for (int i = 0; i < set->n_params; i++) {
    const Param *q = &set->params[i];
    if (is_module_bias(w, q) && same_kind(p->name, q->name) && weights_find(w, q->name) != NULL) return q;
  }
  return NULL;
}

static Source source_of(const Weights *w, const ParamSet *set, const Param *p) {
  Source one = {.n = 1, .pieces = {weights_find(w, p->name)}}, three;
  if (one.pieces[0] != NULL || !w->modules) return one;
  if (ends(p->name, PROJECTIONS) && find_pieces(w, p, &three) > 0) return three;
  if (is_module_bias(w, p) && fellow(w, set, p) == NULL) one.n = 0;
  return one;
}

void weights_shape(const Param *p, int rows, size_t shape[3]) {
  shape[0] = (size_t)(p->rank == 1 ? p->cols : rows);
  shape[1] = (size_t)(p->rank == 3 ? p->cols / p->taps : p->cols);
  shape[2] = (size_t)p->taps;
}

void weights_scale_name(Str *out, const char *name) { str_addf(out, "%s.scale", name); }

bool weights_quantised(const Weights *w) {
  for (int i = 0; i < safetensors_count(w->file); i++)
    if (safetensors_at(w->file, i)->type == SAFETENSORS_I8) return true;
  return false;
}

/* The scales of a tensor of codes; NULL: there are none. */
static const SafeTensor *scale_of(const Weights *w, const SafeTensor *codes) {
  Str name = {0};
  weights_scale_name(&name, codes->name);
  const SafeTensor *scale = safetensors_find(w->file, str_text(&name));
  str_free(&name);
  return scale;
}

static bool is_quantised(const Weights *w, const Param *p, const SafeTensor *tensor) {
  return w->int8 && tensor->type == SAFETENSORS_I8 && p->rank > 1;
}

static bool fits(const Weights *w, const Param *p, int rows, const SafeTensor *tensor) {
  size_t shape[3];
  bool numbers = tensor->type == SAFETENSORS_F32 || tensor->type == WEIGHTS_TYPE;
  if ((!numbers && !is_quantised(w, p, tensor)) || tensor->rank != p->rank) return false;
  weights_shape(p, rows, shape);
  return memcmp(shape, tensor->shape, (size_t)p->rank * sizeof *shape) == 0;
}

static bool complain_shape(const Weights *w, const Param *p, int rows, const char *name, Err *err) {
  Str text = {0};
  size_t shape[3];
  weights_shape(p, rows, shape);
  for (int i = 0; i < p->rank; i++) str_addf(&text, "%s%zu", i > 0 ? "," : "", shape[i]);
  (void)err_add(err, ERR_FILE, "%s: tensor %s%s is not F32 of shape [%s]", w->path, w->prefix, name, str_text(&text));
  str_free(&text);
  return false;
}

/* What is not I8 needs no scales. */
static bool check_scale(const Weights *w, const Param *p, const SafeTensor *tensor, Err *err) {
  if (!is_quantised(w, p, tensor)) return true;
  const SafeTensor *scale = scale_of(w, tensor);
  return (scale != NULL && scale->type == SAFETENSORS_F32 && scale->rank == 1 && scale->shape[0] == tensor->shape[0]) ||
         err_add(err, ERR_FILE, "%s: tensor %s is I8, but %s.scale is %s F32 of shape [%zu]", w->path, tensor->name,
                 tensor->name, scale == NULL ? "missing:" : "not", tensor->shape[0]);
}

static bool complain_missing(const Weights *w, const ParamSet *set, const Param *p, const char *name, Err *err) {
  const Param *other = w->modules && is_module_bias(w, p) ? fellow(w, set, p) : NULL;
  if (other == NULL) return err_add(err, ERR_FILE, "%s: tensor %s%s is missing", w->path, w->prefix, name);
  return err_add(err, ERR_FILE, "%s: tensor %s%s is missing, though %s%s is there: all biases of a kind, or none",
                 w->path, w->prefix, name, w->prefix, other->name);
}

static bool check_piece(const Weights *w, const ParamSet *set, const Param *p, const Source *s, int piece, Err *err) {
  const SafeTensor *tensor = s->pieces[piece];
  int rows = p->rows / s->n;
  bool ok = true;
  Str name = {0};
  if (s->n > 1) piece_name(&name, p->name, piece);
  else str_addf(&name, "%s", p->name);
  if (tensor == NULL) ok = complain_missing(w, set, p, str_text(&name), err);
  else if (!fits(w, p, rows, tensor)) ok = complain_shape(w, p, rows, str_text(&name), err);
  else ok = check_scale(w, p, tensor, err);
  str_free(&name);
  return ok;
}

bool weights_check(const Weights *w, const ParamSet *set, Err *err) {
  bool ok = true;
  for (int i = 0; i < set->n_params; i++) {
    const Source s = source_of(w, set, &set->params[i]);
    for (int k = 0; k < s.n; k++) ok = check_piece(w, set, &set->params[i], &s, k, err) && ok;
  }
  return ok;
}

static int whole_of(const Weights *w, const ParamSet *set, const char *name) {
  int found = -1;
  Str whole = {0};
  for (int i = 0; i < MOST_PIECES && found < 0; i++) {
    if (!ends(name, projections[i])) continue;
    str_add(&whole, name, strlen(name) - strlen(projections[i]));
    str_addf(&whole, "%s", PROJECTIONS);
    found = weights_find(w, str_text(&whole)) == NULL ? param_find(set, str_text(&whole)) : -1;
  }
  str_free(&whole);
  return found;
}

/* The parameter in codes of which a tensor has the scales; -1: none. */
static int scaled_by(const Weights *w, const ParamSet *set, const char *name) {
  static const char end[] = ".scale";
  if (!ends(name, end)) return -1;
  char *codes = mem_text(name, strlen(name) - strlen(end));
  const SafeTensor *tensor = weights_find(w, codes);
  int found = param_find(set, codes);
  mem_free(codes);
  return found >= 0 && tensor != NULL && is_quantised(w, &set->params[found], tensor) ? found : -1;
}

int weights_param(const Weights *w, const ParamSet *set, const SafeTensor *tensor) {
  if (strncmp(tensor->name, w->prefix, strlen(w->prefix)) != 0) return -1;
  const char *name = weights_name(w, tensor);
  int found = param_find(set, name);
  if (found < 0) found = scaled_by(w, set, name);
  return found >= 0 || !w->modules ? found : whole_of(w, set, name);
}

static void copy_codes(const SafeTensor *tensor, const SafeTensor *scale, real *out) {
  size_t rows = tensor->shape[0], cols = rows == 0 ? 0 : tensor->n / rows;
  float *scales = mem_alloc(rows, sizeof *scales, "tensor");
  safetensors_copy_f32(scale, scales);
  const int8_t *codes = tensor->data;
  for (size_t r = 0; r < rows; r++)
    for (size_t i = r * cols; i < (r + 1) * cols; i++) out[i] = (real)codes[i] * (real)scales[r];
  mem_free(scales);
}

static void copy_tensor(const Weights *w, const SafeTensor *tensor, real *out) {
  if (tensor->type == SAFETENSORS_I8) {
    copy_codes(tensor, scale_of(w, tensor), out);
    return;
  }
#if REAL_IS_DOUBLE
  if (tensor->type == WEIGHTS_TYPE) {
    memcpy(out, tensor->data, tensor->n_bytes);
    return;
  }
  float *narrow = mem_alloc(tensor->n, sizeof *narrow, "tensor");
  safetensors_copy_f32(tensor, narrow);
  for (size_t i = 0; i < tensor->n; i++) out[i] = narrow[i];
  mem_free(narrow);
#else
  safetensors_copy_f32(tensor, out);
#endif
}

static size_t count(const Param *p) { return (size_t)p->rows * (size_t)p->cols; }

static void copy_source(const Weights *w, const Param *p, const Source *s, real *out) {
  memset(out, 0, s->n == 0 ? count(p) * sizeof *out : 0);
  for (int k = 0; k < s->n; k++) {
    copy_tensor(w, s->pieces[k], out);
    out += s->pieces[k]->n;
  }
}

void weights_copy(const Weights *w, const ParamSet *set, real *block) {
  for (int i = 0; i < set->n_params; i++) {
    const Source s = source_of(w, set, &set->params[i]);
    copy_source(w, &set->params[i], &s, block + set->params[i].offset);
  }
}

static bool is_aligned(const SafeTensor *tensor) { return (uintptr_t)tensor->data % _Alignof(real) == 0; }

static bool can_lend(const Source *s) {
  return s->n == 1 && s->pieces[0]->type == WEIGHTS_TYPE && is_aligned(s->pieces[0]);
}

/* The scales of a matrix whose codes can be read where they stand; NULL: it is none. */
static const SafeTensor *find_scales(const Weights *w, const Source *s) {
  const SafeTensor *scale = s->n == 1 && s->pieces[0]->type == SAFETENSORS_I8 ? scale_of(w, s->pieces[0]) : NULL;
  return scale != NULL && scale->type == WEIGHTS_TYPE && is_aligned(scale) ? scale : NULL;
}

real *weights_lend(const Weights *w, ParamSet *set) {
  Source *sources = mem_alloc((size_t)set->n_params, sizeof *sources, "tensors");
  size_t n = 0;
  for (int i = 0; i < set->n_params; i++) {
    sources[i] = source_of(w, set, &set->params[i]);
    if (!can_lend(&sources[i])) n += count(&set->params[i]);
  }
  real *own = n == 0 ? NULL : mem_alloc(n, sizeof *own, "model weights"), *next = own;
  for (int i = 0; i < set->n_params; i++) {
    const Param *p = &set->params[i];
    const Source *s = &sources[i];
    const SafeTensor *scale = find_scales(w, s);
    if (scale != NULL) param_lend_codes(set, i, s->pieces[0]->data, scale->data, next);
    else param_lend(set, i, can_lend(s) ? s->pieces[0]->data : next);
    if (can_lend(s)) continue;
    if (scale == NULL) copy_source(w, p, s, next);
    next += count(p);
  }
  mem_free(sources);
  return own;
}
