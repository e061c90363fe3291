/* config_check.c - which values of a config fit together. Every message names the keys with their values and a way
 * out. */
#include <string.h>

#include "conf/config.h"
#include "conf/shape.h"

static const char *yes(bool value) { return value ? "true" : "false"; }

static bool same_text(const char *a, const char *b) { return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0; }

static void check_shared(Checker *check, const VocabConfig *v) {
  if (!v->shared) return;
  if (v->source.tokenizer != v->target.tokenizer)
    COMPLAIN(check, "vocab.shared is true, but %s: use one tokenizer, or set vocab.shared to false",
             "vocab.source.tokenizer and vocab.target.tokenizer differ");
  if (v->source.size != v->target.size)
    COMPLAIN(check,
             "vocab.shared is true, but vocab.source.size is %d and vocab.target.size is %d: make them equal, or set "
             "vocab.shared to false",
             v->source.size, v->target.size);
  if (v->source.min_count != v->target.min_count)
    COMPLAIN(check,
             "vocab.shared is true, but vocab.source.min_count is %d and vocab.target.min_count is %d: make them "
             "equal, or set vocab.shared to false",
             v->source.min_count, v->target.min_count);
  if (v->source.lowercase != v->target.lowercase)
    COMPLAIN(
        check,
        "vocab.shared is true, but vocab.source.lowercase is %s and vocab.target.lowercase is %s: make them equal, "
        "or set vocab.shared to false",
        yes(v->source.lowercase), yes(v->target.lowercase));
  if (v->source.model_type != v->target.model_type)
    COMPLAIN(check, "vocab.shared is true, but %s: make them equal, or set vocab.shared to false",
             "vocab.source.model_type and vocab.target.model_type differ");
  if (!same_text(v->source.file, v->target.file))
    COMPLAIN(
        check,
        "vocab.shared is true, but vocab.source.file is \"%s\" and vocab.target.file is \"%s\": give both the same "
        "file, or set vocab.shared to false",
        v->source.file == NULL ? "" : v->source.file, v->target.file == NULL ? "" : v->target.file);
}

static void check_sampling(Checker *check, const VocabSideConfig *v, const char *side) {
  if (v->sampling > 0 && v->tokenizer != TOKENIZER_sentencepiece)
    COMPLAIN(
        check,
        "vocab.%s.sampling is %g, but only vocab.%s.tokenizer \"sentencepiece\" has other ways to split a text: set "
        "that, or leave vocab.%s.sampling out",
        side, v->sampling, side, side);
  else if (v->sampling >= 1 && v->model_type == SENTENCEPIECE_bpe && v->file == NULL)
    COMPLAIN(
        check,
        "vocab.%s.sampling is %g, but of vocab.%s.model_type \"bpe\" it is the part of the merges left out: set it "
        "below 1, say 0.1",
        side, v->sampling, side);
}

static void check_side(Checker *check, const VocabSideConfig *v, const char *side) {
  check_sampling(check, v, side);
  if (v->tokenizer != TOKENIZER_sentencepiece) return;
  if (sentencepiece_missing() != NULL)
    COMPLAIN(check,
             "vocab.%s.tokenizer is \"sentencepiece\", but %s, or set vocab.%s.tokenizer to \"word\" or \"char\"", side,
             sentencepiece_missing(), side);
  if (v->min_count != 1)
    COMPLAIN(
        check,
        "vocab.%s.min_count is %d, but the pieces of vocab.%s.tokenizer \"sentencepiece\" are not counted: leave it "
        "out",
        side, v->min_count, side);
}

/* Regions are no words, and what is said of words says nothing of them. */
static void check_source_form(Checker *check, const Config *c) {
  if (c->data.source_form != SOURCE_FORM_features) return;
  if (c->model.encoder.patch == 0 && c->model.encoder.features == 0)
    COMPLAIN(check,
             "data.source_form is \"%s\", but neither images nor matrices are said to be read: set model.encoder.patch "
             "to the side of the squares that PGM images are to be cut into, say 4, or model.encoder.features to the "
             "columns of the matrices",
             "features");
  if (c->vocab.shared)
    COMPLAIN(check,
             "vocab.shared is true, but data.source_form \"%s\" gives the source no words that both sides could share: "
             "set vocab.shared to false",
             "features");
  if (c->data.embeddings.source != NULL)
    COMPLAIN(check,
             "data.embeddings.source is \"%s\", but data.source_form \"features\" has no source words that have "
             "vectors: leave it out",
             c->data.embeddings.source);
}

