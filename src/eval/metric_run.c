#include "eval/metric_run.h"

#include <string.h>

#include "base/mem.h"
#include "base/unicode.h"
#include "eval/bootstrap.h"
#include "eval/nearly_equal.h"
#include "text/tokens.h"
#include "text/word_form.h"

/* The statistics of one system under one metric. */
typedef struct Tally {
  double sums[METRIC_STATS], line[METRIC_STATS];
  double *rows; /* [n_rows, n_stats], kept for the bootstrap only */
  size_t cap;
} Tally;

/* Systems measured: those of files, then baselines. */
enum { COPY = N_METRIC_SYSTEMS, COMMONEST, N_SYSTEMS };

/* The references of all lines, kept for the baseline that needs them. */
typedef struct Kept {
  Tokens texts;
  int *ends; /* [n] where those of a line end */
  int n, cap;
} Kept;

typedef struct Run {
  const MetricSet *set;
  const MetricRun *run;
  MetricInput *input;
  Warnings *warnings;
  MetricText *references; /* [n_lowered] of the present line, in lower case if asked */
  Str *lowered;           /* [n_lowered] rooms for texts in lower case: systems, source, then references */
  int n_lowered;
  int least_references, most_references;
  Kept kept;
  NearlyEqual nearly;
  WordForm forms[2]; /* of outputs, of references */
  int commonest;     /* the reference of kept that is most frequent, -1: none occurs twice */
  int n_commonest;
  void *work[N_METRICS];
  Tally tallies[N_METRICS][N_SYSTEMS];
} Run;

static bool resamples(const Run *r) { return r->run->confidence || r->run->files.rival != NULL; }

/* ---- A line. */

/* The text itself, or, if asked, in lower case, in the room of that number. */
static MetricText prepared(Run *r, MetricText text, int room) {
  if (!r->run->options.lowercase) return text;
  Str *lowered = &r->lowered[room];
  str_clear(lowered);
  unicode_lower(lowered, text.at, text.n);
  return (MetricText){str_text(lowered), lowered->n};
}

static void make_room(Run *r, int n_references) {
  int need = N_SYSTEMS + n_references;
  if (need <= r->n_lowered) return;
  r->lowered = mem_grow(r->lowered, (size_t)need, sizeof *r->lowered, "metric");
  r->references = mem_grow(r->references, (size_t)need, sizeof *r->references, "metric");
  memset(r->lowered + r->n_lowered, 0, (size_t)(need - r->n_lowered) * sizeof *r->lowered);
  r->n_lowered = need;
}

static bool find_references(Run *r, MetricLine *line, Err *err) {
  if (!metric_input_references(r->input, line, err)) return false;
  make_room(r, line->n_references);
  for (int i = 0; i < line->n_references; i++) r->references[i] = prepared(r, line->references[i], N_SYSTEMS + i);
  line->references = r->references;
  if (line->line == 1 || line->n_references < r->least_references) r->least_references = line->n_references;
  if (line->n_references > r->most_references) r->most_references = line->n_references;
  return true;
}

/* line is number n of those measured, from 0. */
static bool measure(Run *r, int metric, int system, const MetricLine *line, Err *err) {
  const MetricDef *def = r->set->at[metric];
  Tally *t = &r->tallies[metric][system];
  memset(t->line, 0, sizeof t->line);
  if (!def->measure(r->work[metric], &r->run->options, line, t->line, err)) return false;
  size_t n = (size_t)def->n_stats, used = (size_t)(line->line - 1) * n;
  for (size_t i = 0; i < n; i++) t->sums[i] += t->line[i];
  if (!resamples(r) || system >= N_METRIC_SYSTEMS) return true;
  if (used + n > t->cap) {
    t->cap = 2 * (used + n);
    t->rows = mem_grow(t->rows, t->cap, sizeof *t->rows, "statistics of lines");
  }
  memcpy(t->rows + used, t->line, n * sizeof *t->line);
  return true;
}

static bool measure_system(Run *r, int system, MetricLine *line, Err *err) {
  for (int i = 0; i < r->set->n; i++)
    if (!measure(r, i, system, line, err)) return false;
  return true;
}

static void keep_references(Kept *k, const MetricLine *line) {
  for (int i = 0; i < line->n_references; i++) tokens_add(&k->texts, line->references[i].at, line->references[i].n);
  if (k->n == k->cap) {
    k->cap = 2 * k->cap + 256;
    k->ends = mem_grow(k->ends, (size_t)k->cap, sizeof *k->ends, "references");
  }
  k->ends[k->n++] = k->texts.n;
}

