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
  PharaohLinks hypothesis, reference, moved;
} Work;

/* Sums of a line: those of Aer, then the hits if the hypothesis' links were turned round, if it alone counted from 1,
 * if the reference alone did. */
enum { LINKS, SURE, SURE_HIT, HIT, HIT_TURNED, HIT_LOWER, HIT_HIGHER, LINKED, CLOSED, N_STATS };

static double hits(const PharaohLinks *hypothesis, const PharaohLinks *reference) {
  Aer aer = {0};
  aer_add(&aer, hypothesis, reference);
  return (double)aer.n_possible_hit;
}

/* The hits of hypothesis' links moved by as many positions on both sides. */
static double hits_moved(Work *w, int by) {
  pharaoh_clear(&w->moved);
  for (int i = 0; i < w->hypothesis.n; i++) {
    PharaohLink link = w->hypothesis.at[i];
    pharaoh_add(&w->moved, (PharaohLink){link.source + by, link.target + by, link.sure});
  }
  return hits(&w->moved, &w->reference);
}

/* Whether the last of a's links, of which every target position has one, is beyond all others of a and b on both sides.
 */
static bool closes(const PharaohLinks *a, const PharaohLinks *b) {
  if (a->n == 0 || b->n == 0) return false;
  const PharaohLink *last = &a->at[a->n - 1];
  for (int i = 0; i < a->n - 1; i++)
    if (a->at[i].source >= last->source || a->at[i].target >= last->target) return false;
  for (int i = 0; i < b->n; i++)
    if (b->at[i].source >= last->source || b->at[i].target >= last->target) return false;
  return a->n > last->target;
}

static double hits_turned(Work *w) {
  pharaoh_clear(&w->moved);
  for (int i = 0; i < w->hypothesis.n; i++) {
    PharaohLink link = w->hypothesis.at[i];
    pharaoh_add(&w->moved, (PharaohLink){link.target, link.source, link.sure});
  }
  pharaoh_sort(&w->moved);
  return hits(&w->moved, &w->reference);
}

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
  stats[LINKS] = (double)aer.n_links;
  stats[SURE] = (double)aer.n_sure;
  stats[SURE_HIT] = (double)aer.n_sure_hit;
  stats[HIT] = (double)aer.n_possible_hit;
  stats[HIT_TURNED] = hits_turned(w);
  stats[HIT_LOWER] = hits_moved(w, -1);
  stats[HIT_HIGHER] = hits_moved(w, 1);
  stats[LINKED] = w->hypothesis.n > 0 && w->reference.n > 0;
  stats[CLOSED] = closes(&w->hypothesis, &w->reference);
  return true;
}

static int values(const MetricOptions *options, const double *sums, MetricValue *out) {
  (void)options;
  Aer aer = {(long)sums[LINKS], (long)sums[SURE], (long)sums[SURE_HIT], (long)sums[HIT]};
  out[0] = (MetricValue){"aer", aer_rate(&aer), 2};
  out[1] = (MetricValue){"precision", aer_precision(&aer), 2};
  out[2] = (MetricValue){"recall", aer_recall(&aer), 2};
  return 3;
}

static void release(void *work) {
  Work *w = work;
  pharaoh_free(&w->hypothesis);
  pharaoh_free(&w->reference);
  pharaoh_free(&w->moved);
}

/* Files of one text and one order of sides meet better as they are than in any other way. */
static void doubt(const double *sums, const char *hypothesis, const char *reference, Warnings *warnings) {
  if (sums[HIT_TURNED] > sums[HIT])
    warnings_tell(warnings,
                  "%.0f of the links of %s are in %s, but turned round, target first, %.0f would be: if one of the "
                  "files has its target first, `attn-seq2seq align --turn FILE` turns it",
                  sums[HIT], hypothesis, reference, sums[HIT_TURNED]);
  if (sums[CLOSED] > 0 && sums[CLOSED] == sums[LINKED])
    warnings_tell(warnings,
                  "every line of %s ends with a link that is beyond all of %s: with --source and --target those of "
                  "</s>, as Marian writes them, are left out",
                  hypothesis, reference);
  if (sums[HIT_LOWER] > sums[HIT])
    warnings_tell(warnings,
                  "%.0f of the links of %s are in %s, but %.0f would be if those of %s counted from 1: "
                  "`attn-seq2seq align --from-1 FILE` makes them count from 0",
                  sums[HIT], hypothesis, reference, sums[HIT_LOWER], hypothesis);
  if (sums[HIT_HIGHER] > sums[HIT])
    warnings_tell(warnings,
                  "%.0f of the links of %s are in %s, but %.0f would be if those of %s counted from 1: say --from-1",
                  sums[HIT], hypothesis, reference, sums[HIT_HIGHER], reference);
}

const MetricDef aer_metric = {.name = "aer",
                              .title = "aer",
                              .n_stats = N_STATS,
                              .errors = true,
                              .links = true,
                              .size = sizeof(Work),
                              .measure = measure,
                              .values = values,
                              .doubt = doubt,
                              .release = release};
