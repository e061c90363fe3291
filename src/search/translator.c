#include "search/translator.h"

#include <string.h>

#include "base/mem.h"
#include "search/weights.h"

/* Tensors that hold subword models. The target's is left out where it is the source's. */
static const char SOURCE_MODEL[] = "source.sentencepiece", TARGET_MODEL[] = "target.sentencepiece";

static const char FORMAT[] = "attn-seq2seq 1", STATE[] = "attn-seq2seq state ";

int translator_separator(const Config *config, const Vocab *source) {
  const char *word = config->data.query_separator;
  int id = vocab_id(source, word, strlen(word));
  return id >= N_SPECIAL ? id : 0;
}

/* The model that config and vocabularies make, without values. */
static Model *declare(const Config *config, const Vocab *source, const Vocab *target) {
  ModelConfig c = config->model;
  c.source_vocab = vocab_size(source);
  c.target_vocab = vocab_size(target);
  if (c.decoder.type == DECODER_reader) c.separator = translator_separator(config, source);
  return model_declare(&c);
}

Translator *translator_new(const Config *config, Tokenizer *source_tokenizer, Vocab *source_vocab,
                           Tokenizer *target_tokenizer, Vocab *target_vocab) {
  Translator *t = mem_zero(1, sizeof *t, "translator");
  t->config = *config;
  t->source_tokenizer = source_tokenizer;
  t->source_vocab = source_vocab;
  t->target_tokenizer = target_tokenizer;
  t->target_vocab = target_vocab;
  t->model = declare(config, source_vocab, target_vocab);
  t->config.model = t->model->config;
  param_seal(&t->model->params);
  t->history = json_new_array();
  return t;
}

Tokenizer *translator_regions(const Config *config) {
  const EncoderConfig *e = &config->model.encoder;
  return tokenizer_of_regions(&(RegionForm){.patch = e->patch, .features = e->features, .max_side = e->max_side});
}

void translator_free(Translator *t) {
  if (t == NULL) return;
  config_free(&t->config);
  vocab_free(t->source_vocab);
  vocab_free(t->target_vocab);
  tokenizer_free(t->source_tokenizer);
  tokenizer_free(t->target_tokenizer);
  model_free(t->model);
  json_free(t->history);
  mem_free(t->own);
  safetensors_close(t->file);
  mem_free(t);
}

static bool is_int8(const Translator *t) {
  return t->precision == PRECISION_INT8 || (t->precision == PRECISION_USUAL && t->quantised);
}

void translator_pack(Translator *t, Pool *pool) {
  param_pack(&t->model->params, pool, is_int8(t) ? PACK_INT8 : PACK_FORWARD);
}

void translator_put_block(const ParamSet *set, SafeTensorsWriter *writer, const char *prefix, const real *block) {
  Str name = {0};
  for (int i = 0; i < set->n_params; i++) {
    const Param *p = &set->params[i];
    size_t shape[3];
    weights_shape(p, p->rows, shape);
    str_clear(&name);
    str_addf(&name, "%s%s", prefix, p->name);
    safetensors_put(writer, str_text(&name), WEIGHTS_TYPE, p->rank, shape, block + p->offset);
  }
  str_free(&name);
}

static void put_subwords(SafeTensorsWriter *writer, const char *name, const Tokenizer *tokenizer) {
  size_t n;
  if (tokenizer_model(tokenizer) == NULL) return;
  const char *bytes = sentencepiece_bytes(tokenizer_model(tokenizer), &n);
  safetensors_put(writer, name, SAFETENSORS_U8, 1, &n, bytes);
}

void translator_put_rest(const Translator *t, SafeTensorsWriter *writer) {
  Str text = {0};
  safetensors_put_metadata(writer, "format", FORMAT);
  Json *config = config_to_json(&t->config, true);
  json_print(&text, config, false);
  safetensors_put_metadata(writer, "config", str_text(&text));
  json_free(config);
  const char *const keys[] = {"source_vocab", "target_vocab"};
  const Vocab *const vocabs[] = {t->source_vocab, t->target_vocab};
  for (int k = 0; k < 2; k++) {
    str_clear(&text);
    vocab_to_json(vocabs[k], &text);
    safetensors_put_metadata(writer, keys[k], str_text(&text));
  }
  str_clear(&text);
  json_print(&text, t->history, false);
  safetensors_put_metadata(writer, "history", str_text(&text));
  str_free(&text);
  put_subwords(writer, SOURCE_MODEL, t->source_tokenizer);
  if (!tokenizer_equal(t->source_tokenizer, t->target_tokenizer))
    put_subwords(writer, TARGET_MODEL, t->target_tokenizer);
}

