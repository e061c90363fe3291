/* aer.h - alignment error rate, precision and recall of Pharaoh links (Och and Ney 2003, "A Systematic Comparison of
 * Various Statistical Alignment Models", section 6): links A against sure S and possible P, S a part of P,
 *   AER = 1 - (|A and S| + |A and P|) / (|A| + |S|),  precision = |A and P| / |A|,  recall = |A and S| / |S|,
 * over all lines together. Links that stand twice on a line count once; 0 of 0 is 0.
 *
 * An Aer belongs to its caller; zero-initialised it has seen nothing. */
#ifndef EVAL_AER_H
#define EVAL_AER_H

#include "eval/metric.h"
#include "eval/pharaoh.h"

typedef struct Aer {
  long n_links, n_sure;            /* |A|, |S| */
  long n_sure_hit, n_possible_hit; /* |A and S|, |A and P| */
} Aer;

/* Both sorted, as pharaoh_sort leaves them; every link of the hypothesis counts as one of A. */
void aer_add(Aer *aer, const PharaohLinks *hypothesis, const PharaohLinks *reference);
/* In percent. */
double aer_rate(const Aer *aer);
double aer_precision(const Aer *aer);
double aer_recall(const Aer *aer);

extern const MetricDef aer_metric;

#endif
