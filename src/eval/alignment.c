#include "eval/alignment.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "eval/csv.h"
#include "eval/pixels.h"

/* %.9g never needs more than 16 bytes. */
static void add_number(Str *out, double value) {
  char text[32];
  int n = snprintf(text, sizeof text, "%.9g", value);
  str_add(out, text, (size_t)n);
}

static float weight(const Alignment *a, int t, int s) {
  return a->weights[(size_t)t * (size_t)a->n_source + (size_t)s];
}

static bool unknown(const bool *told, const char *const *tokens, int i) {
  return told != NULL ? told[i] : strcmp(tokens[i], "<unk>") == 0;
}

bool alignment_source_unknown(const Alignment *a, int s) { return unknown(a->source_unknown, a->source, s); }
bool alignment_target_unknown(const Alignment *a, int t) { return unknown(a->target_unknown, a->target, t); }

void alignment_matrix(Str *out, const Alignment *a) {
  for (int s = 0; s < a->n_source; s++) {
    str_addc(out, ',');
    csv_quote(out, a->source[s]);
  }
  str_addc(out, '\n');
  for (int t = 0; t < a->n_target; t++) {
    csv_quote(out, a->target[t]);
    for (int s = 0; s < a->n_source; s++) {
      str_addc(out, ',');
      add_number(out, (double)weight(a, t, s));
    }
    str_addc(out, '\n');
  }
}

void alignment_tidy_header(Str *out, bool ranked) {
  str_adds(out, "sentence,target_position,target_token,source_position,source_token,weight");
  str_adds(out, ranked ? ",rank\n" : "\n");
}

void alignment_tidy(Str *out, const Alignment *a, bool ranked) {
  for (int t = 0; t < a->n_target; t++)
    for (int s = 0; s < a->n_source; s++) {
      str_addf(out, "%ld,%d,", (long)a->id + 1, t);
      csv_quote(out, a->target[t]);
      str_addf(out, ",%d,", s);
      csv_quote(out, a->source[s]);
      str_addc(out, ',');
      add_number(out, (double)weight(a, t, s));
      if (ranked) str_addf(out, ",%d", a->rank);
      str_addc(out, '\n');
    }
}

static void add_json_number(Str *out, double value) {
  if (isfinite(value)) add_number(out, value);
  else str_adds(out, "null");
}

static void add_tokens(Str *out, const char *const *tokens, int n) {
  for (int i = 0; i < n; i++) {
    str_addc(out, i == 0 ? '[' : ',');
    json_quote(out, tokens[i]);
  }
  str_adds(out, n == 0 ? "[]" : "]");
}

static void add_numbers(Str *out, const double *values, int n) {
  for (int i = 0; i < n; i++) {
    str_addc(out, i == 0 ? '[' : ',');
    add_json_number(out, values[i]);
  }
  str_adds(out, n == 0 ? "[]" : "]");
}

/* weights [n_rows,n] as an array of rows. */
static void add_rows(Str *out, const float *weights, int n_rows, int n) {
  str_addc(out, '[');
  for (int t = 0; t < n_rows; t++) {
    str_adds(out, t == 0 ? "[" : ",[");
    for (int s = 0; s < n; s++) {
      if (s > 0) str_addc(out, ',');
      add_json_number(out, (double)*weights++);
    }
    str_addc(out, ']');
  }
  str_addc(out, ']');
}

const char *const alignment_head_keys[N_HEAD_KINDS] = {
    [HEADS_CROSS] = "attention", [HEADS_ENCODER] = "encoder_attention", [HEADS_DECODER] = "decoder_attention"};

/* Heads whose weights are [n_rows,n]; nothing when nobody asked for them. */
static void add_heads(Str *out, const char *key, const HeadWeights *heads, int n_rows, int n) {
  size_t cells = (size_t)n_rows * (size_t)n;
  if (heads->at == NULL) return;
  str_addf(out, ",\"%s\":[", key);
  for (int k = 0; k < heads->n; k++) {
    const HeadName *name = &heads->names[k];
    str_addf(out, "%s{\"layer\":%d,\"head\":%d,\"weights\":", k > 0 ? "," : "", name->layer, name->head);
    add_rows(out, head_weights_of(heads, cells, (size_t)k), n_rows, n);
    str_addc(out, '}');
  }
  str_addc(out, ']');
}

