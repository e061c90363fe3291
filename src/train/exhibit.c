#include "train/exhibit.h"

#include "base/mem.h"
#include "eval/heatmap_json.h"
#include "eval/word_alignment.h"
#include "search/entry.h"
#include "search/score.h"
#include "search/tokenized.h"
#include "search/translate.h"

/* Tokens of a side that a page has room for. */
enum { LEAST = 3, MOST = 24 };

struct Exhibit {
  const Translator *translator;
  const Model *model; /* its */
  Translate *translate;
  Score *score;
  Tokenized source, target;
  Entry entry;
  WordAlignment words;
};

static bool fits(const PairLength *length) {
  return length->source >= LEAST && length->source <= MOST && length->target >= LEAST && length->target <= MOST;
}

int exhibit_choose(const PairLength *lengths, int n, int index[EXHIBITS]) {
  int n_chosen = n < EXHIBITS ? n : EXHIBITS;
  for (int k = 0; k < n_chosen; k++) {
    int first = (int)((long)n * k / n_chosen), end = (int)((long)n * (k + 1) / n_chosen);
    index[k] = first;
    while (index[k] < end && !fits(&lengths[index[k]])) index[k]++;
    if (index[k] == end) index[k] = first;
  }
  return n_chosen;
}

Exhibit *exhibit_new(const Translator *translator, Pool *pool) {
  Exhibit *e = mem_zero(1, sizeof *e, "samples");
  e->model = translator->model;
  e->translator = translator;
  e->translate = translate_new(&e->model, 1, pool);
  e->score = score_new(&e->model, 1, pool);
  return e;
}

void exhibit_free(Exhibit *e) {
  if (e == NULL) return;
  translate_free(e->translate);
  score_free(e->score);
  tokenized_free(&e->source);
  tokenized_free(&e->target);
  entry_free(&e->entry);
  word_alignment_free(&e->words);
  mem_free(e);
}

static const Alignment *in_words(Exhibit *e) {
  const Alignment *a = &e->entry.alignment;
  bool source = word_alignment_wanted(a, false), target = word_alignment_wanted(a, true);
  if (tokenizer_model(e->translator->source_tokenizer) == NULL) source = false;
  if (tokenizer_model(e->translator->target_tokenizer) == NULL) target = false;
  if (!source && !target) return a;
  word_alignment_set(&e->words, a, source, target);
  return &e->words.alignment;
}

/* target: NULL spells what h holds. */
static const Alignment *alignment_of(Exhibit *e, int id, const Tokens *target, const Hypothesis *h) {
  entry_set(&e->entry, e->translator, id, 0, &e->source.tokens, e->source.tokens.n, target, h);
  return in_words(e);
}

void exhibit_add(Exhibit *e, Str *out, int id, const Pair *pair, const PharaohLinks *gold) {
  const Translator *t = e->translator;
  Err unread = {0};
  bool there = tokenized_read(&e->source, t->source_tokenizer, t->source_vocab, pair->source, pair->n_source, &unread);
  tokenized_set(&e->target, t->target_tokenizer, t->target_vocab, pair->target, pair->n_target);
  const ModelLimits longest = model_config_longest(&t->config.model);
  int n = e->source.tokens.n, n_target = e->target.tokens.n;
  if (!there || n == 0 || n_target == 0 || n > longest.source.tokens || n_target > longest.target.tokens) {
    str_adds(out, "null");
    return;
  }
  IdPair ids = {tokenized_ids(&e->source, n), tokenized_ids(&e->target, e->target.tokens.n)};
  BeamOptions greedy = translate_greedy(&t->config.translate);
  greedy.weights = true;
  BeamResult found;
  Hypothesis given;
  translate_ids(e->translate, &ids.source, 1, 0, &greedy, 1, &found);
  const Alignment *a = alignment_of(e, id, NULL, &found.best[0]);
  heatmap_json_open(out, a, gold);
  heatmap_json_output(out, a);
  str_addc(out, ',');
  score_pairs(e->score, &ids, 1, 1, &given);
  heatmap_json_output(out, alignment_of(e, id, &e->target.tokens, &given));
  heatmap_json_close(out);
}
