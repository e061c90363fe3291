#include "text/corpus.h"

#include <limits.h>
#include <string.h>

#include "base/mem.h"
#include "base/ranks.h"
#include "base/rng.h"
#include "nn/model.h"
#include "text/link_store.h"
#include "text/region_store.h"

enum { GROUP = 16 }; /* pairs to a stored offset: the offsets of the others are sums of lengths */

struct Corpus {
  int32_t *ids; /* for each pair its source tokens, then its target tokens */
  size_t n_ids, cap_ids;
  PairLength *lengths; /* [n] */
  size_t *starts;      /* [ceil(n / GROUP)] offset in ids of every GROUPth pair */
  int n, cap;
  bool mapped;
  bool without;            /* ids, lengths and starts are kept by another rank, and only counted here */
  void *shared;            /* the memory that they lie in, or NULL: they are the corpus's own */
  RegionStore *regions;    /* NULL: sources are text */
  LinkStore *links;        /* NULL: none has any */
  Tokens sources, targets; /* the lines, when kept */
  CorpusStats stats;
  /* Of a sampled corpus, whose starts leave room for the longest drawings. */
  Corpus *base;
  CorpusSampling sampling;
};

/* What reading needs beside the corpus. */
typedef struct Reading {
  const PairFiles *files;
  const CorpusOptions *options;
  Pairs *pairs;
  Counter *source_counter, *target_counter;
  Tokens source, target; /* of the present pair */
  Str spelled;           /* what the target's tokens spell */
} Reading;

/* Room for one more pair of n ids. */
static void reserve(Corpus *corpus, size_t n) {
  if (corpus->without) return;
  if (corpus->n_ids + n > corpus->cap_ids) {
    corpus->cap_ids = 2 * (corpus->n_ids + n);
    corpus->ids = mem_grow(corpus->ids, corpus->cap_ids, sizeof *corpus->ids, "corpus");
  }
  if (corpus->n < corpus->cap) return;
  corpus->cap = corpus->cap == 0 ? 1024 : corpus->cap < INT_MAX / 2 ? 2 * corpus->cap : INT_MAX;
  corpus->lengths = mem_grow(corpus->lengths, (size_t)corpus->cap, sizeof *corpus->lengths, "corpus");
  corpus->starts = mem_grow(corpus->starts, (size_t)(corpus->cap / GROUP) + 1, sizeof *corpus->starts, "corpus");
}

/* Gives back what growing took too much. */
static void trim(Corpus *corpus) {
  corpus->cap = corpus->n;
  corpus->cap_ids = corpus->n_ids;
  if (corpus->without) return;
  corpus->ids = mem_grow(corpus->ids, corpus->n_ids, sizeof *corpus->ids, "corpus");
  corpus->lengths = mem_grow(corpus->lengths, (size_t)corpus->n, sizeof *corpus->lengths, "corpus");
  corpus->starts = mem_grow(corpus->starts, (size_t)(corpus->n / GROUP) + 1, sizeof *corpus->starts, "corpus");
}

static void add_side(Corpus *corpus, Counter *counter, const Tokens *tokens) {
  for (int i = 0; i < tokens->n; i++) {
    size_t n;
    const char *token = tokens_entry(tokens, i, &n);
    int number = counter_add(counter, token, n);
    if (!corpus->without) corpus->ids[corpus->n_ids] = number;
    corpus->n_ids++;
  }
}

static void add_pair(Corpus *corpus, Reading *r, const Pair *pair) {
  reserve(corpus, (size_t)r->source.n + (size_t)r->target.n);
  if (!corpus->without && corpus->n % GROUP == 0) corpus->starts[corpus->n / GROUP] = corpus->n_ids;
  if (tokens_regions(&r->source) != NULL) region_store_add(&corpus->regions, tokens_regions(&r->source));
  if (r->source.n_links > 0) link_store_add(&corpus->links, corpus->n, r->source.links, r->source.n_links);
  if (!corpus->without) corpus->lengths[corpus->n] = (PairLength){(uint32_t)r->source.n, (uint32_t)r->target.n};
  corpus->n++;
  add_side(corpus, r->source_counter, &r->source);
  add_side(corpus, r->target_counter, &r->target);
  corpus->stats.n_source += r->source.n;
  corpus->stats.n_target += r->target.n;
  if (!r->options->keep_text) return;
  str_clear(&r->spelled);
  tokenizer_join(r->options->target, &r->target, &r->spelled);
  tokens_add(&corpus->sources, pair->source, pair->n_source);
  tokens_add(&corpus->targets, str_text(&r->spelled), r->spelled.n);
}