void translator_put(const Translator *t, SafeTensorsWriter *writer, const real *values) {
  translator_put_block(&t->model->params, writer, "", values);
  translator_put_rest(t, writer);
}

/* Another model at the same place may be what a training has taken hours for. */
static bool check_place(const SafeTensorsWriter *w, const char *path, Err *err) {
  return !safetensors_changes(w) ||
         err_set(err, ERR_FILE, "%s: another file stands there already; --overwrite replaces it", path);
}

bool translator_publish(SafeTensorsWriter *w, const char *path, bool overwrite, Err *err) {
  if (!safetensors_finish(w, err)) return false;
  if (overwrite || check_place(w, path, err)) return safetensors_publish(w, err);
  safetensors_abandon(w);
  return false;
}

bool translator_exact(const Translator *t, const char *path, const char *what, Err *err) {
  return !t->quantised ||
         err_set(err, ERR_FILE,
                 "%s: a quantised model, its weights rounded to 8 bits, cannot %s: take the model that it "
                 "was made of",
                 path, what);
}

bool translator_unchanged(const Translator *t, Err *err) {
  return t->file == NULL || safetensors_unchanged(t->file, err);
}

bool translator_save(const Translator *t, const char *path, Err *err) {
  SafeTensorsWriter *writer = translator_unchanged(t, err) ? safetensors_create(path, err) : NULL;
  if (writer == NULL) return false;
  translator_put(t, writer, t->model->params.values);
  return safetensors_commit(writer, err);
}

bool translator_get_block(const ParamSet *set, const SafeTensors *file, const char *path, const char *prefix,
                          real *block, Err *err) {
  const Weights weights = {.file = file, .path = path, .prefix = prefix};
  if (!weights_check(&weights, set, err)) return false;
  weights_copy(&weights, set, block);
  return safetensors_unchanged(file, err);
}

static const char *metadata(const SafeTensors *file, const char *path, const char *key, Err *err) {
  const char *text = safetensors_metadata(file, key);
  if (text == NULL) (void)err_set(err, ERR_FILE, "%s: no `%s` in its metadata: not a model of attn-seq2seq", path, key);
  return text;
}

enum { N_NORMS = 2 };
static const char *const norms[N_NORMS] = {"encoder.norm.weight", "decoder.norm.weight"};

/* nn.Transformer has norms after its layers whatever it is told, and nn.TransformerEncoder as it is told: where the
 * config in the file does not say model.final_norm, its tensors do. */
static void follow_norms(Config *config, const Json *json, const Weights *weights) {
  const Json *model = json_get(json, "model");
  if (!model_config_transforms(&config->model) || (model != NULL && json_get(model, "final_norm") != NULL)) return;
  config->model.final_norm = false;
  for (int i = 0; i < N_NORMS; i++)
    if (weights_find(weights, norms[i]) != NULL) config->model.final_norm = true;
}

static bool load_config(Config *config, const Weights *weights, Err *err) {
  const SafeTensors *file = weights->file;
  const char *path = weights->path;
  const char *format = metadata(file, path, "format", err);
  if (format == NULL) return false;
  if (strncmp(format, STATE, sizeof STATE - 1) == 0)
    return err_set(err, ERR_FILE, "%s: a training state, to go on from with train --resume; the model stands beside it",
                   path);
  if (strcmp(format, FORMAT) != 0)
    return err_set(err, ERR_FILE,
                   "%s: format \"%.40s\" is not \"%s\": made by another program or version; train it anew", path,
                   format, FORMAT);
  const char *text = metadata(file, path, "config", err);
  if (text == NULL) return false;
  Str name = {0};
  str_addf(&name, "%s: config", path);
  Json *json = json_parse(text, strlen(text), str_text(&name), ERR_FILE, err);
  bool ok = json != NULL && config_from_json(config, json, str_text(&name), ERR_FILE, err);
  if (ok) follow_norms(config, json, weights);
  json_free(json);
  str_free(&name);
  return ok;
}

