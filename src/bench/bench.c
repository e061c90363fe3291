#include "bench/bench.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/ranks.h"
#include "bench/bench_decode.h"
#include "bench/bench_peak.h"
#include "bench/bench_text.h"
#include "bench/bench_train.h"
#include "num/blas.h"
#include "num/kernels.h"
#include "train/corpora.h"
#include "train/train_data.h"

const BenchEffort bench_effort = {.peak_size = 2048,
                                  .n_peaks = 5,
                                  .n_blocks = 5,
                                  .block_seconds = 1.5,
                                  .decode_seconds = 2.5,
                                  .n_loads = 5,
                                  .n_train = 20000,
                                  .n_valid = 1000};

/* The benchmark model, where it differs from a config's defaults or must never follow them. */
static const char *const BENCH_512[] = {
    "data.max_length=50",
    "vocab.source.size=8000",
    "vocab.target.size=8000",
    "model.embedding=256",
    "model.dropout=0.2",
    "model.encoder.cell=gru",
    "model.encoder.hidden=256",
    "model.encoder.bidirectional=true",
    "model.decoder.cell=gru",
    "model.decoder.hidden=512",
    "model.attention.flow=luong",
    "model.attention.score=general",
    "model.attention.input_feeding=true",
    "train.batch_size=64",
    "train.shards=2",
    "train.optimizer.type=adam",
};

enum { N_BENCH_512 = sizeof BENCH_512 / sizeof *BENCH_512, WORDS = 8000 };

/* What stands in the temporary folder. */
enum { TRAIN_SOURCE, TRAIN_TARGET, VALID_SOURCE, VALID_TARGET, MODEL, N_FILES };
static const char *const FILE_NAMES[N_FILES] = {"train.source", "train.target", "valid.source", "valid.target",
                                                "model.safetensors"};

typedef struct Bench {
  const BenchOptions *options;
  Str folder, files[N_FILES]; /* paths */
  Config config;
  Translator *trained, *given; /* start weights, trained on; --model, or NULL */
  TrainData data;
  Corpus *given_corpus; /* valid in given's vocabularies */
  Shortlist *shortlist; /* or NULL */
} Bench;

/* ---- The temporary folder. */

static bool open_folder(Bench *b, Err *err) {
  const char *root = getenv("TMPDIR");
  str_addf(&b->folder, "%s/attn-seq2seq-XXXXXX", root != NULL && root[0] != '\0' ? root : "/tmp");
  if (mkdtemp(b->folder.at) == NULL) {
    (void)err_set(err, ERR_FILE, "%s: cannot make this temporary folder; set TMPDIR to a folder that can be written to",
                  b->folder.at);
    str_free(&b->folder);
    return false;
  }
  for (int i = 0; i < N_FILES; i++) str_addf(&b->files[i], "%s/%s", b->folder.at, FILE_NAMES[i]);
  return true;
}

static void close_folder(Bench *b) {
  if (b->folder.at != NULL) {
    for (int i = 0; i < N_FILES; i++) (void)unlink(b->files[i].at);
    (void)rmdir(b->folder.at);
  }
  str_free(&b->folder);
  for (int i = 0; i < N_FILES; i++) str_free(&b->files[i]);
}

/* ---- Config and text. */

static bool config_of_512(Bench *b, Err *err) {
  const BenchOptions *o = b->options;
  size_t n = N_BENCH_512 + (size_t)o->n_sets;
  const char **sets = mem_alloc(n, sizeof *sets, "bench");
  for (int i = 0; i < N_BENCH_512; i++) sets[i] = BENCH_512[i];
  for (int i = 0; i < o->n_sets; i++) sets[N_BENCH_512 + i] = o->sets[i];
  bool ok = config_load(&b->config, NULL, sets, (int)n, NULL, err);
  mem_free(sets);
  /* Once more, for the warnings of what the user has set. */
  return ok && config_override(&b->config, o->sets, o->n_sets, o->warnings, err);
}

static bool config_of_model(Bench *b, Err *err) {
  const BenchOptions *o = b->options;
  Json *json = config_to_json(&b->given->config, true);
  bool ok = config_from_json(&b->config, json, o->model, ERR_FILE, err);
  json_free(json);
  return ok && config_override(&b->config, o->sets, o->n_sets, o->warnings, err);
}

