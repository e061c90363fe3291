#include "eval/worst.h"

#include "base/mem.h"

void worst_open(Worst *w, const MetricSet *set, int most) {
  *w = (Worst){.set = set, .most = most};
  w->at = mem_zero((size_t)most + 1, sizeof *w->at, "worst lines");
}

static bool worse(const Worst *w, const double *a, const double *b) {
  return w->set->at[0]->errors ? a[0] > b[0] : a[0] < b[0];
}

static void copy(Str *out, MetricText text) {
  str_clear(out);
  str_add(out, text.at, text.n);
}

void worst_add(Worst *w, const MetricRow *row) {
  if (w->n == w->most && (w->most == 0 || !worse(w, row->scores, w->at[w->n - 1].scores))) return;
  int place = w->n < w->most ? w->n++ : w->n - 1;
  WorstLine line = w->at[place]; /* its memory is used again */
  for (; place > 0 && worse(w, row->scores, w->at[place - 1].scores); place--) w->at[place] = w->at[place - 1];
  line.line = row->line;
  for (int i = 0; i < w->set->n; i++) line.scores[i] = row->scores[i];
  copy(&line.source, row->source);
  copy(&line.hypothesis, row->hypothesis);
  copy(&line.reference, row->n_references > 0 ? row->references[0] : (MetricText){"", 0});
  w->at[place] = line;
}

static void print_line(Str *out, const Worst *w, const WorstLine *line, int decimals) {
  str_addf(out, "line %ld:", line->line);
  for (int i = 0; i < w->set->n; i++)
    str_addf(out, "%s %s = %.*f", i > 0 ? "," : "", w->set->at[i]->title, decimals, line->scores[i]);
  str_addc(out, '\n');
  if (line->source.n > 0) str_addf(out, "  source      %s\n", str_text(&line->source));
  str_addf(out, "  hypothesis  %s\n  reference   %s\n", str_text(&line->hypothesis), str_text(&line->reference));
}

void worst_print(Str *out, const Worst *w, int width) {
  const char *by = w->set->at[0]->title;
  if (w->n == 1) str_addf(out, "the worst line by %s:\n", by);
  else str_addf(out, "the %d worst lines by %s:\n", w->n, by);
  for (int i = 0; i < w->n; i++) print_line(out, w, &w->at[i], width < 0 ? 2 : width);
}

Json *worst_json(const Worst *w) {
  Json *all = json_new_array();
  for (int i = 0; i < w->n; i++) {
    const WorstLine *line = &w->at[i];
    Json *one = json_new_object(), *scores = json_new_object();
    json_set(one, "line", json_new_number((double)line->line));
    for (int k = 0; k < w->set->n; k++) json_set(scores, w->set->at[k]->name, json_new_number(line->scores[k]));
    json_set(one, "scores", scores);
    if (line->source.n > 0) json_set(one, "source", json_new_string(str_text(&line->source)));
    json_set(one, "hypothesis", json_new_string(str_text(&line->hypothesis)));
    json_set(one, "reference", json_new_string(str_text(&line->reference)));
    json_append(all, one);
  }
  return all;
}

void worst_free(Worst *w) {
  for (int i = 0; i < w->n; i++) {
    str_free(&w->at[i].source);
    str_free(&w->at[i].hypothesis);
    str_free(&w->at[i].reference);
  }
  mem_free(w->at);
  *w = (Worst){0};
}