static void check_corpus(Checker *check, const CorpusConfig *c, const char *which) {
  const char *side = c->source != NULL ? "source" : "target";
  const char *path = c->source != NULL ? c->source : c->target;
  if (c->tsv != NULL && path != NULL)
    COMPLAIN(check,
             "data.%s.tsv is \"%s\" and data.%s.%s is \"%s\", but only one of the two forms can be read: leave "
             "one of them out",
             which, c->tsv, which, side, path);
}

static void check_split(Checker *check, const CorpusConfig *c) {
  const char *key = c->tsv != NULL ? "tsv" : c->source != NULL ? "source" : "target";
  const char *path = c->tsv != NULL ? c->tsv : c->source != NULL ? c->source : c->target;
  if (c->split > 0 && path != NULL)
    COMPLAIN(
        check,
        "data.valid.split is %d and data.valid.%s is \"%s\", but either pairs of the training text or a text of its "
        "own serve for validation: leave one of them out",
        c->split, key, path);
  if (c->split > 0 && c->fold > c->split)
    COMPLAIN(check, "data.valid.fold is %d, but data.valid.split %d makes folds 1 to %d only", c->fold, c->split,
             c->split);
}

/* Words that stay where they are, and links on both sides of a training. */
static void check_graph(Checker *check, const Config *c) {
  const char *train = c->data.train.graph, *valid = c->data.valid.graph;
  if (train != NULL && valid == NULL && c->data.valid.split == 0)
    COMPLAIN(check,
             "data.train.graph is \"%s\", but the validation text has no links: give them as data.valid.graph, or hold "
             "training pairs out with data.valid.split",
             train);
  if (train == NULL && valid != NULL)
    COMPLAIN(check,
             "data.valid.graph is \"%s\", but the training text has no links: give them as data.train.graph, or leave "
             "data.valid.graph out",
             valid);
  if (train != NULL && valid != NULL && c->data.valid.split > 0)
    COMPLAIN(
        check,
        "data.valid.split is %d and data.valid.graph is \"%s\", but pairs held out of the training text have their "
        "links in data.train.graph: leave data.valid.graph out",
        c->data.valid.split, valid);
  if (train != NULL && c->vocab.source.sampling > 0)
    COMPLAIN(check,
             "vocab.source.sampling is %g, but links of data.train.graph are between pieces that stay: set "
             "vocab.source.sampling to 0, or leave data.train.graph out",
             c->vocab.source.sampling);
}

static void check_start(Checker *check, const Config *c) {
  const char *from = c->train.start_from, *vectors = c->data.embeddings.source;
  if (from != NULL && strcmp(from, c->train.model) == 0)
    COMPLAIN(check,
             "train.start_from and train.model are both \"%s\", but the model to start from must stay: write the new "
             "one elsewhere",
             from);
  if (vectors != NULL && c->model.tie_embeddings == TIE_all)
    COMPLAIN(check,
             "data.embeddings.source is \"%s\", but with model.tie_embeddings \"all\" both sides have the target's "
             "embedding: give data.embeddings.target alone",
             vectors);
  if (vectors == NULL) vectors = c->data.embeddings.target;
  if (from != NULL && vectors != NULL)
    COMPLAIN(check,
             "train.start_from is \"%s\", whose embeddings would be overwritten by the vectors in \"%s\": leave one "
             "of them out",
             from, vectors);
}

static void check_train(Checker *check, const TrainConfig *t) {
  if (t->batch_size > 0 && t->batch_tokens > 0)
    COMPLAIN(check,
             "train.batch_size is %d and train.batch_tokens is %d, but a batch is measured in one way: leave one of "
             "them out",
             t->batch_size, t->batch_tokens);
  if (t->average > t->keep)
    COMPLAIN(check,
             "train.average is %d, but train.keep is %d and only checkpoints that are kept can be averaged: set "
             "train.keep to %d, or leave it out",
             t->average, t->keep, t->average);
  if (t->schedule.type == SCHEDULE_inverse_sqrt && t->schedule.warmup == 0)
    COMPLAIN(check,
             "train.schedule.type \"inverse_sqrt\" scales with train.schedule.warmup, which is %d: set "
             "train.schedule.warmup to say 4000, or train.schedule.type to \"constant\"",
             t->schedule.warmup);
}

