#include "eval/metric_run.h"

#include <string.h>

#include "base/mem.h"
#include "base/unicode.h"
#include "eval/bootstrap.h"
#include "eval/references.h"
#include "text/lines.h"

/* The statistics of one system under one metric. */
typedef struct Tally {
  double sums[METRIC_STATS];
  double *rows; /* [n_rows, n_stats], kept for the bootstrap only */
  size_t cap;
} Tally;

enum { SYSTEM, RIVAL, N_SYSTEMS };

typedef struct Reading {
  const MetricSet *set;
  const MetricRun *run;
  int n_systems;
  Lines **files;     /* [n_files] the systems' outputs, then the references' files or the table's source */
  MetricText *texts; /* [n_files] their current lines */
  Str *lowered;      /* [n_files + most references of a line] */
  int n_files, n_lowered;
  References *table;
  MetricText *references; /* [n_lowered] of the current line, in lower case if asked */
  long n_lines;
  int least_references, most_references;
  void *work[N_METRICS];
  Tally tallies[N_METRICS][N_SYSTEMS];
} Reading;

static bool open_file(Reading *r, const char *path, Warnings *warnings, Err *err) {
  r->files[r->n_files] = lines_open(path, warnings, err);
  return r->files[r->n_files] != NULL && ++r->n_files;
}

static bool check_files(const MetricFiles *f, Err *err) {
  int n = strcmp(f->hypothesis, "-") == 0;
  n += f->rival != NULL && strcmp(f->rival, "-") == 0;
  n += f->table != NULL && strcmp(f->table, "-") == 0;
  n += f->source != NULL && strcmp(f->source, "-") == 0;
  for (int i = 0; i < f->n_references; i++) n += strcmp(f->references[i], "-") == 0;
  return n <= 1 || err_set(err, ERR_USAGE, "only one of the files can be standard input (\"-\")");
}

static bool open_all(Reading *r, Warnings *warnings, Err *err) {
  const MetricFiles *f = &r->run->files;
  size_t most = (size_t)f->n_references + N_SYSTEMS + 1;
  r->files = mem_zero(most, sizeof *r->files, "metric");
  r->texts = mem_zero(most, sizeof *r->texts, "metric");
  r->n_systems = f->rival != NULL ? 2 : 1;
  if (!open_file(r, f->hypothesis, warnings, err)) return false;
  if (f->rival != NULL && !open_file(r, f->rival, warnings, err)) return false;
  for (int i = 0; i < f->n_references; i++)
    if (!open_file(r, f->references[i], warnings, err)) return false;
  if (f->table == NULL) return true;
  r->table = references_load(f->table, warnings, err);
  return r->table != NULL && open_file(r, f->source, warnings, err);
}

static bool count_rest(Lines *lines, Err *err) {
  const char *line;
  size_t n;
  int got;
  do got = lines_next(lines, &line, &n, err);
  while (got == 1);
  return got == 0;
}

/* One of the files has ended before another. */
static void set_unequal(Reading *r, Err *err) {
  for (int i = 0; i < r->n_files; i++)
    if (!count_rest(r->files[i], err)) return;
  int other = 1;
  while (lines_number(r->files[other]) == lines_number(r->files[0])) other++;
  (void)err_set(
      err, ERR_FILE, "%s: %ld lines, %s: %ld lines; each line of the one is compared with the same line of the other",
      lines_path(r->files[0]), lines_number(r->files[0]), lines_path(r->files[other]), lines_number(r->files[other]));
}

/* 1: a line of every file. 0: the end of all. -1: an error. */
static int next_line(Reading *r, Err *err) {
  int first = 0;
  for (int i = 0; i < r->n_files; i++) {
    int got = lines_next(r->files[i], &r->texts[i].at, &r->texts[i].n, err);
    if (got < 0) return got;
    if (i == 0) first = got;
    else if (got != first) {
      set_unequal(r, err);
      return -1;
    }
  }
  r->n_lines += first;
  return first;
}

/* The text itself, or, if asked, in lower case, in the buffer of that number. */
static MetricText prepared(Reading *r, MetricText text, int buffer) {
  if (!r->run->options.lowercase) return text;
  Str *lowered = &r->lowered[buffer];
  str_clear(lowered);
  unicode_lower(lowered, text.at, text.n);
  return (MetricText){str_text(lowered), lowered->n};
}

/* Points line at the references of the current line. */
static bool find_references(Reading *r, MetricLine *line, Err *err) {
  const MetricText *found = r->texts + r->n_systems;
  line->n_references = r->n_files - r->n_systems;
  line->reference_path = lines_path(r->files[r->n_systems]);
  if (r->table != NULL) {
    found = references_find(r->table, &r->texts[r->n_systems], &line->n_references);
    line->reference_path = references_path(r->table);
    if (found == NULL)
      return err_set(err, ERR_FILE, "%s:%ld: \"%.*s\" has no reference in %s", lines_path(r->files[r->n_systems]),
                     r->n_lines, (int)r->texts[r->n_systems].n, r->texts[r->n_systems].at, references_path(r->table));
  }
  int need = N_SYSTEMS + line->n_references;
  if (need > r->n_lowered) {
    r->lowered = mem_grow(r->lowered, (size_t)need, sizeof *r->lowered, "metric");
    r->references = mem_grow(r->references, (size_t)need, sizeof *r->references, "metric");
    memset(r->lowered + r->n_lowered, 0, (size_t)(need - r->n_lowered) * sizeof *r->lowered);
    r->n_lowered = need;
  }
  for (int i = 0; i < line->n_references; i++) r->references[i] = prepared(r, found[i], N_SYSTEMS + i);
  line->references = r->references;
  return true;
}