void alignment_add_unknown(Str *out, const Alignment *a, bool target) {
  const char *between = "";
  str_addc(out, '[');
  for (int i = 0; i < (target ? a->n_target : a->n_source); i++)
    if (target ? alignment_target_unknown(a, i) : alignment_source_unknown(a, i)) {
      str_addf(out, "%s%d", between, i);
      between = ",";
    }
  str_addc(out, ']');
}

static void add_marks(Str *out, const Alignment *a) {
  str_adds(out, ",\"source_unknown\":");
  alignment_add_unknown(out, a, false);
  str_adds(out, ",\"target_unknown\":");
  alignment_add_unknown(out, a, true);
  str_addf(out, ",\"source_cut\":%s,\"target_cut\":%s", a->source_cut ? "true" : "false",
           a->target_cut ? "true" : "false");
}

/* Of each token of a side that ponders. */
static void add_steps(Str *out, const char *key, const double *steps, int n) {
  if (steps == NULL) return;
  str_addf(out, ",\"%s\":", key);
  add_numbers(out, steps, n);
}

static void add_chosen(Str *out, const Alignment *a) {
  if (a->chosen == NULL) return;
  str_adds(out, ",\"chosen\":[");
  for (int t = 0; t < a->n_target; t++) str_addf(out, "%s%d", t == 0 ? "" : ",", a->chosen[t]);
  str_addc(out, ']');
}

void alignment_jsonl(Str *out, const Alignment *a, bool ranked) {
  str_addf(out, "{\"id\":%d,\"source\":", a->id);
  add_tokens(out, a->source, a->n_source);
  str_adds(out, ",\"target\":");
  add_tokens(out, a->target, a->n_target);
  str_adds(out, ",\"text\":");
  json_quote(out, a->text);
  str_adds(out, ",\"score\":");
  add_json_number(out, a->score);
  str_adds(out, ",\"token_logprob\":");
  add_numbers(out, a->token_logprob, a->n_target);
  str_adds(out, ",\"alignment\":");
  add_rows(out, a->weights, a->n_target, a->n_source);
  add_marks(out, a);
  if (a->position != NULL) {
    str_adds(out, ",\"position\":");
    add_numbers(out, a->position, a->n_target);
    str_addf(out, ",\"window\":%d", a->window);
  }
  add_chosen(out, a);
  add_steps(out, "source_ponder", a->steps.source, a->n_source);
  add_steps(out, "target_ponder", a->steps.target, a->n_target);
  for (HeadKind k = 0; k < N_HEAD_KINDS; k++)
    add_heads(out, alignment_head_keys[k], &a->heads.of[k], head_weights_rows(k, a->n_target, a->n_source),
              head_weights_columns(k, a->n_target, a->n_source));
  if (pixels_shown(a->regions)) {
    str_adds(out, ",\"image\":");
    pixels_add(out, a->regions);
  }
  if (ranked) str_addf(out, ",\"rank\":%d", a->rank);
  str_adds(out, "}\n");
}

static int looked_at(const Alignment *a, int t) {
  int best = 0;
  if (a->chosen != NULL) return a->chosen[t];
  for (int s = 1; s < a->n_source; s++)
    if (weight(a, t, s) > weight(a, t, best)) best = s;
  return best;
}

/* Regions have no closing </s>. */
static int count_words(const Alignment *a) {
  int n = a->n_source;
  return n > 0 && strcmp(a->source[n - 1], "</s>") == 0 ? n - 1 : n;
}

void alignment_links(PharaohLinks *links, const Alignment *a) {
  pharaoh_clear(links);
  int n = count_words(a);
  for (int t = 0; t + 1 < a->n_target; t++) {
    int s = looked_at(a, t);
    if (s < n && weight(a, t, s) > 0) pharaoh_add(links, (PharaohLink){s, t, true});
  }
  pharaoh_sort(links);
}

void alignment_pharaoh(Str *out, const Alignment *a) {
  PharaohLinks links = {0};
  alignment_links(&links, a);
  pharaoh_print(out, &links);
  str_addc(out, '\n');
  pharaoh_free(&links);
}
