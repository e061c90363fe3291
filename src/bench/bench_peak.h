/* bench_peak.h - the rate of matrix products on this machine. */
#ifndef BENCH_BENCH_PEAK_H
#define BENCH_BENCH_PEAK_H

#include "base/pool.h"

/* GFLOP/s of all workers of the pool together, each with a product of its own of size x size matrices, all at once: the
 * best of n. */
double bench_peak_gflops(Pool *pool, int size, int n);

#endif
