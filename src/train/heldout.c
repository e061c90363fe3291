#include "train/heldout.h"

#include <string.h>

#include "base/mem.h"
#include "eval/aer.h"
#include "eval/pieces.h"
#include "eval/word_alignment.h"
#include "search/entry.h"
#include "search/score.h"
#include "search/tokenized.h"
#include "search/translate.h"
#include "text/graph_line.h"
#include "train/corpora.h"

enum { AT_ONCE = 256, BATCH = 32 };

/* ---- Pairs. */

bool heldout_read(Heldout *h, const DataConfig *data, Err *err) {
  *h = (Heldout){0};
  PairFiles files = corpora_valid(data);
  Pairs *pairs = pairs_open(&files, NULL, err);
  if (pairs == NULL) return false;
  Pair pair;
  int got;
  while ((got = pairs_next(pairs, &pair, err)) == 1) {
    tokens_add(&h->sources, pair.source, pair.n_source);
    tokens_add(&h->targets, pair.target, pair.n_target);
  }
  pairs_close(pairs);
  if (got < 0) heldout_free(h);
  return got == 0;
}

int heldout_count(const Heldout *h) { return h->sources.n; }

/* The links of pair i are of words that it has. */
static bool check_links(Gold *gold, int i, const Pair *pair, Pieces *words, Err *err) {
  LinkLengths lengths;
  pieces_words(words, pair->source, graph_line_text(pair->source, pair->n_source), pieces_blank);
  lengths.source = words->n;
  pieces_words(words, pair->target, pair->n_target, pieces_blank);
  lengths.target = words->n;
  return gold_check(gold, i, &lengths, err);
}

Gold *heldout_gold(const Heldout *h, const HeldoutLinks *links, const Config *config, Err *err) {
  /* Tokens that are characters, or regions, are counted by the model alone. */
  const VocabConfig *vocab = &config->vocab;
  bool words = config->data.source_form == SOURCE_FORM_tokens && vocab->source.tokenizer != TOKENIZER_char &&
               vocab->target.tokenizer != TOKENIZER_char;
  Gold *gold = gold_read(links->path, links->from_1, links->warnings, err);
  Pieces pieces = {0};
  if (gold == NULL) return NULL;
  int n = heldout_count(h);
  bool ok = gold_fits(gold, n) ||
            err_set(err, ERR_FILE, "%s: %d lines of gold links for %d validation pairs; give those of the same text",
                    links->path, gold_count(gold), n);
  for (int i = 0; ok && words && i < n; i++) {
    Pair pair = heldout_pair(h, i);
    ok = check_links(gold, i, &pair, &pieces, err);
  }
  pieces_free(&pieces);
  if (ok) return gold;
  gold_free(gold);
  return NULL;
}

Pair heldout_pair(const Heldout *h, int i) {
  Pair pair;
  pair.source = tokens_get(&h->sources, i, &pair.n_source);
  pair.target = tokens_get(&h->targets, i, &pair.n_target);
  return pair;
}

void heldout_free(Heldout *h) {
  tokens_free(&h->sources);
  tokens_free(&h->targets);
}

PairLength *heldout_lengths(const Heldout *h, const Translator *t, Err *err) {
  int n = heldout_count(h);
  PairLength *lengths = mem_alloc((size_t)n + 1, sizeof *lengths, "held-out pairs");
  Tokens tokens = {0};
  for (int i = 0; i < n; i++) {
    Pair pair = heldout_pair(h, i);
    if (!tokenizer_read(t->source_tokenizer, pair.source, pair.n_source, &tokens, err)) {
      (void)err_prefix(err, "data.valid:%d: ", i + 1);
      mem_free(lengths);
      lengths = NULL;
      break;
    }
    lengths[i].source = (uint32_t)tokens.n;
    tokenizer_split(t->target_tokenizer, pair.target, pair.n_target, &tokens);
    lengths[i].target = (uint32_t)tokens.n;
  }
  tokens_free(&tokens);
  return lengths;
}

/* ---- Measuring. */

typedef struct Measure {
  const Translator *translator;
  const Model *model; /* its */
  const MetricDef *metric;
  Gold *gold;
  Translate *translate;
  Score *score;
  /* The pairs at hand. */
  int n, id[AT_ONCE];
  Tokenized sources[AT_ONCE], targets[AT_ONCE];
  IdPair ids[AT_ONCE];
  Ids to_translate[AT_ONCE];
  Hypothesis given[AT_ONCE];
  BeamResult found[AT_ONCE];
  /* Sums. */
  long n_pairs, tokens;
  double logprob, stats[METRIC_STATS];
  Aer aer;
  /* Room. */
  Entry entry;
  Str reference;
  WordAlignment words;
  PharaohLinks links;
  void *work; /* of the metric */
} Measure;