static bool limited(int max) { return max > 0 && max < INT_MAX; }
static bool over(int n, int max) { return max > 0 && n > max; }

static bool check_size(const Reading *r, Err *err) {
  if (model_fits(r->source.n, r->target.n, err) && model_has_room(&r->options->room, r->source.n, r->target.n, err))
    return true;
  return err_prefix(err, "%s:%ld: ", pairs_path(r->pairs), pairs_number(r->pairs));
}

static bool is_token(const Tokens *tokens, int i, const char *text, size_t n) {
  size_t length;
  const char *token = tokens_get(tokens, i, &length);
  return length == n && memcmp(token, text, n) == 0;
}

/* Whether the target is a word of the source that stands before the separator. */
static bool answers(const Reading *r) {
  size_t n, n_separator = strlen(r->options->separator);
  if (r->target.n != 1) return false;
  const char *answer = tokens_get(&r->target, 0, &n);
  bool found = false;
  for (int i = 0; i < r->source.n; i++) {
    if (is_token(&r->source, i, r->options->separator, n_separator)) return found;
    found = found || is_token(&r->source, i, answer, n);
  }
  return false;
}

/* Takes in the pair, or counts why not. */
static bool take(Corpus *corpus, Reading *r, const Pair *pair, Err *err) {
  const CorpusOptions *o = r->options;
  int before = corpus->n;
  if (!tokenizer_read(o->source, pair->source, pair->n_source, &r->source, err))
    return err_prefix(err, "%s:%ld: ", pairs_path(r->pairs), pairs_number(r->pairs));
  tokenizer_split(o->target, pair->target, pair->n_target, &r->target);
  corpus->stats.n_read++;
  if (r->source.n == 0 || r->target.n == 0) corpus->stats.n_empty++;
  else if (over(r->source.n, o->max_source) || over(r->target.n, o->max_target)) corpus->stats.n_long++;
  else if (o->separator != NULL && !answers(r)) corpus->stats.n_unanswered++;
  else if (check_size(r, err)) add_pair(corpus, r, pair);
  else return false;
  CorpusPair read = {pairs_number(r->pairs), &r->source, &r->target, corpus->n > before};
  return o->told == NULL || o->told(o->ctx, &read, err);
}

static void name_files(Str *out, const PairFiles *files) {
  if (files->tsv != NULL) str_adds(out, files->tsv);
  else str_addf(out, "%s and %s", files->source, files->target);
}

/* Says why no pair is left. */
static void explain(Str *out, const CorpusStats *stats, const Reading *r) {
  const CorpusOptions *o = r->options;
  if (stats->n_read == 0 && stats->n_lines > 0)
    str_addf(out, ": %ld %s only, so that no pair is held out as number %d (data.valid.split); hold more of them out",
             stats->n_lines, stats->n_lines == 1 ? "line" : "lines", r->files->every);
  else if (stats->n_read == 0) str_adds(out, ": empty; a sentence a line is wanted");
  if (stats->n_read == 0) return;
  str_addf(out, ": no pair can be used: of %ld, %ld %s an empty side", stats->n_read, stats->n_empty,
           stats->n_empty == 1 ? "has" : "have");
  if (stats->n_unanswered > 0) {
    str_addf(
        out,
        ", and of %ld the source is no document, \"%s\" and a query, or the target no single word of the document; "
        "data.query_separator names the word between document and query",
        stats->n_unanswered, o->separator);
    return;
  }
  if (stats->n_long == 0) {
    str_adds(out, "; fill the empty lines or name other files");
    return;
  }
  str_addf(out, " and %ld %s longer than", stats->n_long, stats->n_long == 1 ? "is" : "are");
  if (limited(o->max_source)) str_addf(out, " %d source %s", o->max_source, o->max_source == 1 ? "token" : "tokens");
  if (limited(o->max_source) && limited(o->max_target)) str_adds(out, " or");
  if (limited(o->max_target)) str_addf(out, " %d target %s", o->max_target, o->max_target == 1 ? "token" : "tokens");
  if (o->longer != NULL) str_addf(out, "; allow longer ones (%s)", o->longer);
}

