/* bench_report.h - what a benchmark found, as JSON and as text. */
#ifndef BENCH_BENCH_REPORT_H
#define BENCH_BENCH_REPORT_H

#include "base/str.h"
#include "bench/bench.h"

/* Appends one JSON object on a line. `operations` holds shares of the time of a training step, which add up to 1;
 * `products` of those that multiply matrices the share of the peak rate that a thread reaches meanwhile, and the bytes
 * of operands and results, most of them from caches, in GB a second. */
void bench_report_json(Str *out, const BenchResult *result);
/* Appends the same for reading. */
void bench_report_text(Str *out, const BenchResult *result);

#endif
