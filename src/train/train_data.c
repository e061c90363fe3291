#include "train/train_data.h"

#include <string.h>

#include "base/io.h"
#include "base/ranks.h"
#include "base/sha256.h"
#include "search/fit.h"
#include "search/translate.h"
#include "text/overlap.h"
#include "text/subwords.h"
#include "text/vectors.h"
#include "train/corpora.h"
#include "train/corpus_hint.h"
#include "train/fine_tune.h"
#include "train/train_ranks.h"

static bool add_file(Json *files, const char *path, Err *err) {
  char hex[65];
  if (path == NULL) return true;
  if (!io_sha256(path, hex, err)) return false;
  json_set(files, path, json_new_string(hex));
  return true;
}

static bool reads_text(const Config *c) { return c->data.source_form == SOURCE_FORM_tokens; }

static bool guided(const Config *c) { return c->train.guided_alignment.weight > 0; }

static bool add_fingerprints(const Config *c, Json *files, Err *err) {
  const char *const paths[] = {c->data.train.source,
                               c->data.train.target,
                               c->data.train.tsv,
                               c->data.valid.source,
                               c->data.valid.target,
                               c->data.valid.tsv,
                               c->data.embeddings.source,
                               c->data.embeddings.target,
                               guided(c) ? c->data.train.alignment : NULL,
                               c->data.train.graph,
                               c->data.valid.graph,
                               c->train.start_from,
                               reads_text(c) ? c->vocab.source.file : NULL,
                               c->vocab.target.file};
  enum { N_PATHS = sizeof paths / sizeof *paths, N_VOCAB = 2 };
  int n = c->train.start_from != NULL ? N_PATHS - N_VOCAB : N_PATHS; /* then vocabularies are not read from files */
  for (int i = 0; i < n; i++)
    if (!add_file(files, paths[i], err)) return false;
  return true;
}

/* Several ranks share what they read, so that it must be the same before. */
static bool add_fingerprints_first(const Config *c, Json *files, Err *err) {
  return ranks_count() == 1 || (add_fingerprints(c, files, err) && train_ranks_agree_on_data(files, err));
}

/* The texts are there. They are read more than once, and again when training goes on. */
static bool check_texts(const Config *c, Err *err) {
  const struct {
    const char *key, *path;
  } texts[] = {
      {"data.train.source", c->data.train.source},
      {"data.train.target", c->data.train.target},
      {"data.train.tsv", c->data.train.tsv},
      {"data.train.graph", c->data.train.graph},
      {"data.valid.source", c->data.valid.source},
      {"data.valid.target", c->data.valid.target},
      {"data.valid.tsv", c->data.valid.tsv},
      {"data.valid.graph", c->data.valid.graph},
      {"data.embeddings.source", c->data.embeddings.source},
      {"data.embeddings.target", c->data.embeddings.target},
      {"data.train.alignment", guided(c) ? c->data.train.alignment : NULL},
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    if (texts[i].path == NULL) continue;
    if (strcmp(texts[i].path, "-") == 0)
      return err_set(err, ERR_USAGE, "the config names - among its texts: training reads them again; give a file");
    if (!corpus_hint_check(texts[i].path, err)) return err_prefix(err, "%s: ", texts[i].key);
  }
  return true;
}

/* One file where two are meant. */
static void warn_of_same(const CorpusConfig *train, Warnings *warnings) {
  if (train->tsv == NULL && io_same(train->source, train->target))
    warnings_tell(warnings,
                  "data.train.source and data.train.target are one file, %s: all there is to learn is to copy; a file "
                  "of lines source, tab, target is named as data.train.tsv",
                  train->source);
}

/* A model that is learned anew must come out the same when training goes on. */
static void add_model(Json *files, const char *name, const Tokenizer *tokenizer) {
  char hex[65];
  size_t n;
  if (tokenizer_model(tokenizer) == NULL) return;
  const char *bytes = sentencepiece_bytes(tokenizer_model(tokenizer), &n);
  sha256_hex(bytes, n, hex);
  json_set(files, name, json_new_string(hex));
}

