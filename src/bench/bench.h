/* bench.h - how fast this machine trains and decodes: the rate of its matrix products, the share of it that training
 * reaches, where the time of a training step goes, decoding, loading.
 *
 * Everything is measured in blocks of a given time, so that a slow machine takes hardly longer than a fast one. Only a
 * temporary folder is written to, and removed. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>

#include "base/err.h"
#include "base/profile.h"
#include "text/warnings.h"

/* How much is measured. */
typedef struct BenchEffort {
  int peak_size, n_peaks; /* rows of the square matrices; the best of so many counts */
  int n_blocks;           /* of training; the median counts */
  double block_seconds, decode_seconds;
  int n_loads;          /* the median counts */
  int n_train, n_valid; /* pairs of generated text */
} BenchEffort;

extern const BenchEffort bench_effort; /* what the command takes */

typedef struct BenchOptions {
  const char *config; /* path; NULL: that of the model, or else the benchmark model on generated text */
  const char *const *sets;
  int n_sets;             /* KEY=VALUE */
  const char *model;      /* a model file to load and decode with, or NULL: start weights */
  int precision;          /* of decoding: a Precision */
  const char *shortlist;  /* file that narrows decoding, or NULL */
  int limit;              /* output tokens of every sentence, with `</s>`; 0: as translating does */
  int n_source, n_target; /* generated text of these lengths; 0: not asked for */
  bool ranks;             /* only training, by all ranks of the job; every rank calls bench_run then */
  BenchEffort effort;
  Warnings *warnings; /* of the config, or NULL */
} BenchOptions;

typedef struct BenchTrain {
  double target_tokens_per_s;
  double flops_per_target_token; /* model_train_flops */
  double share_of_peak, padding; /* 0 .. 1 */
  double peak_memory_mb;         /* of the process, after training */
} BenchTrain;

/* Of training by the ranks of a job. */
typedef struct BenchRanks {
  int n; /* 0: not asked for */
  double seconds_per_update;
  double bytes_sent;     /* an update, by the rank that sends most */
  double bytes_due;      /* 2 x parameters x bytes of a number x (n - 1) / n: each slice once there and back */
  double peak_memory_mb; /* of the rank with most */
} BenchRanks;

typedef struct BenchDecode {
  int beam, batch;
  double sentences_per_s, output_tokens_per_s; /* tokens with `</s>` */
} BenchDecode;

enum { BENCH_DECODES = 4 };

typedef struct BenchResult {
  int threads;
  double peak_gflops;
  BenchTrain train;
  BenchRanks ranks;
  BenchDecode decode[BENCH_DECODES];
  Profile operations; /* of training, seconds summed over threads */
  double load_ms;
} BenchResult;

bool bench_run(const BenchOptions *options, BenchResult *result, Err *err);

#endif