static bool check_left(const Corpus *corpus, const Reading *r, Err *err) {
  if (corpus->n > 0) return true;
  Str text = {0};
  name_files(&text, r->files);
  explain(&text, &corpus->stats, r);
  (void)err_set(err, ERR_FILE, "%s", str_text(&text));
  str_free(&text);
  return false;
}

static bool read_pairs(Corpus *corpus, Reading *r, Err *err) {
  r->pairs = pairs_open(r->files, r->options->warnings, err);
  if (r->pairs == NULL) return false;
  Pair pair;
  int got = 0;
  bool ok = true;
  while (ok && (got = pairs_next(r->pairs, &pair, err)) == 1 && corpus->n < INT_MAX) ok = take(corpus, r, &pair, err);
  if (pairs_ended(r->pairs)) corpus->stats.n_lines = pairs_number(r->pairs);
  pairs_close(r->pairs);
  if (got < 0 || !ok) return false;
  if (got == 1) return err_set(err, ERR_FILE, "more than %d pairs; train on a part of them", INT_MAX);
  return check_left(corpus, r, err);
}

Corpus *corpus_count(const PairFiles *files, const CorpusOptions *options, Counter *source, Counter *target, Err *err) {
  Corpus *corpus = mem_zero(1, sizeof *corpus, "corpus");
  corpus->without = options->shared && ranks_near_me() > 0;
  Reading r = {.files = files, .options = options, .source_counter = source, .target_counter = target};
  bool ok = read_pairs(corpus, &r, err);
  tokens_free(&r.source);
  tokens_free(&r.target);
  str_free(&r.spelled);
  if (ok) {
    trim(corpus);
    return corpus;
  }
  corpus_free(corpus);
  return NULL;
}

/* [n] the id of each number of the counter; freed by the caller. */
static int32_t *id_table(const Counter *counter, const Vocab *vocab) {
  int32_t *ids = mem_alloc((size_t)counter->tokens.n, sizeof *ids, "token numbers");
  vocab_encode(vocab, &counter->tokens, ids);
  return ids;
}

/* Maps n numbers in place; returns how many are unknown. */
static int64_t map_side(int32_t *ids, uint32_t n, const int32_t *table) {
  int64_t unknown = 0;
  for (uint32_t i = 0; i < n; i++) {
    ids[i] = table[ids[i]];
    unknown += ids[i] == ID_UNK;
  }
  return unknown;
}

void corpus_map(Corpus *corpus, const Counter *source, const Vocab *source_vocab, const Counter *target,
                const Vocab *target_vocab) {
  CHECK(!corpus->mapped, "corpus_map: mapped already");
  corpus->mapped = true;
  if (corpus->without) return;
  int32_t *source_ids = id_table(source, source_vocab), *target_ids = id_table(target, target_vocab);
  int32_t *at = corpus->ids;
  for (int i = 0; i < corpus->n; i++) {
    PairLength n = corpus->lengths[i];
    corpus->stats.n_unknown_source += map_side(at, n.source, source_ids);
    corpus->stats.n_unknown_target += map_side(at + n.source, n.target, target_ids);
    at += n.source + n.target;
  }
  mem_free(source_ids);
  mem_free(target_ids);
}