/* What the source lines name must be the same when training goes on. */
static void add_digest(Json *files, const char *name, const Corpus *corpus) {
  char hex[65];
  if (corpus_digest(corpus, hex)) json_set(files, name, json_new_string(hex));
}

static Vocab *vocab_of_pieces(const Sentencepiece *model, const char *name, Err *err) {
  Tokens pieces = {0};
  sentencepiece_pieces(model, &pieces);
  Vocab *vocab = vocab_from_tokens(&pieces, name, err);
  tokens_free(&pieces);
  return vocab;
}

static Vocab *make_vocab(const VocabSideConfig *c, const Tokenizer *tokenizer, const Counter *counter, const char *name,
                         Warnings *warnings, Err *err) {
  if (tokenizer_regions(tokenizer) != NULL) return vocab_build(counter, 0, 1, name, err);
  if (tokenizer_model(tokenizer) != NULL) return vocab_of_pieces(tokenizer_model(tokenizer), name, err);
  if (c->file != NULL) return vocab_read(c->file, warnings, err);
  return vocab_build(counter, c->size, c->min_count, name, err);
}

static Sentencepiece *make_model(const Config *c, bool target, Err *err) {
  const VocabSideConfig *side = target ? &c->vocab.target : &c->vocab.source;
  PairFiles files = corpora_train(&c->data);
  files.graph = NULL;
  SubwordsOptions options = {.source = c->vocab.shared || !target,
                             .target = c->vocab.shared || target,
                             .lowercase = side->lowercase,
                             .type = side->model_type,
                             .size = side->size,
                             .name = c->vocab.shared ? "vocab.{source, target}"
                                     : target        ? "vocab.target"
                                                     : "vocab.source"};
  return side->file != NULL ? subwords_read(side->file, err) : subwords_learn(&files, &options, err);
}

static Tokenizer *make_tokenizer(const Config *c, bool target, Err *err) {
  const VocabSideConfig *side = target ? &c->vocab.target : &c->vocab.source;
  if (!target && !reads_text(c)) return translator_regions(c);
  if (!tokenizer_def(side->tokenizer)->learned) return tokenizer_new(side->tokenizer, side->lowercase, NULL);
  Sentencepiece *model = make_model(c, target, err);
  return model == NULL ? NULL : tokenizer_new(side->tokenizer, side->lowercase, model);
}

/* Tokenizers and counters of both sides while the corpora are read; one counter for a shared vocabulary. */
typedef struct Reader {
  CorpusOptions options;
  Translator *from; /* what a fine-tuning starts from, or NULL */
  Tokenizer *source_tokenizer, *target_tokenizer;
  Counter counters[2];
  Counter *source, *target;
  Vocab *source_vocab, *target_vocab;
} Reader;

/* Tokenizers and vocabularies of the model to start from. */
static bool take_over(Reader *r, Config *c, Err *err) {
  if ((r->from = fine_tune_open(c, err)) == NULL) return false;
  r->options.source = r->source_tokenizer = r->from->source_tokenizer;
  r->options.target = r->target_tokenizer = r->from->target_tokenizer;
  r->source_vocab = r->from->source_vocab;
  r->target_vocab = r->from->target_vocab;
  r->from->source_tokenizer = r->from->target_tokenizer = NULL;
  r->from->source_vocab = r->from->target_vocab = NULL;
  return true;
}

static bool make_tokenizers(Reader *r, const Config *c, Err *err) {
  r->options.source = r->source_tokenizer = make_tokenizer(c, false, err);
  if (r->source_tokenizer == NULL) return false;
  const Sentencepiece *model = tokenizer_model(r->source_tokenizer);
  if (c->vocab.shared && model != NULL) r->target_tokenizer = tokenizer_copy(r->source_tokenizer);
  else r->target_tokenizer = make_tokenizer(c, true, err);
  r->options.target = r->target_tokenizer;
  return r->target_tokenizer != NULL;
}