static bool hand_on(Run *r, const MetricLine *line, MetricText hypothesis, Err *err) {
  double scores[N_METRIC_SYSTEMS][N_METRICS];
  bool rival = r->run->files.rival != NULL;
  for (int s = 0; s < (rival ? 2 : 1); s++)
    for (int i = 0; i < r->set->n; i++)
      scores[s][i] = metric_sentence(r->set->at[i], &r->run->options, r->tallies[i][s].line);
  MetricRow row = {.line = line->line,
                   .source = metric_input_source(r->input),
                   .hypothesis = hypothesis,
                   .references = line->references,
                   .n_references = line->n_references,
                   .scores = scores[METRIC_SYSTEM],
                   .rivals = rival ? scores[METRIC_RIVAL] : NULL};
  return r->run->row(r->run->ctx, &row, err);
}

/* What may make the figures doubtful. */
static void look_at(Run *r, MetricText hypothesis, const MetricLine *line) {
  nearly_equal_add(&r->nearly, hypothesis, line->references, line->n_references);
  word_form_add_line(&r->forms[0], hypothesis.at, hypothesis.n);
  for (int i = 0; i < line->n_references; i++)
    word_form_add_line(&r->forms[1], line->references[i].at, line->references[i].n);
}

static bool take_line(Run *r, Err *err) {
  MetricLine line = {0};
  const MetricFiles *files = &r->run->files;
  if (!find_references(r, &line, err)) return false;
  MetricText hypothesis = prepared(r, metric_input_output(r->input, METRIC_SYSTEM), METRIC_SYSTEM);
  for (int s = 0; s < (files->rival != NULL ? 2 : 1); s++) {
    line.hypothesis = s == METRIC_SYSTEM ? hypothesis : prepared(r, metric_input_output(r->input, METRIC_RIVAL), s);
    line.hypothesis_path = metric_input_path(r->input, (MetricSystem)s);
    if (!measure_system(r, s, &line, err)) return false;
  }
  if (!r->set->at[0]->links) look_at(r, hypothesis, &line);
  if (r->run->baselines) keep_references(&r->kept, &line);
  if (r->run->baselines && files->source != NULL) {
    line.hypothesis = prepared(r, metric_input_source(r->input), COPY);
    if (!measure_system(r, COPY, &line, err)) return false;
  }
  return r->run->row == NULL || hand_on(r, &line, hypothesis, err);
}

static bool take_all(Run *r, Err *err) {
  int got;
  while ((got = metric_input_next(r->input, err)) == 1)
    if (!take_line(r, err)) return false;
  if (got < 0) return false;
  return metric_input_number(r->input) > 0 ||
         err_set(err, ERR_FILE, "%s and %s have no lines; there is nothing to compare",
                 metric_input_path(r->input, METRIC_SYSTEM),
                 r->run->files.n_references > 0 ? r->run->files.references[0] : r->run->files.source);
}

/* ---- The most frequent reference as the output of every line. */

static void find_commonest(Run *r) {
  StrMap counts = {0};
  r->commonest = -1;
  r->n_commonest = 1;
  for (int i = 0; i < r->kept.texts.n; i++) {
    size_t n;
    const char *text = tokens_get(&r->kept.texts, i, &n);
    int *count = strmap_at(&counts, text, n);
    if (++*count <= r->n_commonest) continue;
    r->n_commonest = *count;
    r->commonest = i;
  }
  strmap_free(&counts);
}

static bool measure_commonest(Run *r, Err *err) {
  find_commonest(r);
  if (r->commonest < 0) return true;
  MetricLine line = {.hypothesis_path = "", .reference_path = ""};
  line.hypothesis.at = tokens_get(&r->kept.texts, r->commonest, &line.hypothesis.n);
  line.references = r->references;
  for (int i = 0, from = 0; i < r->kept.n; from = r->kept.ends[i++]) {
    line.n_references = r->kept.ends[i] - from;
    line.line = i + 1;
    for (int k = 0; k < line.n_references; k++)
      r->references[k].at = tokens_get(&r->kept.texts, from + k, &r->references[k].n);
    if (!measure_system(r, COMMONEST, &line, err)) return false;
  }
  return true;
}

/* ---- Results. */

/* sacrebleu's order of keys: what is common to all metrics, the metric's own, the version. */
static void sign(const Run *r, MetricResult *result) {
  Str *s = &result->signature;
  if (r->least_references == r->most_references) str_addf(s, "nrefs:%d|", r->most_references);
  else str_adds(s, "nrefs:var|");
  if (resamples(r)) str_addf(s, "bs:%d|seed:%llu|", r->run->n_samples, (unsigned long long)r->run->seed);
  result->metric->signature(s, &r->run->options);
  str_adds(s, "|version:attn-seq2seq-" VERSION);
}

static void resample(const Run *r, int metric, MetricResult *result) {
  const MetricRun *run = r->run;
  const Tally *tallies = r->tallies[metric];
  size_t n = (size_t)run->n_samples;
  double *scores = mem_alloc(N_METRIC_SYSTEMS * n, sizeof *scores, "bootstrap");
  for (int s = 0; s < (run->files.rival != NULL ? 2 : 1); s++)
    bootstrap_scores(result->metric, &run->options, tallies[s].rows, metric_input_number(r->input), run->seed,
                     run->n_samples, scores + (size_t)s * n);
  if (run->files.rival != NULL) {
    result->rival = run->files.rival;
    result->rival_score = metric_score(result->metric, &run->options, tallies[METRIC_RIVAL].sums);
    result->n_samples = run->n_samples;
    result->p = bootstrap_p(scores, scores + n, run->n_samples, result->values[0].value - result->rival_score);
  }
  result->has_confidence = run->confidence;
  if (run->confidence) bootstrap_interval(scores, run->n_samples, &result->mean, &result->half_width);
  mem_free(scores);
}

