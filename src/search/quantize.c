#include "search/quantize.h"

#include <math.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "num/int8.h"
#include "search/translator.h"
#include "search/weights.h"

/* Codes and scales of all matrices, one behind the other. */
typedef struct Quantised {
  int8_t *codes;
  float *scale;
} Quantised;

static bool is_embedding(const Param *p) {
  static const char end[] = "embedding.weight";
  size_t n = strlen(p->name), k = sizeof end - 1;
  return n >= k && strcmp(p->name + n - k, end) == 0;
}

/* What products or embeddings read; other matrices are small, and read number by number. */
static bool is_quantised(const ParamSet *set, int param) {
  const Param *p = &set->params[param];
  bool reads = is_embedding(p);
  for (int i = 0; i < set->n_parts && !reads; i++) reads = set->parts[i].param == param;
  return reads && p->rank > 1;
}

static bool quantise(const ParamSet *set, int param, Quantised *to, const char *path, Err *err) {
  const Param *p = &set->params[param];
  const real *values = param_values(set, param);
  bool ok = true;
  for (int r = 0; r < p->rows && ok; r++) {
    real scale;
    int8_quantise(values + (size_t)r * (size_t)p->cols, p->cols, to->codes + (size_t)r * (size_t)p->cols, &scale);
    to->scale[r] = (float)scale;
    ok = isfinite(scale) ||
         err_set(err, ERR_FILE, "%s: tensor %s: row %d has numbers that are not finite", path, p->name, r);
  }
  return ok;
}

/* Quantises a matrix into *to, puts it and moves *to behind it. */
static bool put_quantised(const ParamSet *set, int param, Quantised *to, SafeTensorsWriter *w, const char *path,
                          Err *err) {
  const Param *p = &set->params[param];
  size_t shape[3], rows = (size_t)p->rows;
  if (!quantise(set, param, to, path, err)) return false;
  Str name = {0};
  weights_shape(p, p->rows, shape);
  weights_scale_name(&name, p->name);
  safetensors_put(w, p->name, SAFETENSORS_I8, p->rank, shape, to->codes);
  safetensors_put(w, str_text(&name), SAFETENSORS_F32, 1, &rows, to->scale);
  str_free(&name);
  to->codes += rows * (size_t)p->cols;
  to->scale += rows;
  return true;
}

static bool put(const ParamSet *set, Quantised to, SafeTensorsWriter *w, const char *path, Err *err) {
  bool ok = true;
  for (int i = 0; i < set->n_params && ok; i++) {
    const Param *p = &set->params[i];
    size_t shape[3];
    weights_shape(p, p->rows, shape);
    if (is_quantised(set, i)) ok = put_quantised(set, i, &to, w, path, err);
    else safetensors_put(w, p->name, WEIGHTS_TYPE, p->rank, shape, param_values(set, i));
  }
  return ok;
}

static Quantised room(const ParamSet *set) {
  size_t n_codes = 0, n_rows = 0;
  for (int i = 0; i < set->n_params; i++) {
    n_codes += (size_t)set->params[i].rows * (size_t)set->params[i].cols;
    n_rows += (size_t)set->params[i].rows;
  }
  return (Quantised){mem_alloc(n_codes, 1, "quantised weights"), mem_alloc(n_rows, sizeof(float), "quantised weights")};
}

static bool save(const Translator *t, const char *path, const char *out, bool overwrite, Err *err) {
  SafeTensorsWriter *w = safetensors_create(out, err);
  if (w == NULL) return false;
  Quantised quantised = room(&t->model->params);
  bool ok = put(&t->model->params, quantised, w, path, err) && translator_unchanged(t, err);
  if (ok) {
    translator_put_rest(t, w);
    ok = translator_publish(w, out, overwrite, err);
  } else {
    safetensors_abandon(w);
  }
  mem_free(quantised.codes);
  mem_free(quantised.scale);
  return ok;
}

bool quantize_model(const char *path, const char *out, bool overwrite, Err *err) {
  if (!io_check_target(out, err)) return false;
  Translator *t = translator_load(path, err);
  bool ok = t != NULL && translator_exact(t, path, "be quantised again", err) && save(t, path, out, overwrite, err);
  translator_free(t);
  return ok;
}
