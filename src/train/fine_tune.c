#include "train/fine_tune.h"

#include <string.h>

#include "base/str.h"
#include "conf/config_keys.h"
#include "train/checkpoint.h"

/* What was left out becomes what the file has. */
static void complete(Config *c, const Config *from) {
  const VocabConfig *v = &c->vocab;
  const struct {
    bool left_out;
    const char *path;
  } keys[] = {
      {v->source.size == 0, "vocab.source.size"},           {v->source.min_count == 1, "vocab.source.min_count"},
      {v->source.file == NULL, "vocab.source.file"},        {v->target.size == 0, "vocab.target.size"},
      {v->target.min_count == 1, "vocab.target.min_count"}, {v->target.file == NULL, "vocab.target.file"}};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    if (keys[i].left_out) config_copy_key(c, from, keys[i].path);
}

static bool of_softmax(const Config *c) {
  FocusKind focus = c->model.attention.focus;
  return focus == FOCUS_soft || focus == FOCUS_hard;
}

/* The keys that may differ: those of regularisation, what the alignment is, and whether one position is looked at or
 * all, which have the same weights. Returns how many. */
static int list_free(const char **paths, const Config *c, const Config *from) {
  int n = 0;
  if (of_softmax(c) && of_softmax(from)) paths[n++] = "model.attention.focus";
  for (int i = 0; i < N_CONFIG_KEYS; i++) {
    const char *path = config_keys_at(i)->path;
    if (strstr(path, "dropout") != NULL || strstr(path, ".sampling") != NULL || strstr(path, ".alignment.") != NULL ||
        strstr(path, ".hard.") != NULL)
      paths[n++] = path;
  }
  return n;
}

/* Names the keys of `model` and `vocab` that differ from those of the file and matter to its weights or its tokens. */
static bool check(const Config *c, const Config *from, Err *err) {
  const char *except[N_CONFIG_KEYS + 1];
  int n = list_free(except, c, from);
  Config mixed = *from; /* borrows */
  mixed.model = c->model;
  mixed.vocab = c->vocab;
  Str differences = {0};
  bool same = config_diff(&differences, from, &mixed, except, n) == 0;
  if (!same)
    (void)err_set(err, ERR_USAGE,
                  "train.start_from is %s, but the config differs from the one in that file; take its values, or train "
                  "without train.start_from\n%s",
                  c->train.start_from, str_text(&differences));
  str_free(&differences);
  return same;
}

/* The file must be there again for --resume. */
static bool check_place(const TrainConfig *c, Err *err) {
  return !checkpoint_replaces(c->model, c->start_from) ||
         err_set(err, ERR_USAGE,
                 "train.start_from is %s, which a training of train.model %s would replace or remove: write the new "
                 "model elsewhere",
                 c->start_from, c->model);
}

Translator *fine_tune_open(Config *config, Err *err) {
  Translator *from = translator_load(config->train.start_from, err);
  if (from == NULL) {
    (void)err_prefix(err, "train.start_from: ");
    return NULL;
  }
  complete(config, &from->config);
  if (translator_exact(from, config->train.start_from, "be trained on (train.start_from)", err) &&
      check_place(&config->train, err) && check(config, &from->config, err))
    return from;
  translator_free(from);
  return NULL;
}

void fine_tune_copy(Translator *t, const Translator *from) {
  ParamSet *to = &t->model->params;
  const ParamSet *set = &from->model->params;
  for (int i = 0; i < to->n_params; i++) {
    const Param *p = &to->params[i], *q = &set->params[i];
    CHECK(strcmp(p->name, q->name) == 0 && p->rows == q->rows && p->cols == q->cols, "%s and %s", p->name, q->name);
    memcpy(to->values + p->offset, param_values(set, i), (size_t)p->rows * (size_t)p->cols * sizeof(real));
  }
  param_changed(to);
}