static Vocab *load_vocab(const SafeTensors *file, const char *path, const char *key, Err *err) {
  const char *text = metadata(file, path, key, err);
  if (text == NULL) return NULL;
  Str name = {0};
  str_addf(&name, "%s: %s", path, key);
  Vocab *vocab = vocab_from_json(text, strlen(text), str_text(&name), err);
  str_free(&name);
  return vocab;
}

static bool check_pieces(const Sentencepiece *model, const Vocab *vocab, const char *name, Err *err) {
  Tokens pieces = {0};
  sentencepiece_pieces(model, &pieces);
  bool ok = pieces.n == vocab_size(vocab);
  for (int id = 0; id < pieces.n && ok; id++) ok = strcmp(tokens_get(&pieces, id, NULL), vocab_token(vocab, id)) == 0;
  tokens_free(&pieces);
  return ok || err_set(err, ERR_FILE, "%s: its pieces are not the vocabulary: damaged", name);
}

/* The subword model in a tensor, of the pieces that the vocabulary lists. */
static Sentencepiece *load_subwords(const SafeTensor *tensor, const char *path, const char *name, const Vocab *vocab,
                                    Err *err) {
  Str where = {0};
  Sentencepiece *model = NULL;
  str_addf(&where, "%s: tensor %s", path, name);
  if (tensor == NULL) (void)err_set(err, ERR_FILE, "%s is missing", str_text(&where));
  else if (tensor->type != SAFETENSORS_U8) (void)err_set(err, ERR_FILE, "%s is not U8", str_text(&where));
  else model = sentencepiece_load(tensor->data, tensor->n_bytes, str_text(&where), err);
  if (model != NULL && !check_pieces(model, vocab, str_text(&where), err)) {
    sentencepiece_free(model);
    model = NULL;
  }
  str_free(&where);
  return model;
}

static const SafeTensor *find_subwords(const Weights *weights, const char *name) {
  const SafeTensor *tensor = weights_find(weights, name);
  return tensor != NULL ? tensor : safetensors_find(weights->file, name);
}

static Tokenizer *load_tokenizer(const Weights *weights, const Config *config, bool target, const Vocab *vocab,
                                 Err *err) {
  const VocabSideConfig *side = target ? &config->vocab.target : &config->vocab.source;
  if (!target && config->data.source_form == SOURCE_FORM_features) return translator_regions(config);
  if (!tokenizer_def(side->tokenizer)->learned) return tokenizer_new(side->tokenizer, side->lowercase, NULL);
  bool own = target && find_subwords(weights, TARGET_MODEL) != NULL;
  const char *name = own ? TARGET_MODEL : SOURCE_MODEL;
  Sentencepiece *model = load_subwords(find_subwords(weights, name), weights->path, name, vocab, err);
  return model == NULL ? NULL : tokenizer_new(side->tokenizer, side->lowercase, model);
}

static bool is_subwords(const VocabConfig *v, const char *name) {
  return (tokenizer_def(v->source.tokenizer)->learned && strcmp(name, SOURCE_MODEL) == 0) ||
         (tokenizer_def(v->target.tokenizer)->learned && strcmp(name, TARGET_MODEL) == 0);
}

/* A tied tensor under its own name, too, as a state_dict() has it: the same bytes again. */
static bool check_tied(const Weights *weights, TieKind tie, const SafeTensor *tensor, bool *tied, Err *err) {
  const char *name = weights_name(weights, tensor);
  *tied = (tie != TIE_none && strcmp(name, "decoder.output.weight") == 0) ||
          (tie == TIE_all && strcmp(name, "encoder.embedding.weight") == 0);
  const SafeTensor *other = *tied ? weights_find(weights, "decoder.embedding.weight") : NULL;
  if (other == NULL || (other->type == tensor->type && other->n_bytes == tensor->n_bytes &&
                        memcmp(other->data, tensor->data, tensor->n_bytes) == 0))
    return true;
  return err_add(err, ERR_FILE, "%s: tensor %s is not %s, but model.tie_embeddings is \"%s\"", weights->path,
                 tensor->name, other->name, tie == TIE_all ? "all" : "target");
}

static bool check_unexpected(const ParamSet *set, const Config *config, const Weights *weights, Err *err) {
  bool ok = true;
  for (int i = 0; i < safetensors_count(weights->file); i++) {
    const SafeTensor *tensor = safetensors_at(weights->file, i);
    bool tied;
    if (weights_param(weights, set, tensor) >= 0 || is_subwords(&config->vocab, weights_name(weights, tensor)))
      continue;
    ok = check_tied(weights, config->model.tie_embeddings, tensor, &tied, err) && ok;
    if (!tied) ok = err_add(err, ERR_FILE, "%s: unexpected tensor %s", weights->path, tensor->name);
  }
  return ok;
}

