#include "bench/bench_report.h"

#include <stdlib.h>

#include "base/json.h"
#include "num/blas.h"
#include "num/kernels.h"

static void set(Json *object, const char *key, double value) { json_set(object, key, json_new_number(value)); }

static int by_time(const void *a, const void *b) {
  const ProfileRow *x = a, *y = b;
  return (x->seconds < y->seconds) - (x->seconds > y->seconds);
}

/* Rows by falling time; *all: of all of them. */
static Profile sorted(const Profile *operations, double *all) {
  Profile p = *operations;
  *all = 0;
  for (int i = 0; i < p.n; i++) *all += p.rows[i].seconds;
  qsort(p.rows, (size_t)p.n, sizeof *p.rows, by_time);
  return p;
}

typedef struct Figure {
  const char *key;
  double value;
} Figure;

static Json *figures_to_json(const Figure *figures, int n) {
  Json *json = json_new_object();
  for (int i = 0; i < n; i++) set(json, figures[i].key, figures[i].value);
  return json;
}

static Json *train_to_json(const BenchTrain *t) {
  const Figure figures[] = {{"target_tokens_per_s", t->target_tokens_per_s},
                            {"flops_per_target_token", t->flops_per_target_token},
                            {"share_of_peak", t->share_of_peak},
                            {"padding", t->padding},
                            {"peak_memory_mb", t->peak_memory_mb}};
  return figures_to_json(figures, sizeof figures / sizeof *figures);
}

static Json *decode_to_json(const BenchDecode *d) {
  const Figure figures[] = {{"beam", d->beam},
                            {"batch", d->batch},
                            {"sentences_per_s", d->sentences_per_s},
                            {"output_tokens_per_s", d->output_tokens_per_s}};
  return figures_to_json(figures, sizeof figures / sizeof *figures);
}

static Json *ranks_to_json(const BenchRanks *r) {
  const Figure figures[] = {{"n", r->n},
                            {"seconds_per_update", r->seconds_per_update},
                            {"bytes_sent", r->bytes_sent},
                            {"bytes_due", r->bytes_due},
                            {"peak_memory_mb", r->peak_memory_mb}};
  return figures_to_json(figures, sizeof figures / sizeof *figures);
}

static void ranks_to_text(const BenchResult *r, Str *out) {
  str_addf(out, "Ranks     %d, of %d thread%s each: %.0f target tokens/s, %.1f ms an update\n", r->ranks.n, r->threads,
           r->threads == 1 ? "" : "s", r->train.target_tokens_per_s, 1e3 * r->ranks.seconds_per_update);
  str_addf(out, "          sends %.2f MB an update; %.2f MB are the parameters there and back\n",
           1e-6 * r->ranks.bytes_sent, 1e-6 * r->ranks.bytes_due);
  str_addf(out, "          memory %.0f MB, of the rank with most\n", r->ranks.peak_memory_mb);
}

/* Without what was not measured. */
static void ranks_json(Str *out, const BenchResult *r) {
  Json *json = json_new_object();
  set(json, "threads", r->threads);
  set(json, "target_tokens_per_s", r->train.target_tokens_per_s);
  json_set(json, "ranks", ranks_to_json(&r->ranks));
  json_print(out, json, false);
  str_addc(out, '\n');
  json_free(json);
}

/* What an operation's matrix products reach while it runs. */
typedef struct Reach {
  double share_of_peak, gb_per_s; /* of a thread */
} Reach;

static Reach reach(const BenchResult *r, const ProfileRow *row) {
  return (Reach){1e-9 * row->work.flops * r->threads / (row->seconds * r->peak_gflops),
                 1e-9 * row->work.bytes / row->seconds};
}

static Json *reach_to_json(Reach reach) {
  const Figure figures[] = {{"share_of_peak", reach.share_of_peak}, {"gb_per_s", reach.gb_per_s}};
  return figures_to_json(figures, sizeof figures / sizeof *figures);
}

static void operations_to_json(const BenchResult *r, Json *json) {
  Json *times = json_new_object(), *products = json_new_object();
  double all;
  Profile p = sorted(&r->operations, &all);
  Str key = {0};
  for (int i = 0; i < p.n; i++) {
    str_clear(&key);
    str_addf(&key, "%s%s%s", p.rows[i].name, p.rows[i].part[0] == '\0' ? "" : " ", p.rows[i].part);
    set(times, str_text(&key), p.rows[i].seconds / all);
    if (p.rows[i].work.flops > 0) json_set(products, str_text(&key), reach_to_json(reach(r, &p.rows[i])));
  }
  str_free(&key);
  json_set(json, "operations", times);
  json_set(json, "products", products);
}

void bench_report_json(Str *out, const BenchResult *r) {
  if (r->ranks.n > 0) {
    ranks_json(out, r);
    return;
  }
  Json *json = json_new_object(), *decode = json_new_array();
  json_set(json, "kernels", json_new_string(kernels_name()));
  json_set(json, "openblas", json_new_string(blas_describe()));
  set(json, "threads", r->threads);
  set(json, "peak_gflops", r->peak_gflops);
  json_set(json, "train", train_to_json(&r->train));
  for (int i = 0; i < BENCH_DECODES; i++) json_append(decode, decode_to_json(&r->decode[i]));
  json_set(json, "decode", decode);
  operations_to_json(r, json);
  set(json, "load_ms", r->load_ms);
  json_print(out, json, false);
  str_addc(out, '\n');
  json_free(json);
}

static void operations_to_text(const BenchResult *r, Str *out) {
  double all;
  Profile p = sorted(&r->operations, &all);
  str_adds(out, "\nWhere the time of training goes      time  products at\n");
  for (int i = 0; i < p.n && p.rows[i].seconds >= 0.0005 * all; i++) {
    const ProfileRow *row = &p.rows[i];
    str_addf(out, "  %-20s  %-8s  %5.1f %%", row->name, row->part, 100 * row->seconds / all);
    if (row->work.flops > 0) {
      Reach at = reach(r, row);
      str_addf(out, "  %5.1f %% of that rate, %5.1f GB/s", 100 * at.share_of_peak, at.gb_per_s);
    }
    str_addc(out, '\n');
  }
}

void bench_report_text(Str *out, const BenchResult *r) {
  const BenchTrain *t = &r->train;
  if (r->ranks.n > 0) {
    ranks_to_text(r, out);
    return;
  }
  str_addf(out, "Machine   %d thread%s, %s kernels; OpenBLAS's of %s, matrix products at %.1f GFLOP/s\n", r->threads,
           r->threads == 1 ? "" : "s", kernels_name(), blas_describe(), r->peak_gflops);
  if (blas_advice() != NULL) str_addf(out, "          %s\n", blas_advice());
  str_addf(out, "Training  %.0f target tokens/s at %.2f MFLOP each: %.1f %% of that rate\n", t->target_tokens_per_s,
           1e-6 * t->flops_per_target_token, 100 * t->share_of_peak);
  str_addf(out, "          padding %.1f %%, memory %.0f MB\n", 100 * t->padding, t->peak_memory_mb);
  str_addf(out, "Loading   %.1f ms\n\nDecoding\n  beam  batch  sentences/s  output tokens/s\n", r->load_ms);
  for (int i = 0; i < BENCH_DECODES; i++) {
    const BenchDecode *d = &r->decode[i];
    str_addf(out, "  %4d  %5d  %11.1f  %15.1f\n", d->beam, d->batch, d->sentences_per_s, d->output_tokens_per_s);
  }
  operations_to_text(r, out);
}
