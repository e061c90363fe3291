#include "cli/progress.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "cli/output.h"
#include "text/graph_line.h"

/* Seconds between two bars, and between two plain lines. */
static const double BAR_EVERY = 0.2, LINE_EVERY = 10;

static void clear_bar(Progress *p) {
  if (p->bar) (void)fputs("\r\033[K", stderr);
  p->bar = false;
}

void progress_warn(void *ctx, const char *text) {
  Progress *p = ctx;
  clear_bar(p);
  if (!p->quiet) output_warn(NULL, text);
}

static void add_time(Str *out, double seconds) {
  long s = lround(seconds);
  if (s >= 3600) str_addf(out, "%ld h %02ld min", s / 3600, s / 60 % 60);
  else if (s >= 60) str_addf(out, "%ld min %02ld s", s / 60, s % 60);
  else str_addf(out, "%ld s", s);
}

static void add_bar(Str *out, const TrainEvent *e) {
  enum { CELLS = 24 };
  long filled = e->n_steps > 0 ? e->step * CELLS / e->n_steps : 0;
  str_addc(out, '[');
  for (long i = 0; i < CELLS; i++) str_addc(out, i < filled ? '#' : '.');
  str_addf(out, "] ");
}

static void show_update(Progress *p, const TrainEvent *e) {
  if (p->step_0 == 0 || e->step < p->step_0) {
    p->step_0 = e->step;
    p->seconds_0 = e->seconds;
  }
  if (e->seconds - p->shown < (p->terminal ? BAR_EVERY : LINE_EVERY)) return;
  p->shown = e->seconds;
  Str line = {0};
  if (p->terminal) add_bar(&line, e);
  str_addf(&line, "epoch %d/%d  update %ld/%ld  loss %.3f  %.0f tokens/s", e->epoch, e->n_epochs, e->step, e->n_steps,
           e->loss, e->tokens_per_s);
  if (e->step > p->step_0) {
    str_adds(&line, "  left at most ");
    add_time(&line, (e->seconds - p->seconds_0) / (double)(e->step - p->step_0) * (double)(e->n_steps - e->step));
  }
  if (p->terminal) (void)fprintf(stderr, "\r\033[K%s", str_text(&line));
  else (void)fprintf(stderr, "%s\n", str_text(&line));
  p->bar = p->terminal;
  str_free(&line);
}

static void show_side(const char *name, const CorpusStats *s) {
  (void)fprintf(stderr, "%s: %ld pairs read", name, s->n_read);
  if (s->n_empty > 0) (void)fprintf(stderr, ", %ld with an empty side left out", s->n_empty);
  if (s->n_long > 0) (void)fprintf(stderr, ", %ld longer than data.max_length left out", s->n_long);
  if (s->n_unanswered > 0)
    (void)fprintf(stderr, ", %ld without a query, or whose target is no single word of the document, left out",
                  s->n_unanswered);
  (void)fprintf(stderr, "; %lld + %lld tokens, unknown %.2f %% + %.2f %%\n", (long long)s->n_source,
                (long long)s->n_target, 100 * (double)s->n_unknown_source / (double)(s->n_source > 0 ? s->n_source : 1),
                100 * (double)s->n_unknown_target / (double)(s->n_target > 0 ? s->n_target : 1));
}

/* The commonest unknown words of a side, and how many words of it have vectors. */
static void show_vocab(const char *side, const TrainSide *s, int n_words) {
  Str text = {0};
  for (int i = 0; i < s->coverage.commonest.n; i++)
    str_addf(&text, "%s %s (%lld)", i == 0 ? "" : ",", tokens_get(&s->coverage.commonest, i, NULL),
             (long long)s->coverage.counts[i]);
  if (text.n > 0) (void)fprintf(stderr, "commonest unknown words of the validation %s:%s\n", side, str_text(&text));
  str_clear(&text);
  coverage_warn_form(&s->coverage, side, &text);
  if (text.n > 0) output_warn(NULL, str_text(&text));
  if (s->n_vectors >= 0)
    (void)fprintf(stderr, "%s embedding: %d of %d words have given vectors\n", side, s->n_vectors, n_words);
  str_clear(&text);
  if (s->n_vectors == 0)
    str_addf(
        &text,
        "data.embeddings.%s has no vector for any word of the vocabulary: are words split and cased there as here?",
        side);
  if (text.n > 0) output_warn(NULL, str_text(&text));
  str_free(&text);
}

