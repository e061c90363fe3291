#include "eval/aer.h"

/* The link of sorted reference from *i on that has these positions, or NULL; *i moves past smaller ones. */
static const PharaohLink *seek(const PharaohLinks *reference, int *i, const PharaohLink *link) {
  for (; *i < reference->n; ++*i) {
    const PharaohLink *r = &reference->at[*i];
    if (r->source == link->source && r->target == link->target) return r;
    if (r->source > link->source || (r->source == link->source && r->target > link->target)) return NULL;
  }
  return NULL;
}

void aer_add(Aer *aer, const PharaohLinks *hypothesis, const PharaohLinks *reference) {
  for (int h = 0, i = 0; h < hypothesis->n; h++) {
    const PharaohLink *hit = seek(reference, &i, &hypothesis->at[h]);
    aer->n_possible_hit += hit != NULL;
    aer->n_sure_hit += hit != NULL && hit->sure;
  }
  aer->n_links += hypothesis->n;
  for (int i = 0; i < reference->n; i++) aer->n_sure += reference->at[i].sure;
}

static double percent(long part, long whole) { return whole == 0 ? 0 : 100.0 * (double)part / (double)whole; }

double aer_rate(const Aer *aer) {
  long all = aer->n_links + aer->n_sure;
  return percent(all - aer->n_sure_hit - aer->n_possible_hit, all);
}

double aer_precision(const Aer *aer) { return percent(aer->n_possible_hit, aer->n_links); }
double aer_recall(const Aer *aer) { return percent(aer->n_sure_hit, aer->n_sure); }

typedef struct Work {
  PharaohLinks hypothesis, reference;
} Work;

static bool all_sure(const PharaohLinks *links, const MetricLine *line, Err *err) {
  for (int i = 0; i < links->n; i++)
    if (!links->at[i].sure)
      return err_set(err, ERR_FILE, "%s:%ld: %d?%d: only a reference tells possible links from sure ones; write %d-%d",
                     line->hypothesis_path, line->line, links->at[i].source, links->at[i].target, links->at[i].source,
                     links->at[i].target);
  return true;
}

static bool measure(void *work, const MetricOptions *options, const MetricLine *line, double *stats, Err *err) {
  (void)options;
  Work *w = work;
  const MetricText *h = &line->hypothesis, *r = &line->references[0];
  if (line->n_references != 1)
    return err_set(err, ERR_USAGE, "aer takes one reference a line, not %d", line->n_references);
  if (!pharaoh_parse(&w->hypothesis, h->at, h->n, line->hypothesis_path, line->line, err) ||
      !pharaoh_parse(&w->reference, r->at, r->n, line->reference_path, line->line, err) ||
      !all_sure(&w->hypothesis, line, err))
    return false;
  Aer aer = {0};
  aer_add(&aer, &w->hypothesis, &w->reference);
  stats[0] = (double)aer.n_links;
  stats[1] = (double)aer.n_sure;
  stats[2] = (double)aer.n_sure_hit;
  stats[3] = (double)aer.n_possible_hit;
  return true;
}

static int values(const MetricOptions *options, const double *sums, MetricValue *out) {
  (void)options;
  Aer aer = {(long)sums[0], (long)sums[1], (long)sums[2], (long)sums[3]};
  out[0] = (MetricValue){"aer", aer_rate(&aer), 2};
  out[1] = (MetricValue){"precision", aer_precision(&aer), 2};
  out[2] = (MetricValue){"recall", aer_recall(&aer), 2};
  return 3;
}

static void release(void *work) {
  Work *w = work;
  pharaoh_free(&w->hypothesis);
  pharaoh_free(&w->reference);
}

const MetricDef aer_metric = {.name = "aer",
                              .title = "aer",
                              .n_stats = 4,
                              .errors = true,
                              .size = sizeof(Work),
                              .measure = measure,
                              .values = values,
                              .release = release};