/* *taken: whether the model can be measured on the pair. False: an error. */
static bool take(Measure *m, int id, const Pair *pair, bool *taken, Err *err) {
  const Translator *t = m->translator;
  Tokenized *source = &m->sources[m->n], *target = &m->targets[m->n];
  if (!tokenized_read(source, t->source_tokenizer, t->source_vocab, pair->source, pair->n_source, err))
    return err_prefix(err, "data.valid:%d: ", id + 1);
  tokenized_set(target, t->target_tokenizer, t->target_vocab, pair->target, pair->n_target);
  const ModelLimits longest = model_config_longest(&t->config.model);
  *taken = source->tokens.n > 0 && target->tokens.n > 0 && source->tokens.n <= longest.source.tokens &&
           target->tokens.n <= longest.target.tokens;
  if (!*taken) return true;
  BeamOptions greedy = translate_greedy(&t->config.translate);
  ModelRoom room = model_config_room(&t->config.model);
  int64_t kept = model_config_kept(&t->config.model);
  if (!model_fits(source->tokens.n, target->tokens.n, err) || !beam_fits(&greedy, kept, source->tokens.n, err) ||
      !model_has_room(&room, source->tokens.n, target->tokens.n, err))
    return err_prefix(err, "data.valid:%d: ", id + 1);
  m->ids[m->n] = (IdPair){tokenized_ids(source, source->tokens.n), tokenized_ids(target, target->tokens.n)};
  m->to_translate[m->n] = m->ids[m->n].source;
  m->id[m->n++] = id;
  return true;
}

/* The reference as the model would spell it: in its case, its blanks, its normal form. */
static void add_metric(Measure *m, int i) {
  static const MetricOptions options = {0};
  double stats[METRIC_STATS] = {0};
  Err err = {0};
  entry_set(&m->entry, m->translator, m->id[i], 0, &m->sources[i].tokens, m->sources[i].tokens.n, NULL,
            &m->found[i].best[0]);
  str_clear(&m->reference);
  tokenizer_join(m->translator->target_tokenizer, &m->targets[i].tokens, &m->reference);
  MetricText reference = {str_text(&m->reference), m->reference.n};
  MetricLine line = {
      .hypothesis = {m->entry.alignment.text, m->entry.line.n}, .references = &reference, .n_references = 1};
  CHECK(m->metric->measure(m->work, &options, &line, stats, &err), "held-out pairs: %s", err.text);
  for (int k = 0; k < m->metric->n_stats; k++) m->stats[k] += stats[k];
}

static bool add_links(Measure *m, int i, Err *err) {
  if (m->gold == NULL) return true;
  const PharaohLinks *gold = gold_get(m->gold, m->id[i], err);
  if (gold == NULL) return false;
  bool source = tokenizer_model(m->translator->source_tokenizer) != NULL;
  bool target = tokenizer_model(m->translator->target_tokenizer) != NULL;
  entry_set(&m->entry, m->translator, m->id[i], 0, &m->sources[i].tokens, m->sources[i].tokens.n, &m->targets[i].tokens,
            &m->given[i]);
  if (source || target) word_alignment_set(&m->words, &m->entry.alignment, source, target);
  alignment_links(&m->links, source || target ? &m->words.alignment : &m->entry.alignment);
  aer_add(&m->aer, &m->links, gold);
  return true;
}

/* Measures the pairs at hand and lets them go. */
static bool work_off(Measure *m, Err *err) {
  BeamOptions greedy = translate_greedy(&m->translator->config.translate);
  score_pairs(m->score, m->ids, m->n, BATCH, m->given);
  translate_ids(m->translate, m->to_translate, m->n, 0, &greedy, BATCH, m->found);
  for (int i = 0; i < m->n; i++) {
    m->logprob += m->given[i].logprob;
    m->tokens += m->given[i].n_target;
    add_metric(m, i);
    if (!add_links(m, i, err)) return false;
  }
  m->n_pairs += m->n;
  m->n = 0;
  return true;
}

static Measure *open_measure(const Translator *t, Pool *pool, const MetricDef *metric, Gold *gold) {
  Measure *m = mem_zero(1, sizeof *m, "held-out pairs");
  m->model = t->model;
  m->translator = t;
  m->metric = metric;
  m->gold = gold;
  m->translate = translate_new(&m->model, 1, pool);
  m->score = score_new(&m->model, 1, pool);
  m->work = mem_zero(1, metric->size, "held-out pairs");
  return m;
}

static void close_measure(Measure *m) {
  translate_free(m->translate);
  score_free(m->score);
  for (int i = 0; i < AT_ONCE; i++) {
    tokenized_free(&m->sources[i]);
    tokenized_free(&m->targets[i]);
  }
  entry_free(&m->entry);
  str_free(&m->reference);
  word_alignment_free(&m->words);
  pharaoh_free(&m->links);
  if (m->metric->release != NULL) m->metric->release(m->work);
  mem_free(m->work);
  mem_free(m);
}

bool heldout_measure(HeldoutResult *result, const HeldoutPlan *plan, const Translator *t, Pool *pool, Err *err) {
  Measure *m = open_measure(t, pool, plan->metric, plan->gold);
  bool ok = true;
  for (int i = 0; ok && i < heldout_count(plan->pairs); i++) {
    Pair pair = heldout_pair(plan->pairs, i);
    if (plan->wanted[i]) ok = take(m, i, &pair, &plan->wanted[i], err);
    if (ok && m->n == AT_ONCE) ok = work_off(m, err);
  }
  ok = ok && work_off(m, err);
  if (ok && m->n_pairs == 0) ok = err_set(err, ERR_FILE, "no validation pair that the model could be measured on");
  if (ok)
    *result = (HeldoutResult){m->n_pairs, m->tokens, -m->logprob / (double)m->tokens,
                              metric_score(plan->metric, &(MetricOptions){0}, m->stats), aer_rate(&m->aer)};
  close_measure(m);
  return ok;
}