static bool load_config(Bench *b, Err *err) {
  const BenchOptions *o = b->options;
  if (o->model != NULL && (b->given = translator_load(o->model, err)) == NULL) return false;
  if (o->config != NULL) return config_load(&b->config, o->config, o->sets, o->n_sets, o->warnings, err);
  return b->given != NULL ? config_of_model(b, err) : config_of_512(b, err);
}

static void replace(char **text, const char *by) {
  mem_free(*text);
  *text = by == NULL ? NULL : mem_text(by, strlen(by));
}

static void use_text(CorpusConfig *c, const Str *source, const Str *target) {
  replace(&c->source, source->at);
  replace(&c->target, target->at);
  replace(&c->tsv, NULL);
  c->pairs = c->split = 0;
}

static void use_words(VocabSideConfig *c) {
  c->tokenizer = TOKENIZER_word;
  c->min_count = 1;
  if (c->size == 0) c->size = WORDS;
  replace(&c->file, NULL);
}

static int larger(int a, int b) { return a > b ? a : b; }

/* Writes generated text and makes the config name it. */
static bool generate(Bench *b, Err *err) {
  const BenchOptions *o = b->options;
  Config *c = &b->config;
  use_words(&c->vocab.source);
  use_words(&c->vocab.target);
  use_text(&c->data.train, &b->files[TRAIN_SOURCE], &b->files[TRAIN_TARGET]);
  use_text(&c->data.valid, &b->files[VALID_SOURCE], &b->files[VALID_TARGET]);
  c->data.max_length = larger(c->data.max_length, larger(o->n_source, o->n_target));
  model_config_lengthen(&c->model, c->data.max_length);
  BenchText text = {o->effort.n_train, o->n_source, o->n_target, c->vocab.source.size - N_SPECIAL,
                    c->vocab.target.size - N_SPECIAL};
  if (!bench_text_write(&text, b->files[TRAIN_SOURCE].at, b->files[TRAIN_TARGET].at, err)) return false;
  text.n_pairs = o->effort.n_valid;
  return bench_text_write(&text, b->files[VALID_SOURCE].at, b->files[VALID_TARGET].at, err);
}

static bool names_no_text(const CorpusConfig *c) { return c->source == NULL && c->target == NULL && c->tsv == NULL; }

static bool prepare(Bench *b, Err *err) {
  const BenchOptions *o = b->options;
  if (!load_config(b, err)) return false;
  bool generated = o->n_source > 0 || (o->config == NULL && names_no_text(&b->config.data.train));
  if (generated && b->config.data.source_form == SOURCE_FORM_features)
    return err_set(
        err, ERR_USAGE,
        "bench: generated text has no images or matrices, but data.source_form is \"features\": give a config "
        "whose data.train and data.valid name some, and no --lengths");
  if (generated && !generate(b, err)) return false;
  if (!config_check_train(&b->config, o->config != NULL ? o->config : "bench", err)) return false;
  if (!blas_reserve(b->config.train.threads, err)) return false;
  b->trained = train_data_read(&b->config, &b->data, NULL, err);
  return b->trained != NULL;
}

/* The sentences to decode, in the ids of the model that decodes. */
static bool prepare_given(Bench *b, Err *err) {
  const PairFiles files = corpora_valid(&b->trained->config.data);
  if (b->given == NULL) return true;
  const Config *c = &b->given->config;
  ModelLimit longest = model_config_longest(&c->model).source;
  bool cut = c->translate.max_length < longest.tokens;
  const CorpusOptions options = {.separator = c->model.decoder.type == DECODER_reader ? c->data.query_separator : NULL,
                                 .source = b->given->source_tokenizer,
                                 .target = b->given->target_tokenizer,
                                 .max_source = cut ? c->translate.max_length : longest.tokens,
                                 .longer = cut ? "translate.max_length" : longest.key};
  b->given_corpus = corpus_load(&files, &options, b->given->source_vocab, b->given->target_vocab, err);
  return b->given_corpus != NULL;
}

/* The translator that decodes. */
static Translator *decoder_of(const Bench *b) { return b->given != NULL ? b->given : b->trained; }