/* Whoever reads the training corpus reads the links beside it. */
static bool open_guide(Reader *r, const Config *c, TrainData *data, Err *err) {
  if (!guided(c)) return true;
  data->guide = guide_open(c->data.train.alignment, r->source_tokenizer, r->target_tokenizer, r->options.warnings, err);
  r->options.told = guide_take;
  r->options.ctx = data->guide;
  return data->guide != NULL;
}

static bool make_vocabs(Reader *r, const Config *c, Err *err) {
  if (r->from != NULL) return true;
  r->source_vocab =
      make_vocab(&c->vocab.source, r->source_tokenizer, r->source, "vocab.source", r->options.warnings, err);
  if (r->source_vocab == NULL) return false;
  r->target_vocab =
      make_vocab(&c->vocab.target, r->target_tokenizer, r->target, "vocab.target", r->options.warnings, err);
  return r->target_vocab != NULL;
}

/* A point of a learning curve that is not where it is said to be. */
static void warn_of_few(const Reader *r, const DataConfig *c, const CorpusStats *stats) {
  if (stats->n_read < c->train.pairs)
    warnings_tell(r->options.warnings, "data.train.pairs is %d, but there are only %ld pairs to train on",
                  c->train.pairs, stats->n_read);
}

static bool read_train(Reader *r, const Config *c, TrainData *data, Err *err) {
  PairFiles files = corpora_train(&c->data);
  r->options.max_source = r->options.max_target = c->data.max_length;
  r->options.longer = "data.max_length";
  if (!open_guide(r, c, data, err)) return false;
  r->options.shared = true;
  data->train = corpus_count(&files, &r->options, r->source, r->target, err);
  r->options.told = NULL;
  r->options.shared = false;
  if (data->train == NULL || !make_vocabs(r, c, err)) return false;
  warn_of_few(r, &c->data, corpus_stats(data->train));
  if (c->model.decoder.type == DECODER_reader && translator_separator(c, r->source_vocab) == 0)
    return err_set(
        err, ERR_FILE,
        "data.query_separator \"%s\" is not in the source vocabulary, which the reader finds queries by; name "
        "the word that is there, or a vocabulary that has it",
        c->data.query_separator);
  corpus_map(data->train, r->source, r->source_vocab, r->target, r->target_vocab);
  corpus_share(data->train, r->options.warnings);
  return data->guide == NULL ||
         guide_end(data->guide, corpus_stats(data->train), r->source_vocab, r->target_vocab, err);
}

static LimitsCount count_over(const Corpus *corpus, double ratio) {
  return limits_count(corpus_lengths(corpus), corpus_size(corpus), ratio);
}

/* The greatest length of translations: as the config says, or as the training text needs. Always true. */
static bool settle_limits(TranslateConfig *c, TrainData *data) {
  TrainLimits *l = &data->limits;
  l->usual = count_over(data->train, c->max_length_ratio);
  double ratio = limits_ratio(corpus_lengths(data->train), corpus_size(data->train));
  l->raised = !c->ratio_given && ratio > c->max_length_ratio;
  l->ratio = c->max_length_ratio = l->raised ? ratio : c->max_length_ratio;
  l->train = count_over(data->train, l->ratio);
  return true;
}

/* Whether validation can translate each of its sources. */
typedef struct Searchable {
  const char *path;
  BeamOptions search;
  int64_t kept; /* model_config_kept */
} Searchable;

static bool check_searchable(void *ctx, const CorpusPair *pair, Err *err) {
  const Searchable *s = ctx;
  return !pair->kept || beam_fits(&s->search, s->kept, pair->source->n, err) ||
         err_prefix(err, "%s:%ld: ", s->path, pair->line);
}