Corpus *corpus_load(const PairFiles *files, const CorpusOptions *options, const Vocab *source, const Vocab *target,
                    Err *err) {
  Counter source_counter = {0}, target_counter = {0};
  Corpus *corpus = corpus_count(files, options, &source_counter, &target_counter, err);
  if (corpus != NULL) corpus_map(corpus, &source_counter, source, &target_counter, target);
  counter_free(&source_counter);
  counter_free(&target_counter);
  return corpus;
}

/* ---- One copy a machine. */

/* Where the parts of a corpus of n pairs lie in shared memory: starts, lengths, ids. */
typedef struct Layout {
  size_t n_starts, lengths, ids, size; /* starts: how many; else bytes */
} Layout;

static Layout layout_of(int n, size_t n_ids) {
  Layout l = {.n_starts = (size_t)(n / GROUP) + 1};
  l.lengths = l.n_starts * sizeof(size_t);
  l.ids = l.lengths + (size_t)n * sizeof(PairLength);
  l.size = l.ids + n_ids * sizeof(int32_t);
  return l;
}

/* From the end on, so that what has been moved takes no memory meanwhile. */
static void move_ids(Corpus *corpus, int32_t *to) {
  enum { PIECE = 1 << 24 };
  for (size_t n = corpus->n_ids; n > 0;) {
    size_t k = n < PIECE ? n : PIECE;
    n -= k;
    memcpy(to + n, corpus->ids + n, k * sizeof *to);
    corpus->ids = mem_grow(corpus->ids, n > 0 ? n : 1, sizeof *corpus->ids, "corpus");
  }
  mem_free(corpus->ids);
}

static void move_in(Corpus *corpus, char *to, const Layout *l) {
  memcpy(to, corpus->starts, l->n_starts * sizeof *corpus->starts);
  memcpy(to + l->lengths, corpus->lengths, l->ids - l->lengths);
  mem_free(corpus->starts);
  mem_free(corpus->lengths);
  move_ids(corpus, (int32_t *)(void *)(to + l->ids));
}

static void point_into(Corpus *corpus, char *at, const Layout *l) {
  corpus->starts = (size_t *)(void *)at;
  corpus->lengths = (PairLength *)(void *)(at + l->lengths);
  corpus->ids = (int32_t *)(void *)(at + l->ids);
}

/* Where there is no memory to share: a copy each. */
static void copy_from_first(Corpus *corpus, const Layout *l) {
  if (corpus->without) {
    corpus->starts = mem_alloc(l->n_starts, sizeof *corpus->starts, "corpus");
    corpus->lengths = mem_alloc((size_t)corpus->n, sizeof *corpus->lengths, "corpus");
    corpus->ids = mem_alloc(corpus->n_ids, sizeof *corpus->ids, "corpus");
  }
  ranks_near_broadcast(corpus->starts, l->n_starts * sizeof *corpus->starts);
  ranks_near_broadcast(corpus->lengths, (size_t)corpus->n * sizeof *corpus->lengths);
  ranks_near_broadcast(corpus->ids, corpus->n_ids * sizeof *corpus->ids);
}

void corpus_share(Corpus *corpus, Warnings *warnings) {
  if (ranks_near_count() == 1) return;
  Layout l = layout_of(corpus->n, corpus->n_ids);
  corpus->shared = ranks_share(l.size);
  if (corpus->shared == NULL) {
    warnings_tell(warnings,
                  "not enough shared memory for the %zu MB of the corpus: each process keeps a copy; see "
                  "`df -h /dev/shm`, and --shm-size of containers",
                  l.size >> 20);
    copy_from_first(corpus, &l);
  } else {
    char *at = corpus->shared;
    if (!corpus->without) move_in(corpus, at, &l);
    ranks_near_wait();
    point_into(corpus, at, &l);
  }
  ranks_near_broadcast(&corpus->stats, sizeof corpus->stats);
  corpus->without = false;
}

/* ---- Sampling. */

static int room(const SubwordSampler *sampler, Ids ids) {
  return sampler == NULL ? ids.n : subword_sampler_room(sampler, ids);
}