static void check_min_lr(Checker *check, const TrainConfig *t) {
  if (t->schedule.min_lr > t->optimizer.lr)
    COMPLAIN(check,
             "train.schedule.min_lr is %g and train.optimizer.lr is %g, but a rate that falls cannot fall to a greater "
             "one: lower train.schedule.min_lr, or leave it out",
             t->schedule.min_lr, t->optimizer.lr);
}

static void check_guide(Checker *check, const Config *c) {
  if (c->train.guided_alignment.weight > 0 && c->data.train.alignment == NULL)
    COMPLAIN(check,
             "train.guided_alignment.weight is %g, but no links are named that attention could follow: give "
             "data.train.alignment, or leave train.guided_alignment.weight out",
             c->train.guided_alignment.weight);
}

bool config_check_model(const Config *config, const char *name, ErrKind kind, Err *err) {
  Checker check = {name, kind, err, true};
  check_corpus(&check, &config->data.train, "train");
  check_corpus(&check, &config->data.valid, "valid");
  check_split(&check, &config->data.valid);
  check_source_form(&check, config);
  if (config->data.source_form == SOURCE_FORM_tokens) check_side(&check, &config->vocab.source, "source");
  check_side(&check, &config->vocab.target, "target");
  check_shared(&check, &config->vocab);
  shape_check(&check, config);
  check_graph(&check, config);
  check_start(&check, config);
  check_train(&check, &config->train);
  check_min_lr(&check, &config->train);
  check_guide(&check, config);
  return check.ok;
}

static void need_corpus(Checker *check, const CorpusConfig *c, const char *which) {
  if (c->tsv != NULL || c->split > 0 || (c->source != NULL && c->target != NULL)) return;
  if (c->source == NULL && c->target == NULL)
    COMPLAIN(check, "data.%s: no text is named: give data.%s.source and data.%s.target, or data.%s.tsv%s", which, which,
             which, which, strcmp(which, "valid") == 0 ? ", or with data.valid.split a part of the training text" : "");
  else
    COMPLAIN(check, "data.%s.%s is missing beside data.%s.%s \"%s\"", which, c->source == NULL ? "source" : "target",
             which, c->source == NULL ? "target" : "source", c->source == NULL ? c->target : c->source);
}

/* Numbers that are computed with in single precision must not become 0 or 1 there. */
static void check_precision(Checker *check, const OptimizerConfig *o) {
  if ((float)o->lr == 0.0F)
    COMPLAIN(check, "train.optimizer.lr is %g, which is 0 in single precision: set it to say 0.001", o->lr);
  if (o->clip_norm > 0 && (float)o->clip_norm == 0.0F)
    COMPLAIN(check, "train.optimizer.clip_norm is %g, which is 0 in single precision: set it to say 1, or 0 for off",
             o->clip_norm);
  if (o->type != OPTIMIZER_adam) return;
  if ((float)o->beta1 == 1.0F)
    COMPLAIN(check, "train.optimizer.beta1 is %.17g, which is 1 in single precision: set it to say 0.9", o->beta1);
  if ((float)o->beta2 == 1.0F)
    COMPLAIN(check, "train.optimizer.beta2 is %.17g, which is 1 in single precision: set it to say 0.999", o->beta2);
  /* Squares of gradients below 1e-19 are 0 in single precision, and epsilon alone divides. */
  if (o->epsilon < 1e-16)
    COMPLAIN(check,
             "train.optimizer.epsilon is %g, too small to keep steps of vanishing gradients small: set it to 1e-16 or "
             "more, say 1e-8",
             o->epsilon);
}

bool config_check_train(const Config *config, const char *name, Err *err) {
  Checker check = {name, ERR_USAGE, err, true};
  need_corpus(&check, &config->data.train, "train");
  need_corpus(&check, &config->data.valid, "valid");
  check_precision(&check, &config->train.optimizer);
  if (strcmp(config->train.model, "-") == 0)
    COMPLAIN(&check, "train.model is %s: models, states and checkpoints are files beside one another; name a file",
             "-");
  return check.ok;
}