static void report_baselines(const Run *r, int metric, MetricResult *result) {
  const MetricOptions *options = &r->run->options;
  result->has_copy = r->run->files.source != NULL;
  result->has_commonest = r->commonest >= 0;
  if (result->has_copy) result->copy = metric_score(result->metric, options, r->tallies[metric][COPY].sums);
  if (result->has_commonest)
    result->commonest = metric_score(result->metric, options, r->tallies[metric][COMMONEST].sums);
}

static void report_all(const Run *r, MetricReport *report) {
  *report = (MetricReport){.n = r->set->n, .hypothesis = r->run->files.hypothesis};
  report->n_lines = metric_input_number(r->input);
  if (r->run->baselines && r->commonest >= 0) {
    str_adds(&report->commonest, tokens_get(&r->kept.texts, r->commonest, NULL));
    report->n_commonest = r->n_commonest;
  }
  for (int i = 0; i < r->set->n; i++) {
    MetricResult *result = &report->at[i];
    const double *sums = r->tallies[i][METRIC_SYSTEM].sums;
    result->metric = r->set->at[i];
    result->n_values = result->metric->values(&r->run->options, sums, result->values);
    if (result->metric->signature != NULL) sign(r, result);
    if (result->metric->detail != NULL) result->metric->detail(&result->detail, &r->run->options, sums);
    if (resamples(r)) resample(r, i, result);
    if (r->run->baselines) report_baselines(r, i, result);
  }
}

static void tell_pieces(const Run *r, const WordForm *form, const char *path) {
  Str text = {0};
  word_form_warn_pieces(form, path, &text);
  if (text.n > 0) warnings_tell(r->warnings, "%s", str_text(&text));
  str_free(&text);
}

/* What makes the figures doubtful. */
static void warn_all(const Run *r) {
  const MetricFiles *f = &r->run->files;
  const char *reference = f->n_references > 0 ? f->references[0] : f->table;
  bool accuracy = false, text = false;
  metric_input_tell(r->input);
  for (int i = 0; i < r->set->n; i++) {
    const MetricDef *def = r->set->at[i];
    accuracy = accuracy || strcmp(def->name, "accuracy") == 0;
    text = text || !def->links;
    if (def->doubt == NULL) continue;
    def->doubt(r->tallies[i][METRIC_SYSTEM].sums, f->hypothesis, reference, r->warnings);
    if (f->rival != NULL) def->doubt(r->tallies[i][METRIC_RIVAL].sums, f->rival, reference, r->warnings);
  }
  if (text) nearly_equal_tell(&r->nearly, f->hypothesis, accuracy, r->warnings);
  tell_pieces(r, &r->forms[0], f->hypothesis);
  tell_pieces(r, &r->forms[1], reference);
  if (r->run->baselines && r->commonest < 0)
    warnings_tell(r->warnings, "no reference occurs twice: the most frequent one is no baseline here");
}

static void release(Run *r) {
  for (int i = 0; i < r->set->n; i++) {
    if (r->set->at[i]->release != NULL) r->set->at[i]->release(r->work[i]);
    mem_free(r->work[i]);
    for (int s = 0; s < N_SYSTEMS; s++) mem_free(r->tallies[i][s].rows);
  }
  for (int i = 0; i < r->n_lowered; i++) str_free(&r->lowered[i]);
  metric_input_close(r->input);
  nearly_equal_free(&r->nearly);
  tokens_free(&r->kept.texts);
  mem_free(r->kept.ends);
  mem_free(r->lowered);
  mem_free(r->references);
}

/* Whether all metrics are of links: files of text have other forms. */
static bool all_links(const MetricSet *set) {
  for (int i = 0; i < set->n; i++)
    if (!set->at[i]->links) return false;
  return true;
}

bool metric_run(const MetricSet *set, const MetricRun *run, Warnings *warnings, MetricReport *report, Err *err) {
  Run r = {.set = set, .run = run, .warnings = warnings};
  r.input = metric_input_open(&run->files, all_links(set), run->from_1, warnings, err);
  if (r.input == NULL) return false;
  for (int i = 0; i < set->n; i++) r.work[i] = mem_zero(1, set->at[i]->size > 0 ? set->at[i]->size : 1, "metric");
  bool ok = take_all(&r, err) && (!run->baselines || measure_commonest(&r, err));
  if (ok) report_all(&r, report);
  if (ok) warn_all(&r);
  release(&r);
  return ok;
}