/* Memory of a sampled corpus, shared where that of its base is. */
static void make_sampled(Corpus *corpus) {
  Layout l = layout_of(corpus->n, corpus->cap_ids);
  corpus->shared = corpus->base->shared == NULL ? NULL : ranks_share(l.size);
  if (corpus->shared != NULL) {
    point_into(corpus, corpus->shared, &l);
    return;
  }
  corpus->lengths = mem_alloc((size_t)corpus->n, sizeof *corpus->lengths, "corpus");
  corpus->starts = mem_alloc(l.n_starts, sizeof *corpus->starts, "corpus");
  corpus->ids = mem_alloc(corpus->cap_ids, sizeof *corpus->ids, "corpus");
}

/* Ids that the drawings of a pair may come to. */
static size_t most_ids(const Corpus *corpus, int i) {
  IdPair pair = corpus_pair(corpus->base, i);
  return (size_t)room(corpus->sampling.source, pair.source) + (size_t)room(corpus->sampling.target, pair.target);
}

/* The tokens of the base, each group with room for what is drawn. */
static void fill_sampled(Corpus *corpus) {
  const Corpus *base = corpus->base;
  size_t start = 0;
  memcpy(corpus->lengths, base->lengths, (size_t)base->n * sizeof *base->lengths);
  for (int i = 0; i < base->n; i++) {
    if (i % GROUP == 0) corpus->starts[i / GROUP] = start;
    start += most_ids(corpus, i);
  }
  for (int i = 0; i < base->n; i += GROUP) {
    size_t from = base->starts[i / GROUP], to = i + GROUP < base->n ? base->starts[i / GROUP + 1] : base->n_ids;
    memcpy(corpus->ids + corpus->starts[i / GROUP], base->ids + from, (to - from) * sizeof *base->ids);
  }
}

Corpus *corpus_sampled(Corpus *base, const CorpusSampling *sampling) {
  CHECK(base->mapped && base->base == NULL, "corpus_sampled: %d pairs", base->n);
  Corpus *corpus = mem_zero(1, sizeof *corpus, "corpus");
  *corpus = (Corpus){.n = base->n, .cap = base->n, .mapped = true, .stats = base->stats, .base = base};
  corpus->regions = base->regions;
  base->regions = NULL;
  corpus->links = base->links;
  base->links = NULL;
  corpus->sampling = *sampling;
  for (int i = 0; i < base->n; i++) corpus->cap_ids += most_ids(corpus, i);
  make_sampled(corpus);
  if (corpus->shared == NULL || ranks_near_me() == 0) fill_sampled(corpus);
  if (corpus->shared != NULL) ranks_near_wait();
  return corpus;
}

typedef struct Drawing {
  Corpus *corpus;
  uint64_t epoch;
  int first, step; /* groups of this rank: every step-th from the first on */
  Arena **arenas;  /* one a worker */
} Drawing;

static int draw_side(const SubwordSampler *sampler, Ids ids, uint64_t key, Arena *scratch, int32_t *out) {
  if (sampler != NULL) return subword_sampler_draw(sampler, ids, key, scratch, out);
  memcpy(out, ids.at, (size_t)ids.n * sizeof *out);
  return ids.n;
}

/* Draws pair i into at; returns its ids. */
static size_t draw_pair(Corpus *corpus, int i, uint64_t epoch, Arena *scratch, int32_t *at) {
  const CorpusSampling *s = &corpus->sampling;
  IdPair pair = corpus_pair(corpus->base, i);
  uint64_t key = rng_key(s->seed, RNG_SUBWORDS, epoch, (uint64_t)i);
  int source = draw_side(s->source, pair.source, rng_subkey(key, 0), scratch, at);
  int target = draw_side(s->target, pair.target, rng_subkey(key, 1), scratch, at + source);
  if (over(source, s->max_source) || over(target, s->max_target)) {
    source = draw_side(NULL, pair.source, 0, scratch, at);
    target = draw_side(NULL, pair.target, 0, scratch, at + source);
  }
  corpus->lengths[i] = (PairLength){(uint32_t)source, (uint32_t)target};
  return (size_t)source + (size_t)target;
}

