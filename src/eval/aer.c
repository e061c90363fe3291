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

typedef struct State {
  Aer aer;
  PharaohLinks hypothesis, reference;
} State;

static bool all_sure(const PharaohLinks *links, const MetricPair *pair, Err *err) {
  for (int i = 0; i < links->n; i++)
    if (!links->at[i].sure)
      return err_set(err, ERR_FILE, "%s:%ld: %d?%d: only a reference tells possible links from sure ones; write %d-%d",
                     pair->hypothesis.path, pair->line, links->at[i].source, links->at[i].target, links->at[i].source,
                     links->at[i].target);
  return true;
}

static bool add(void *state, const MetricPair *pair, Err *err) {
  State *s = state;
  const MetricLine *h = &pair->hypothesis, *r = &pair->reference;
  if (!pharaoh_parse(&s->hypothesis, h->at, h->n, h->path, pair->line, err) ||
      !pharaoh_parse(&s->reference, r->at, r->n, r->path, pair->line, err) || !all_sure(&s->hypothesis, pair, err))
    return false;
  aer_add(&s->aer, &s->hypothesis, &s->reference);
  return true;
}

static int values(const void *state, MetricValue *out) {
  const Aer *aer = &((const State *)state)->aer;
  out[0] = (MetricValue){"aer", aer_rate(aer), 2};
  out[1] = (MetricValue){"precision", aer_precision(aer), 2};
  out[2] = (MetricValue){"recall", aer_recall(aer), 2};
  return 3;
}

static void release(void *state) {
  State *s = state;
  pharaoh_free(&s->hypothesis);
  pharaoh_free(&s->reference);
}

const MetricDef aer_metric = {"aer", sizeof(State), add, values, release};