/* Adds to what is missing or too much which key says so. */
static bool tell_norms(const ModelConfig *model, const Weights *weights, Err *err) {
  for (int i = 0; i < N_NORMS; i++) {
    bool transforms = i == 0 ? model->encoder.type == ENCODER_transformer : model->decoder.type == DECODER_transformer;
    if (!transforms || (weights_find(weights, norms[i]) != NULL) == model->final_norm) continue;
    return err_add(err, ERR_FILE,
                   "%s: model.final_norm is %s in its config, but tensor %s%s is %s: left out there, it follows from "
                   "the tensors of both sides",
                   weights->path, model->final_norm ? "true" : "false", weights->prefix, norms[i],
                   model->final_norm ? "missing" : "there");
  }
  return true;
}

/* The file must hold exactly the tensors that its config makes, before memory is taken for them. */
static bool load_model(Translator *t, const Weights *weights, Err *err) {
  Config *config = &t->config;
  if (config->model.tie_embeddings == TIE_all && vocab_size(t->source_vocab) != vocab_size(t->target_vocab))
    return err_set(err, ERR_FILE, "%s: model.tie_embeddings is \"all\", but the vocabularies differ: damaged",
                   weights->path);
  bool reads = config->model.decoder.type == DECODER_reader;
  if (reads && (translator_separator(config, t->source_vocab) == 0 || !vocab_equal(t->source_vocab, t->target_vocab)))
    return err_set(err, ERR_FILE,
                   "%s: a reader, but its vocabularies differ or have no data.query_separator \"%s\": damaged",
                   weights->path, config->data.query_separator);
  t->model = declare(config, t->source_vocab, t->target_vocab);
  config->model = t->model->config;
  bool ok = weights_check(weights, &t->model->params, err);
  ok = tell_norms(&config->model, weights, err) && ok;
  return check_unexpected(&t->model->params, config, weights, err) && ok;
}

static bool load_history(Translator *t, const char *path, Err *err) {
  const char *text = safetensors_metadata(t->file, "history");
  if (text == NULL) {
    t->history = json_new_array();
    return true;
  }
  Str name = {0};
  str_addf(&name, "%s: history", path);
  Json *json = json_parse(text, strlen(text), str_text(&name), ERR_FILE, err);
  str_free(&name);
  if (json == NULL) return false;
  if (json_type(json) != JSON_ARRAY) {
    json_free(json);
    return err_set(err, ERR_FILE, "%s: `history` is not an array", path);
  }
  t->history = json;
  return true;
}

static bool load_tokenizers(Translator *t, const Weights *weights, Err *err) {
  t->source_tokenizer = load_tokenizer(weights, &t->config, false, t->source_vocab, err);
  if (t->source_tokenizer == NULL) return false;
  t->target_tokenizer = load_tokenizer(weights, &t->config, true, t->target_vocab, err);
  return t->target_tokenizer != NULL;
}

static bool load(Translator *t, Weights *weights, Err *err) {
  const char *path = weights->path;
  if (!load_config(&t->config, weights, err)) return false;
  weights->bare_output = t->config.model.decoder.type == DECODER_transformer;
  if ((t->source_vocab = load_vocab(t->file, path, "source_vocab", err)) == NULL) return false;
  if ((t->target_vocab = load_vocab(t->file, path, "target_vocab", err)) == NULL) return false;
  if (!load_model(t, weights, err) || !load_tokenizers(t, weights, err)) return false;
  t->quantised = weights_quantised(weights);
  t->own = weights_lend(weights, &t->model->params);
  return load_history(t, path, err) && translator_unchanged(t, err);
}

Translator *translator_load(const char *path, Err *err) {
  Translator *t = mem_zero(1, sizeof *t, "translator");
  if ((t->file = safetensors_open(path, err)) != NULL) {
    char *prefix = weights_prefix(t->file);
    bool ok = load(t, &(Weights){.file = t->file, .path = path, .prefix = prefix, .modules = true, .int8 = true}, err);
    mem_free(prefix);
    if (ok) return t;
  }
  translator_free(t);
  return NULL;
}
