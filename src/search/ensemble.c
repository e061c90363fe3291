#include "search/ensemble.h"

#include "base/mem.h"

/* What keeps two members from working together, or NULL. */
static const char *difference(const Translator *a, const Translator *b) {
  if (!tokenizer_equal(a->source_tokenizer, b->source_tokenizer)) return "source tokenizers";
  if (!tokenizer_equal(a->target_tokenizer, b->target_tokenizer)) return "target tokenizers";
  if (!vocab_equal(a->source_vocab, b->source_vocab)) return "source vocabularies";
  if (!vocab_equal(a->target_vocab, b->target_vocab)) return "target vocabularies";
  return a->config.model.attention.aligns == b->config.model.attention.aligns ? NULL : "model.attention.aligns";
}

static bool add(Ensemble *e, const char *const *paths, Err *err) {
  Translator *t = translator_load(paths[e->n], err);
  if (t == NULL) return false;
  const char *differs = e->n == 0 ? NULL : difference(e->members[0], t);
  if (differs != NULL) {
    translator_free(t);
    return err_set(err, ERR_FILE,
                   "%s and %s: their %s differ; models that translate together must be trained with the same ones",
                   paths[0], paths[e->n], differs);
  }
  const ModelLimits longest = model_config_longest(&t->config.model);
  e->longest.source = model_config_shorter(e->longest.source, longest.source);
  e->longest.target = model_config_shorter(e->longest.target, longest.target);
  e->room = model_config_room_sum(e->room, model_config_room(&t->config.model));
  e->models[e->n] = t->model;
  e->members[e->n++] = t;
  return true;
}

bool ensemble_load(Ensemble *e, const char *const *paths, int n, Err *err) {
  CHECK(n > 0, "ensemble_load: %d models", n);
  *e = (Ensemble){.longest = {{.tokens = INT_MAX}, {.tokens = INT_MAX}}};
  e->members = mem_zero((size_t)n, sizeof *e->members, "models");
  e->models = mem_zero((size_t)n, sizeof *e->models, "models");
  for (int i = 0; i < n; i++) {
    if (add(e, paths, err)) continue;
    ensemble_free(e);
    return false;
  }
  return true;
}

int ensemble_hard(const Ensemble *e) {
  for (int i = 0; i < e->n; i++)
    if (e->members[i]->config.model.attention.focus == FOCUS_hard) return i;
  return 0;
}

void ensemble_look(Ensemble *e) {
  const HardInference kind = e->members[ensemble_hard(e)]->config.model.attention.hard.inference;
  e->room = (ModelRoom){0};
  for (int i = 0; i < e->n; i++) {
    Translator *t = e->members[i];
    t->config.model.attention.hard.inference = kind;
    t->model->config.attention.hard = t->config.model.attention.hard;
    e->room = model_config_room_sum(e->room, model_config_room(&t->config.model));
  }
}

void ensemble_pack(const Ensemble *e, Pool *pool) {
  for (int i = 0; i < e->n; i++) translator_pack(e->members[i], pool);
}

bool ensemble_scores(const Ensemble *e, int n_source, int n_target, Err *err) {
  return model_knows(&e->longest, n_source, n_target, err) && model_fits(n_source, n_target, err) &&
         model_has_room(&e->room, n_source, n_target, err);
}

bool ensemble_unchanged(const Ensemble *e, Err *err) {
  bool ok = true;
  for (int i = 0; ok && i < e->n; i++) ok = translator_unchanged(e->members[i], err);
  return ok;
}

void ensemble_free(Ensemble *e) {
  for (int i = 0; i < e->n; i++) translator_free(e->members[i]);
  mem_free(e->members);
  mem_free(e->models);
  *e = (Ensemble){0};
}

bool ensemble_links(const Ensemble *e, const char *graph, Err *err) {
  bool read = false;
  for (int i = 0; i < e->n; i++) {
    const Config *c = &e->members[i]->config;
    read = read || c->model.encoder.type == ENCODER_graph;
    if (graph == NULL && c->data.train.graph != NULL)
      return err_set(
          err, ERR_USAGE,
          "the model was trained with links between the words of its source (%s): give those of this text, a "
          "line a sentence, with --graph FILE",
          c->data.train.graph);
  }
  return graph == NULL || read ||
         err_set(err, ERR_USAGE, "--graph %s: only a model of model.encoder.type \"graph\" reads links; leave it out",
                 graph);
}