static bool prepare_shortlist(Bench *b, Err *err) {
  const char *path = b->options->shortlist;
  const Translator *t = decoder_of(b);
  if (path == NULL) return true;
  if (tokenizer_regions(t->source_tokenizer) != NULL)
    return err_set(err, ERR_USAGE,
                   "bench: --shortlist goes by source words, but data.source_form is \"features\": leave it out");
  b->shortlist = shortlist_read(path, t->source_vocab, t->target_vocab, &shortlist_usual, NULL, err);
  return b->shortlist != NULL;
}

static bool check_pairs(const Corpus *corpus, const char *name, Err *err) {
  return corpus_size(corpus) > 0 || err_set(err, ERR_FILE, "%s: no pair is left to measure on", name);
}

/* ---- Measuring. */

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static bool measure_load(Bench *b, double *ms, Err *err) {
  const char *path = b->options->model != NULL ? b->options->model : b->files[MODEL].at;
  int n = b->options->effort.n_loads;
  bool ok = b->options->model != NULL || translator_save(b->trained, path, err);
  double *times = mem_zero((size_t)n, sizeof *times, "bench");
  for (int i = 0; i < n && ok; i++) {
    double start = clock_now();
    Translator *t = translator_load(path, err);
    times[i] = clock_now() - start;
    ok = t != NULL;
    translator_free(t);
  }
  qsort(times, (size_t)n, sizeof *times, compare);
  *ms = 1000 * times[n / 2];
  mem_free(times);
  return ok;
}

/* Beam and batch. */
static const int settings[BENCH_DECODES][2] = {{1, 1}, {1, 32}, {5, 1}, {5, 32}};

static bool check_decoding(const Bench *b, const Corpus *decoded, Err *err) {
  return check_pairs(decoded, "data.valid", err) &&
         bench_decode_check(&decoder_of(b)->config, decoded, settings[BENCH_DECODES - 1][0], b->options->limit, err);
}

static void measure_decoding(const Bench *b, Pool *all, BenchResult *result) {
  const BenchOptions *o = b->options;
  Translator *t = decoder_of(b);
  const Corpus *corpus = b->given != NULL ? b->given_corpus : b->data.valid;
  Pool *one = pool_new(1);
  t->precision = (Precision)o->precision;
  translator_pack(t, all);
  for (int i = 0; i < BENCH_DECODES; i++) {
    BenchDecode *d = &result->decode[i];
    *d = (BenchDecode){.beam = settings[i][0], .batch = settings[i][1]};
    bench_decode_measure(t, corpus, d->batch == 1 ? one : all, o->limit, b->shortlist, o->effort.decode_seconds, d);
  }
  pool_free(one);
}

/* Training comes first, so that nothing else counts in its memory. */
static bool measure(Bench *b, BenchResult *result, Err *err) {
  const BenchEffort *effort = &b->options->effort;
  const Corpus *decoded = b->given != NULL ? b->given_corpus : b->data.valid;
  if (!check_pairs(b->data.train, "data.train", err) || !check_decoding(b, decoded, err)) return false;
  result->threads = b->trained->config.train.threads;
  if (!bench_train_measure(b->trained, b->data.train, result->threads, effort, result, err)) return false;
  if (b->options->ranks) return true;
  result->ranks.n = 0;
  Pool *pool = pool_new(result->threads);
  result->peak_gflops = bench_peak_gflops(pool, effort->peak_size, effort->n_peaks);
  BenchTrain *t = &result->train;
  t->share_of_peak = t->target_tokens_per_s * t->flops_per_target_token / (1e9 * result->peak_gflops);
  param_start(&b->trained->model->params, (uint64_t)b->trained->config.train.seed);
  measure_decoding(b, pool, result);
  pool_free(pool);
  return measure_load(b, &result->load_ms, err);
}

bool bench_run(const BenchOptions *options, BenchResult *result, Err *err) {
  Bench b = {.options = options};
  *result = (BenchResult){0};
  blas_init();
  if (!ranks_agree_on_program(kernels_name(), blas_describe(), err)) return false;
  bool ok = open_folder(&b, err) && prepare(&b, err) && prepare_given(&b, err) && prepare_shortlist(&b, err) &&
            measure(&b, result, err);
  close_folder(&b);
  if (b.trained != NULL) train_data_free(&b.data);
  else config_free(&b.config);
  translator_free(b.trained);
  translator_free(b.given);
  corpus_free(b.given_corpus);
  shortlist_free(b.shortlist);
  return ok;
}