static bool read_valid(Reader *r, const Config *c, TrainData *data, Err *err) {
  PairFiles files = corpora_valid(&c->data);
  const ModelLimits longest = model_config_longest(&c->model);
  r->options.max_source = longest.source.tokens;
  r->options.max_target = longest.target.tokens;
  r->options.longer = longest.source.key != NULL ? longest.source.key : longest.target.key;
  r->options.keep_text = true;
  Searchable searchable = {files.tsv != NULL ? files.tsv : files.source, translate_greedy(&c->translate),
                           model_config_kept(&c->model)};
  r->options.told = check_searchable;
  r->options.ctx = &searchable;
  searchable.search.weights = true; /* the samples of a report show them */
  CorpusOptions options = r->options;
  if (c->data.valid.split > 0) options.warnings = NULL; /* the same file again */
  data->valid = corpus_load(&files, &options, r->source_vocab, r->target_vocab, err);
  r->options.told = NULL;
  if (data->valid != NULL) data->limits.valid = count_over(data->valid, c->translate.max_length_ratio);
  return data->valid != NULL;
}

/* Says what looks wrong with the validation text, its sides exchanged, say. */
static void check_fit(const Corpus *valid, const Translator *t, Warnings *warnings) {
  Fit source = fit_new(t, false), target = fit_new(t, true);
  Tokenized line = {0};
  for (int i = 0; i < corpus_size(valid); i++) {
    Pair pair = corpus_text(valid, i);
    if (reads_text(&t->config)) {
      tokenized_set(&line, t->source_tokenizer, t->source_vocab, pair.source, pair.n_source);
      fit_add(&source, &line, line.tokens.n);
    }
    tokenized_set(&line, t->target_tokenizer, t->target_vocab, pair.target, pair.n_target);
    fit_add(&target, &line, line.tokens.n);
  }
  fit_warn_pair(&source, "the validation source", &target, "the validation target", warnings);
  tokenized_free(&line);
  fit_free(&source);
  fit_free(&target);
}

/* A given model is of the type that it says, whatever the config has for one to be learned. */
static bool check_sampling(const VocabSideConfig *side, const Tokenizer *tokenizer, const char *name, Err *err) {
  SentencepieceType type = sentencepiece_type(tokenizer_model(tokenizer));
  if (type == SENTENCEPIECE_WORD || type == SENTENCEPIECE_CHAR)
    return err_set(err, ERR_USAGE,
                   "%s.sampling is %g, but the subword model is of type \"%s\", which splits a text in one way only: "
                   "leave it out",
                   name, side->sampling, type == SENTENCEPIECE_WORD ? "word" : "char");
  if (type == SENTENCEPIECE_bpe && side->sampling >= 1)
    return err_set(err, ERR_USAGE,
                   "%s.sampling is %g, but of a subword model of type \"bpe\" it is the part of the merges left out: "
                   "set it below 1, say 0.1",
                   name, side->sampling);
  return true;
}

static bool make_sampler(SubwordSampler **sampler, const VocabSideConfig *side, const Tokenizer *tokenizer,
                         const Vocab *vocab, const char *name, Err *err) {
  *sampler = NULL;
  if (side->sampling == 0) return true;
  if (!check_sampling(side, tokenizer, name, err)) return false;
  *sampler = subword_sampler_new(tokenizer_model(tokenizer), vocab, side->sampling);
  return true;
}

static bool sample(TrainData *data, const Translator *t, Err *err) {
  const Config *c = &t->config;
  const VocabConfig *v = &c->vocab;
  if (!reads_text(c)) data->source_sampler = NULL;
  else if (!make_sampler(&data->source_sampler, &v->source, t->source_tokenizer, t->source_vocab, "vocab.source", err))
    return false;
  if (!make_sampler(&data->target_sampler, &v->target, t->target_tokenizer, t->target_vocab, "vocab.target", err))
    return false;
  if (data->source_sampler == NULL && data->target_sampler == NULL) return true;
  CorpusSampling sampling = {data->source_sampler, data->target_sampler, c->data.max_length, c->data.max_length,
                             (uint64_t)c->train.seed};
  data->train = corpus_sampled(data->train, &sampling);
  return true;
}