static void draw_group(void *ctx, int task, int worker) {
  const Drawing *d = ctx;
  int group = d->first + task * d->step, first = group * GROUP;
  int end = d->corpus->n - first < GROUP ? d->corpus->n : first + GROUP;
  int32_t *at = d->corpus->ids + d->corpus->starts[group];
  for (int i = first; i < end; i++) at += draw_pair(d->corpus, i, d->epoch, d->arenas[worker], at);
}

void corpus_draw(Corpus *corpus, Pool *pool, uint64_t epoch) {
  if (corpus->base == NULL) return;
  size_t workers = (size_t)pool_size(pool);
  bool shared = corpus->shared != NULL;
  int n_groups = (corpus->n - 1) / GROUP + 1;
  Drawing d = {corpus, epoch, shared ? ranks_near_me() : 0, shared ? ranks_near_count() : 1,
               mem_alloc(workers, sizeof(Arena *), "drawing of subwords")};
  for (size_t w = 0; w < workers; w++) d.arenas[w] = arena_new();
  if (shared) ranks_near_wait(); /* none reads the last drawing any more */
  pool_run(pool, (n_groups - d.first + d.step - 1) / d.step, draw_group, &d);
  if (shared) ranks_near_wait();
  for (size_t w = 0; w < workers; w++) arena_free(d.arenas[w]);
  mem_free(d.arenas);
}

bool corpus_digest(const Corpus *corpus, char hex[65]) {
  if (corpus->regions != NULL) region_store_digest(corpus->regions, hex);
  return corpus->regions != NULL;
}

void corpus_free(Corpus *corpus) {
  if (corpus == NULL) return;
  region_store_free(corpus->regions);
  link_store_free(corpus->links);
  corpus_free(corpus->base);
  if (corpus->shared == NULL) {
    mem_free(corpus->ids);
    mem_free(corpus->lengths);
    mem_free(corpus->starts);
  }
  tokens_free(&corpus->sources);
  tokens_free(&corpus->targets);
  mem_free(corpus);
}

int corpus_size(const Corpus *corpus) { return corpus->n; }

IdPair corpus_pair(const Corpus *corpus, int i) {
  CHECK(corpus->mapped && i >= 0 && i < corpus->n, "corpus_pair: %d of %d", i, corpus->n);
  size_t at = corpus->starts[i / GROUP];
  for (int j = i / GROUP * GROUP; j < i; j++) at += (size_t)corpus->lengths[j].source + corpus->lengths[j].target;
  PairLength n = corpus->lengths[i];
  const int32_t *ids = corpus->ids + at;
  IdPair pair = {.source = {.at = ids, .n = (int)n.source, .regions = region_store_get(corpus->regions, i)},
                 .target = {.at = ids + n.source, .n = (int)n.target}};
  pair.source.links.at = link_store_get(corpus->links, i, &pair.source.links.n);
  return pair;
}

const PairLength *corpus_lengths(const Corpus *corpus) { return corpus->lengths; }

const CorpusStats *corpus_stats(const Corpus *corpus) { return &corpus->stats; }

Pair corpus_text(const Corpus *corpus, int i) {
  if (corpus->base != NULL) return corpus_text(corpus->base, i);
  Pair pair;
  pair.source = tokens_get(&corpus->sources, i, &pair.n_source);
  pair.target = tokens_get(&corpus->targets, i, &pair.n_target);
  return pair;
}

static size_t text_bytes(const Tokens *lines) { return lines->text.cap + (size_t)lines->cap * sizeof *lines->ends; }

size_t corpus_bytes(const Corpus *corpus) {
  return sizeof *corpus + corpus->cap_ids * sizeof *corpus->ids + (size_t)corpus->cap * sizeof *corpus->lengths +
         ((size_t)(corpus->cap / GROUP) + 1) * sizeof *corpus->starts + text_bytes(&corpus->sources) +
         text_bytes(&corpus->targets) + region_store_bytes(corpus->regions) + link_store_bytes(corpus->links) +
         (corpus->base == NULL ? 0 : corpus_bytes(corpus->base));
}
