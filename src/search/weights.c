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

static bool fits(const Param *p, int rows, const SafeTensor *tensor) {
  size_t shape[3];
  if ((tensor->type != SAFETENSORS_F32 && tensor->type != WEIGHTS_TYPE) || tensor->rank != p->rank) return false;
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
  else if (!fits(p, rows, tensor)) ok = complain_shape(w, p, rows, str_text(&name), err);
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

int weights_param(const Weights *w, const ParamSet *set, const SafeTensor *tensor) {
  if (strncmp(tensor->name, w->prefix, strlen(w->prefix)) != 0) return -1;
  const char *name = weights_name(w, tensor);
  int found = param_find(set, name);
  return found >= 0 || !w->modules ? found : whole_of(w, set, name);
}

static void copy_tensor(const SafeTensor *tensor, real *out) {
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

static void copy_source(const Param *p, const Source *s, real *out) {
  memset(out, 0, s->n == 0 ? count(p) * sizeof *out : 0);
  for (int k = 0; k < s->n; k++) {
    copy_tensor(s->pieces[k], out);
    out += s->pieces[k]->n;
  }
}

void weights_copy(const Weights *w, const ParamSet *set, real *block) {
  for (int i = 0; i < set->n_params; i++) {
    const Source s = source_of(w, set, &set->params[i]);
    copy_source(&set->params[i], &s, block + set->params[i].offset);
  }
}

static bool can_lend(const Source *s) {
  return s->n == 1 && s->pieces[0]->type == WEIGHTS_TYPE && (uintptr_t)s->pieces[0]->data % _Alignof(real) == 0;
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
    param_lend(set, i, can_lend(s) ? s->pieces[0]->data : next);
    if (can_lend(s)) continue;
    copy_source(p, s, next);
    next += count(p);
  }
  mem_free(sources);
  return own;
}
