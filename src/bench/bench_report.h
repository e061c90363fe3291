/* bench_report.h - what a benchmark found, as JSON and as text. */
#ifndef BENCH_BENCH_REPORT_H
#define BENCH_BENCH_REPORT_H

#include "base/str.h"
#include "bench/bench.h"

/* Appends one JSON object on a line. `operations` holds shares of the time of a training step, which add up to 1. */
void bench_report_json(Str *out, const BenchResult *result);
/* Appends the same for reading. */
void bench_report_text(Str *out, const BenchResult *result);

#endif