static bool read_vectors(const char *path, const Vocab *vocab, Translator *t, int param, int *n, Warnings *warnings,
                         Err *err) {
  if (path == NULL) return true;
  Tensor embedding = param_tensor(&t->model->params, param, NULL);
  *n = vectors_read(path, vocab, &embedding, warnings, err);
  param_changed(&t->model->params);
  return *n >= 0;
}

/* The weights that training starts from. */
static bool start(Translator *t, const Translator *from, TrainData *data, Warnings *warnings, Err *err) {
  const EmbeddingsConfig *vectors = &t->config.data.embeddings;
  data->source.n_vectors = data->target.n_vectors = -1;
  if (from != NULL) {
    fine_tune_copy(t, from);
    return translator_unchanged(from, err);
  }
  param_start(&t->model->params, (uint64_t)t->config.train.seed);
  return read_vectors(vectors->source, t->source_vocab, t, t->model->encoder.embedding, &data->source.n_vectors,
                      warnings, err) &&
         read_vectors(vectors->target, t->target_vocab, t, t->model->embedding, &data->target.n_vectors, warnings, err);
}

/* The translator of what was read, its weights those that training starts from. */
static Translator *make_translator(Reader *r, Config *config, TrainData *data, Err *err) {
  add_model(data->files, "vocab.source", r->source_tokenizer);
  add_model(data->files, "vocab.target", r->target_tokenizer);
  add_digest(data->files, "what the lines of data.train name", data->train);
  add_digest(data->files, "what the lines of data.valid name", data->valid);
  Translator *t = translator_new(config, r->source_tokenizer, r->source_vocab, r->target_tokenizer, r->target_vocab);
  *config = (Config){0};
  data->n_seen = overlap_count(data->valid, data->train);
  bool ok = sample(data, t, err);
  coverage_measure(&data->source.coverage, data->valid, false, t->source_tokenizer, t->source_vocab);
  coverage_measure(&data->target.coverage, data->valid, true, t->target_tokenizer, t->target_vocab);
  check_fit(data->valid, t, r->options.warnings);
  if (ok && start(t, r->from, data, r->options.warnings, err)) return t;
  translator_free(t);
  train_data_free(data);
  return NULL;
}

Translator *train_data_read(Config *config, TrainData *data, Warnings *warnings, Err *err) {
  *data = (TrainData){.files = json_new_object()};
  Reader r = {.options = {.warnings = warnings, .room = model_config_room(&config->model)}};
  if (config->model.decoder.type == DECODER_reader) r.options.separator = config->data.query_separator;
  r.source = &r.counters[0];
  r.target = config->vocab.shared ? r.source : &r.counters[1];
  bool ok = check_texts(config, err);
  if (ok) warn_of_same(&config->data.train, warnings);
  if (ok) ok = config->train.start_from != NULL ? take_over(&r, config, err) : make_tokenizers(&r, config, err);
  ok = ok && add_fingerprints_first(config, data->files, err) && read_train(&r, config, data, err) &&
       settle_limits(&config->translate, data) && read_valid(&r, config, data, err) &&
       (ranks_count() > 1 || add_fingerprints(config, data->files, err));
  counter_free(&r.counters[0]);
  counter_free(&r.counters[1]);
  Translator *t = NULL;
  if (ok) {
    t = make_translator(&r, config, data, err);
  } else {
    tokenizer_free(r.source_tokenizer);
    tokenizer_free(r.target_tokenizer);
    vocab_free(r.source_vocab);
    vocab_free(r.target_vocab);
    train_data_free(data);
    config_free(config);
  }
  translator_free(r.from);
  return t;
}

void train_data_free(TrainData *data) {
  corpus_free(data->train);
  corpus_free(data->valid);
  subword_sampler_free(data->source_sampler);
  subword_sampler_free(data->target_sampler);
  coverage_free(&data->source.coverage);
  coverage_free(&data->target.coverage);
  guide_free(data->guide);
  json_free(data->files);
  *data = (TrainData){0};
}