static bool measure(Reading *r, int metric, int system, const MetricLine *line, Err *err) {
  const MetricDef *def = r->set->at[metric];
  Tally *t = &r->tallies[metric][system];
  double stats[METRIC_STATS] = {0};
  if (!def->measure(r->work[metric], &r->run->options, line, stats, err)) return false;
  size_t n = (size_t)def->n_stats;
  for (size_t i = 0; i < n; i++) t->sums[i] += stats[i];
  if (!r->run->confidence && r->run->files.rival == NULL) return true;
  size_t used = (size_t)(r->n_lines - 1) * n;
  if (used + n > t->cap) {
    t->cap = 2 * (used + n);
    t->rows = mem_grow(t->rows, t->cap, sizeof *t->rows, "statistics of lines");
  }
  memcpy(t->rows + used, stats, n * sizeof *stats);
  return true;
}

static bool take_line(Reading *r, Err *err) {
  MetricLine line = {.line = r->n_lines};
  if (!find_references(r, &line, err)) return false;
  if (r->n_lines == 1 || line.n_references < r->least_references) r->least_references = line.n_references;
  if (line.n_references > r->most_references) r->most_references = line.n_references;
  for (int system = 0; system < r->n_systems; system++) {
    line.hypothesis = prepared(r, r->texts[system], system);
    line.hypothesis_path = lines_path(r->files[system]);
    for (int i = 0; i < r->set->n; i++)
      if (!measure(r, i, system, &line, err)) return false;
  }
  return true;
}

static bool take_all(Reading *r, Err *err) {
  int got;
  while ((got = next_line(r, err)) == 1)
    if (!take_line(r, err)) return false;
  if (got < 0) return false;
  return r->n_lines > 0 || err_set(err, ERR_FILE, "%s and %s have no lines; there is nothing to compare",
                                   lines_path(r->files[0]), lines_path(r->files[1]));
}

/* sacrebleu's order of keys: what is common to all metrics, the metric's own, the version. */
static void sign(const Reading *r, MetricResult *result) {
  Str *s = &result->signature;
  if (r->least_references == r->most_references) str_addf(s, "nrefs:%d|", r->most_references);
  else str_adds(s, "nrefs:var|");
  if (r->run->confidence || r->run->files.rival != NULL)
    str_addf(s, "bs:%d|seed:%llu|", r->run->n_samples, (unsigned long long)r->run->seed);
  result->metric->signature(s, &r->run->options);
  str_adds(s, "|version:attn-seq2seq-" VERSION);
}

static void resample(const Reading *r, int metric, MetricResult *result) {
  const MetricRun *run = r->run;
  const Tally *tallies = r->tallies[metric];
  size_t n = (size_t)run->n_samples;
  double *scores = mem_alloc(N_SYSTEMS * n, sizeof *scores, "bootstrap");
  for (int s = 0; s < r->n_systems; s++)
    bootstrap_scores(result->metric, &run->options, tallies[s].rows, r->n_lines, run->seed, run->n_samples,
                     scores + (size_t)s * n);
  if (run->files.rival != NULL) {
    result->rival = run->files.rival;
    result->rival_score = metric_score(result->metric, &run->options, tallies[RIVAL].sums);
    result->p = bootstrap_p(scores, scores + n, run->n_samples, result->values[0].value - result->rival_score);
  }
  result->has_confidence = run->confidence;
  if (run->confidence) bootstrap_interval(scores, run->n_samples, &result->mean, &result->half_width);
  mem_free(scores);
}

static void report_all(const Reading *r, MetricReport *report) {
  *report = (MetricReport){.n = r->set->n};
  for (int i = 0; i < r->set->n; i++) {
    MetricResult *result = &report->at[i];
    const double *sums = r->tallies[i][SYSTEM].sums;
    result->metric = r->set->at[i];
    result->n_values = result->metric->values(&r->run->options, sums, result->values);
    if (result->metric->signature != NULL) sign(r, result);
    if (result->metric->detail != NULL) result->metric->detail(&result->detail, &r->run->options, sums);
    if (r->run->confidence || r->run->files.rival != NULL) resample(r, i, result);
  }
}

static void release(Reading *r) {
  for (int i = 0; i < r->set->n; i++) {
    if (r->set->at[i]->release != NULL) r->set->at[i]->release(r->work[i]);
    mem_free(r->work[i]);
    for (int s = 0; s < N_SYSTEMS; s++) mem_free(r->tallies[i][s].rows);
  }
  for (int i = 0; i < r->n_files; i++) lines_close(r->files[i]);
  for (int i = 0; i < r->n_lowered; i++) str_free(&r->lowered[i]);
  references_free(r->table);
  mem_free(r->files);
  mem_free(r->texts);
  mem_free(r->lowered);
  mem_free(r->references);
}

bool metric_run(const MetricSet *set, const MetricRun *run, Warnings *warnings, MetricReport *report, Err *err) {
  if (!check_files(&run->files, err)) return false;
  Reading r = {.set = set, .run = run};
  for (int i = 0; i < set->n; i++) r.work[i] = mem_zero(1, set->at[i]->size, "metric");
  bool ok = open_all(&r, warnings, err) && take_all(&r, err);
  if (ok) report_all(&r, report);
  release(&r);
  return ok;
}
