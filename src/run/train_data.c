#include "run/train_data.h"

#include "base/io.h"

static PairFiles files_of(const CorpusConfig *c) { return (PairFiles){c->source, c->target, c->tsv}; }

static bool add_file(Json *files, const char *path, Err *err) {
  char hex[65];
  if (path == NULL) return true;
  if (!io_sha256(path, hex, err)) return false;
  json_set(files, path, json_new_string(hex));
  return true;
}

static bool add_fingerprints(const Config *c, Json *files, Err *err) {
  const char *const paths[] = {c->data.train.source, c->data.train.target, c->data.train.tsv,    c->data.valid.source,
                               c->data.valid.target, c->data.valid.tsv,    c->vocab.source.file, c->vocab.target.file};
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
    if (!add_file(files, paths[i], err)) return false;
  return true;
}

static Vocab *make_vocab(const VocabSideConfig *c, const Counter *counter, const char *name, Warnings *warnings,
                         Err *err) {
  if (c->file != NULL) return vocab_read(c->file, warnings, err);
  return vocab_build(counter, c->size, c->min_count, name, err);
}

/* Tokenizers and counters of both sides while the corpora are read; one counter for a shared vocabulary. */
typedef struct Reader {
  CorpusOptions options;
  Counter counters[2];
  Counter *source, *target;
  Vocab *source_vocab, *target_vocab;
} Reader;

static bool read_train(Reader *r, const Config *c, TrainData *data, Err *err) {
  PairFiles files = files_of(&c->data.train);
  r->options.max_source = r->options.max_target = c->data.max_length;
  data->train = corpus_count(&files, &r->options, r->source, r->target, err);
  if (data->train == NULL) return false;
  r->source_vocab = make_vocab(&c->vocab.source, r->source, "vocab.source", r->options.warnings, err);
  if (r->source_vocab == NULL) return false;
  r->target_vocab = make_vocab(&c->vocab.target, r->target, "vocab.target", r->options.warnings, err);
  if (r->target_vocab == NULL) return false;
  corpus_map(data->train, r->source, r->source_vocab, r->target, r->target_vocab);
  return true;
}

static bool read_valid(Reader *r, const Config *c, TrainData *data, Err *err) {
  PairFiles files = files_of(&c->data.valid);
  bool located = c->model.attention.score == SCORE_location;
  r->options.max_source = located ? c->model.attention.max_positions - 1 : 0;
  r->options.max_target = 0;
  r->options.keep_text = true;
  data->valid = corpus_load(&files, &r->options, r->source_vocab, r->target_vocab, err);
  return data->valid != NULL;
}

Translator *train_data_read(Config *config, TrainData *data, Warnings *warnings, Err *err) {
  *data = (TrainData){.files = json_new_object()};
  Tokenizer *source = tokenizer_new(config->vocab.source.tokenizer);
  Tokenizer *target = tokenizer_new(config->vocab.target.tokenizer);
  Reader r = {.options = {.source = source, .target = target, .warnings = warnings}};
  r.source = &r.counters[0];
  r.target = config->vocab.shared ? r.source : &r.counters[1];
  bool ok = read_train(&r, config, data, err) && read_valid(&r, config, data, err) &&
            add_fingerprints(config, data->files, err);
  tokenizer_free(source);
  tokenizer_free(target);
  counter_free(&r.counters[0]);
  counter_free(&r.counters[1]);
  if (!ok) {
    vocab_free(r.source_vocab);
    vocab_free(r.target_vocab);
    train_data_free(data);
    config_free(config);
    return NULL;
  }
  Translator *t = translator_new(config, r.source_vocab, r.target_vocab);
  *config = (Config){0};
  param_start(&t->model->params, (uint64_t)t->config.train.seed);
  return t;
}

void train_data_free(TrainData *data) {
  corpus_free(data->train);
  corpus_free(data->valid);
  json_free(data->files);
  *data = (TrainData){0};
}