static void add_over(Str *out, const char *name, const LimitsCount *count, double ratio) {
  str_addf(
      out,
      "%d of %d %s targets are longer than translate.max_length_ratio %g allows (the longest has %u tokens for %u of "
      "source, and may have %d), so that no translation can be right there; %g would do",
      count->n_over, count->n_pairs, name, ratio, count->longest.target, count->longest.source,
      limits_tokens(ratio, (int)count->longest.source), count->enough);
}

/* References that no translation may be as long as. */
static void show_limits(const TrainLimits *l) {
  const struct {
    const char *name;
    const LimitsCount *count;
  } parts[] = {{"training", &l->train}, {"validation", &l->valid}};
  if (l->raised)
    (void)fprintf(
        stderr,
        "translate.max_length_ratio: %g, as the training text needs (with the usual 2, %d of %d targets are too "
        "long)\n",
        l->ratio, l->usual.n_over, l->usual.n_pairs);
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    Str text = {0};
    if (parts[i].count->n_over > 0) add_over(&text, parts[i].name, parts[i].count, l->ratio);
    if (text.n > 0) output_warn(NULL, str_text(&text));
    str_free(&text);
  }
}

static void show_links(const Guide *guide) {
  GuideCount count = guide_count(guide);
  (void)fprintf(stderr, "links: %ld in %ld of %ld training pairs\n", count.n_links, count.n_linked, count.n_pairs);
}

static void show_start(const TrainEvent *e) {
  const TrainData *data = e->data;
  show_side("training", corpus_stats(data->train));
  show_side("validation", corpus_stats(data->valid));
  if (data->n_seen > 0)
    (void)fprintf(stderr, "validation: %d of %d sources are in the training text too\n", data->n_seen,
                  corpus_size(data->valid));
  show_vocab("source", &data->source, e->source_vocab);
  show_vocab("target", &data->target, e->target_vocab);
  show_limits(&data->limits);
  if (data->guide != NULL) show_links(data->guide);
  if (e->start_from != NULL) (void)fprintf(stderr, "starting from the weights and vocabularies of %s\n", e->start_from);
  (void)fprintf(stderr, "vocabularies of %d and %d, %.2f million parameters\n", e->source_vocab, e->target_vocab,
                (double)e->n_parameters * 1e-6);
  if (e->resumed) (void)fprintf(stderr, "going on after update %ld, in epoch %d\n", e->step, e->epoch);
}

static void show_validation(const TrainEvent *e) {
  (void)fprintf(stderr, "epoch %d, update %ld: validation loss %.4f, perplexity %.3f", e->epoch, e->step, e->loss,
                exp(e->loss));
  if (e->metric[0] != 'l') (void)fprintf(stderr, ", %s %.2f", e->metric, e->value);
  if (e->n_cut > 0) (void)fprintf(stderr, ", %d of %d translations cut at their limit", e->n_cut, e->n_translated);
  (void)fprintf(stderr, "%s (", e->better ? ", the best so far" : "");
  Str time = {0};
  add_time(&time, e->seconds);
  (void)fprintf(stderr, "%s)\n", str_text(&time));
  str_free(&time);
  for (int i = 0; i < e->n_samples; i++)
    (void)fprintf(stderr, "  source      %.*s\n  translation %s\n  reference   %s\n",
                  (int)graph_line_text(e->samples[i].source, strlen(e->samples[i].source)), e->samples[i].source,
                  str_text(&e->samples[i].output), e->samples[i].reference);
}

static void show_end(const Progress *p, const TrainEvent *e) {
  (void)fprintf(stderr, "%s after update %ld", e->text, e->step);
  if (e->best_step > 0)
    (void)fprintf(stderr, "; best validation: %s %.6g after update %ld; model: %s", e->metric, e->best, e->best_step,
                  p->model);
  (void)fputc('\n', stderr);
}

void progress_event(void *ctx, const TrainEvent *e) {
  Progress *p = ctx;
  p->saved = p->saved || e->kind == TRAIN_CHECKPOINT;
  if (p->quiet) return;
  if (e->kind == TRAIN_UPDATE || e->kind == TRAIN_LOG) {
    show_update(p, e);
    return;
  }
  clear_bar(p);
  if (e->kind == TRAIN_START) show_start(e);
  if (e->kind == TRAIN_VALID) show_validation(e);
  if (e->kind == TRAIN_NOTE) (void)fprintf(stderr, "%s: %s\n", p->model, e->text);
  if (e->kind == TRAIN_END) show_end(p, e);
}
