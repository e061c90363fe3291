#include "eval/heatmap_json.h"

#include <math.h>

#include "base/json.h"
#include "eval/pixels.h"

static void add_tokens(Str *out, const char *key, const char *const *tokens, int n) {
  str_addf(out, "\"%s\":[", key);
  for (int i = 0; i < n; i++) {
    if (i > 0) str_addc(out, ',');
    json_quote(out, tokens[i]);
  }
  str_addc(out, ']');
}

static void add_gold(Str *out, const PharaohLinks *gold) {
  str_adds(out, ",\"g\":[");
  for (int i = 0; i < gold->n; i++)
    str_addf(out, "%s%d,%d,%d", i == 0 ? "" : ",", gold->at[i].source, gold->at[i].target, gold->at[i].sure);
  str_addc(out, ']');
}

static int thousandths(double share) {
  if (!(share > 0)) return 0;
  return share >= 1 ? 1000 : (int)(1000 * share + 0.5);
}

/* Thousandths; as many noughts as a negative number says; none at the end. */
static void add_row(Str *out, const float *row, int n) {
  int noughts = 0;
  const char *between = "";
  str_addc(out, '[');
  for (int s = 0; s < n; s++) {
    int weight = thousandths((double)row[s]);
    noughts += weight == 0;
    if (weight == 0) continue;
    if (noughts > 0) str_addf(out, "%s%d,%d", between, -noughts, weight);
    else str_addf(out, "%s%d", between, weight);
    noughts = 0;
    between = ",";
  }
  str_addc(out, ']');
}

static void add_rows(Str *out, const float *weights, int n_rows, int n) {
  str_addc(out, '[');
  for (int t = 0; t < n_rows; t++) {
    if (t > 0) str_addc(out, ',');
    add_row(out, weights + (size_t)t * (size_t)n, n);
  }
  str_addc(out, ']');
}

static void add_heads(Str *out, const char *key, const Alignment *a, HeadKind kind) {
  const HeadWeights *heads = &a->heads.of[kind];
  int n_rows = head_weights_rows(kind, a->n_target, a->n_source);
  int n = head_weights_columns(kind, a->n_target, a->n_source);
  size_t cells = (size_t)n_rows * (size_t)n;
  if (head_weights_count(heads) == 0) return;
  str_addf(out, ",\"%s\":[", key);
  for (int k = 0; k < heads->n; k++) {
    str_addf(out, "%s[%d,%d,", k == 0 ? "" : ",", heads->names[k].layer, heads->names[k].head);
    add_rows(out, head_weights_of(heads, cells, (size_t)k), n_rows, n);
    str_addc(out, ']');
  }
  str_addc(out, ']');
}

/* Of each token of a side that ponders, in hundredths. */
static void add_steps(Str *out, const double *steps, int n) {
  if (steps == NULL) return;
  str_adds(out, ",\"j\":[");
  for (int i = 0; i < n; i++) str_addf(out, "%s%.0f", i == 0 ? "" : ",", isfinite(steps[i]) ? 100 * steps[i] : 0.0);
  str_addc(out, ']');
}

void heatmap_json_open(Str *out, const Alignment *a, const PharaohLinks *gold) {
  str_addf(out, "{\"n\":%ld,", (long)a->id + 1);
  add_tokens(out, "s", a->source, a->n_source);
  str_adds(out, ",\"u\":");
  alignment_add_unknown(out, a, false);
  if (gold != NULL) add_gold(out, gold);
  if (a->source_cut) str_adds(out, ",\"k\":1");
  if (pixels_shown(a->regions)) {
    str_adds(out, ",\"i\":");
    pixels_add(out, a->regions);
  }
  add_steps(out, a->steps.source, a->n_source);
  add_heads(out, "e", a, HEADS_ENCODER);
  str_adds(out, ",\"o\":[");
}

/* p_t in thousandths, the window. */
static void add_positions(Str *out, const Alignment *a) {
  str_adds(out, ",\"l\":[");
  for (int t = 0; t < a->n_target; t++)
    str_addf(out, "%s%.0f", t == 0 ? "" : ",", isfinite(a->position[t]) ? 1000 * a->position[t] : 0.0);
  str_addf(out, "],\"d\":%d", a->window);
}

/* The one position looked at. */
static void add_chosen(Str *out, const Alignment *a) {
  str_adds(out, ",\"a\":[");
  for (int t = 0; t < a->n_target; t++) str_addf(out, "%s%d", t == 0 ? "" : ",", a->chosen[t]);
  str_addc(out, ']');
}

void heatmap_json_output(Str *out, const Alignment *a) {
  str_addc(out, '{');
  add_tokens(out, "t", a->target, a->n_target);
  str_adds(out, ",\"u\":");
  alignment_add_unknown(out, a, true);
  if (a->text[0] != '\0') {
    str_adds(out, ",\"x\":");
    json_quote(out, a->text);
  }
  if (isfinite(a->score)) str_addf(out, ",\"c\":%.4g", a->score);
  if (a->target_cut) str_adds(out, ",\"k\":1");
  if (a->token_logprob != NULL) str_adds(out, ",\"p\":[");
  for (int t = 0; a->token_logprob != NULL && t < a->n_target; t++)
    str_addf(out, "%s%d", t == 0 ? "" : ",", thousandths(exp(a->token_logprob[t])));
  if (a->token_logprob != NULL) str_addc(out, ']');
  if (a->position != NULL) add_positions(out, a);
  if (a->chosen != NULL) add_chosen(out, a);
  add_steps(out, a->steps.target, a->n_target);
  str_adds(out, ",\"w\":");
  add_rows(out, a->weights, a->n_target, a->n_source);
  add_heads(out, "h", a, HEADS_CROSS);
  add_heads(out, "r", a, HEADS_DECODER);
  str_addc(out, '}');
}

void heatmap_json_close(Str *out) { str_adds(out, "]}"); }
