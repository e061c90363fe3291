#include "train/guide.h"

#include "base/mem.h"
#include "eval/link_file.h"
#include "text/runs.h"

static const char SPACE[] = "\xE2\x96\x81";

/* Positions of words; where tokens are pieces, of runs (runs.h), which stay however the pieces are drawn. */
typedef struct Link {
  int source, target;
} Link;

/* How the tokens of a side are made. */
typedef struct Side {
  const Vocab *vocab;
  bool pieces; /* of words */
  bool suffix; /* that a mark ends */
} Side;

/* The runs of the words of a side of the present pair. */
typedef struct Places {
  const char **texts; /* [cap] its pieces */
  WordSpan *pieces;   /* [cap] their runs */
  int cap;
  WordSpan *words; /* [n_words] the runs of each word, first -1: it has none */
  int n_words, cap_words;
} Places;

/* What reading needs besides. */
typedef struct Reading {
  LinkFile *file;
  Warnings *warnings;
  bool ended;         /* the file had too few lines */
  long n_lines;       /* of the text, up to the pair at hand */
  PharaohLinks links; /* of the present line */
  PharaohLinks runs;  /* what they come to */
  Places source, target;
} Reading;

struct Guide {
  Side source, target;
  Link *links; /* pair after pair, by source, then target */
  size_t n_links, cap_links;
  size_t *ends; /* [n] where the links of a pair end */
  int n, cap;
  long n_linked; /* pairs with links */
  Reading reading;
};

static Side side_of(const Tokenizer *tokenizer) {
  const Sentencepiece *model = tokenizer_model(tokenizer);
  return (Side){.pieces = model != NULL, .suffix = model != NULL && sentencepiece_suffix(model)};
}

Guide *guide_open(const char *path, const Tokenizer *source, const Tokenizer *target, Warnings *warnings, Err *err) {
  static const LinkFileOptions options = {.cure = "`attn-seq2seq align --from-1 FILE > NEW` makes them count from 0"};
  LinkFile *file = link_file_open(path, &options, warnings, err);
  if (file == NULL) return NULL;
  Guide *g = mem_zero(1, sizeof *g, "links");
  g->source = side_of(source);
  g->target = side_of(target);
  g->reading.file = file;
  g->reading.warnings = warnings;
  return g;
}

static void free_places(Places *p) {
  mem_free(p->texts);
  mem_free(p->pieces);
  mem_free(p->words);
}

static void end_reading(Reading *r) {
  link_file_close(r->file);
  pharaoh_free(&r->links);
  pharaoh_free(&r->runs);
  free_places(&r->source);
  free_places(&r->target);
  *r = (Reading){0};
}

void guide_free(Guide *g) {
  if (g == NULL) return;
  end_reading(&g->reading);
  mem_free(g->links);
  mem_free(g->ends);
  mem_free(g);
}

/* ---- Reading. */

static void make_room(Places *p, int n_tokens, int n_words) {
  if (n_tokens > p->cap) {
    p->cap = 2 * n_tokens;
    p->texts = mem_grow(p->texts, (size_t)p->cap, sizeof *p->texts, "links");
    p->pieces = mem_grow(p->pieces, (size_t)p->cap, sizeof *p->pieces, "links");
  }
  if (n_words > p->cap_words) {
    p->cap_words = 2 * n_words;
    p->words = mem_grow(p->words, (size_t)p->cap_words, sizeof *p->words, "links");
  }
  p->n_words = n_words;
}

/* The runs of a piece are of its words in turn when there are as many, else all of each. */
static void place_piece(Places *p, WordSpan words, WordSpan runs) {
  bool in_turn = words.last - words.first == runs.last - runs.first;
  for (int w = words.first; w <= words.last; w++) {
    int first = in_turn ? runs.first + w - words.first : runs.first, last = in_turn ? first : runs.last;
    if (p->words[w].first < 0) p->words[w].first = first;
    p->words[w].last = last;
  }
}

static void place_words(Places *p, const Side *side, const Tokens *tokens) {
  const Words *words = side->pieces ? tokens_words(tokens) : NULL;
  make_room(p, tokens->n, words == NULL ? tokens->n : words->texts.n);
  for (int w = 0; w < p->n_words; w++) p->words[w] = words == NULL ? (WordSpan){w, w} : (WordSpan){-1, -1};
  if (words == NULL) return;
  for (int i = 0; i < tokens->n; i++) p->texts[i] = tokens_get(tokens, i, NULL);
  (void)runs_find(p->texts, tokens->n, side->suffix, p->pieces);
  for (int i = 0; i < tokens->n; i++) place_piece(p, words->spans[i], p->pieces[i]);
}

/* Whether the number of words is known: of a text of which the model makes no piece it is not. */
static bool is_known(const Places *p, const Side *side) { return !side->pieces || p->n_words > 0; }

/* The links of words as links of runs. */
static const PharaohLinks *links_of_runs(Reading *r) {
  pharaoh_clear(&r->runs);
  for (int k = 0; k < r->links.n; k++) {
    WordSpan source = r->source.words[r->links.at[k].source], target = r->target.words[r->links.at[k].target];
    if (source.first < 0 || target.first < 0) continue;
    for (int s = source.first; s <= source.last; s++)
      for (int t = target.first; t <= target.last; t++) pharaoh_add(&r->runs, (PharaohLink){s, t, true});
  }
  pharaoh_sort(&r->runs);
  return &r->runs;
}

static void keep(Guide *g) {
  const PharaohLinks *links = links_of_runs(&g->reading);
  size_t n = (size_t)links->n;
  if (g->n_links + n > g->cap_links) {
    g->cap_links = 2 * (g->n_links + n);
    g->links = mem_grow(g->links, g->cap_links, sizeof *g->links, "links");
  }
  if (g->n == g->cap) {
    g->cap = 2 * g->cap + 1024;
    g->ends = mem_grow(g->ends, (size_t)g->cap, sizeof *g->ends, "links");
  }
  for (size_t k = 0; k < n; k++) g->links[g->n_links++] = (Link){links->at[k].source, links->at[k].target};
  g->ends[g->n++] = g->n_links;
  g->n_linked += n > 0;
}

bool guide_take(void *guide, const CorpusPair *pair, Err *err) {
  Guide *g = guide;
  Reading *r = &g->reading;
  int got = r->ended ? 0 : 1;
  place_words(&r->source, &g->source, pair->source);
  place_words(&r->target, &g->target, pair->target);
  LinkLengths lengths = {r->source.n_words, r->target.n_words};
  bool known = is_known(&r->source, &g->source) && is_known(&r->target, &g->target);
  r->n_lines = pair->line;
  while (got == 1 && link_file_sentence(r->file) < pair->line) {
    bool here = known && link_file_sentence(r->file) == pair->line - 1;
    got = link_file_next(r->file, here ? &lengths : NULL, &r->links, err);
  }
  if (got < 0) return false;
  r->ended = got == 0;
  if (r->ended && !link_file_sparse(r->file)) return true; /* too few: guide_end tells, when all pairs are counted */
  if (pair->kept) keep(g);
  return true;
}

/* The file has links for each line of the text, as far as that was read. */
static bool check_lines(Reading *r, const CorpusStats *stats, Err *err) {
  int got = r->ended ? 0 : 1;
  while (got == 1) got = link_file_next(r->file, NULL, &r->links, err);
  if (got < 0) return false;
  link_file_tell(r->file);
  long has = link_file_sentence(r->file), wants = stats->n_lines > 0 ? stats->n_lines : r->n_lines;
  return has == wants || (stats->n_lines == 0 && has > wants) || (has < wants && link_file_sparse(r->file)) ||
         err_set(err, ERR_FILE,
                 "%s has %ld lines, but the training text has %ld: line for line they must belong to "
                 "each other",
                 link_file_path(r->file), has, wants);
}

/* Attention is taught by a few pairs alone, or by none. */
static bool check_links(const Guide *g, Err *err) {
  const char *path = link_file_path(g->reading.file);
  if (g->n_links == 0)
    return err_set(err, ERR_FILE,
                   "%s: none of the %d training pairs has a link that attention could follow; make links with an "
                   "aligner, or leave data.train.alignment out",
                   path, g->n);
  if (2 * g->n_linked < g->n)
    warnings_tell(g->reading.warnings,
                  "%s: only %ld of %d training pairs have links; the others teach attention nothing", path, g->n_linked,
                  g->n);
  return true;
}

/* A word of unknown characters must still begin with a piece that says so. */
static bool check_pieces(const Reading *r, const Side *side, const char *name, Err *err) {
  return !side->pieces || vocab_id(side->vocab, SPACE, sizeof SPACE - 1) != ID_UNK ||
         err_set(err, ERR_FILE,
                 "%s: the links are between words, but the subword model of %s has no piece \"%s\" of its own, so that "
                 "words cannot always be told apart; learn a model, or leave data.train.alignment out",
                 link_file_path(r->file), name, SPACE);
}

bool guide_end(Guide *g, const CorpusStats *stats, const Vocab *source, const Vocab *target, Err *err) {
  g->source.vocab = source;
  g->target.vocab = target;
  bool ok = check_lines(&g->reading, stats, err) && check_links(g, err) &&
            check_pieces(&g->reading, &g->source, "vocab.source", err) &&
            check_pieces(&g->reading, &g->target, "vocab.target", err);
  end_reading(&g->reading);
  return ok;
}

GuideCount guide_count(const Guide *g) { return (GuideCount){(long)g->n_links, g->n_linked, g->n}; }

/* ---- Giving out. */

/* The tokens of each word, or run, of a sentence: from first[w] to before ends[w]. */
typedef struct Parts {
  int n;
  int *first, *ends; /* [n] */
} Parts;

static Parts find_parts(const Side *side, Ids ids, Arena *arena) {
  WordSpan *spans = arena_alloc(arena, (size_t)ids.n, sizeof *spans);
  Parts parts = {.n = ids.n};
  for (int i = 0; i < ids.n; i++) spans[i] = (WordSpan){i, i};
  if (side->pieces) {
    const char **texts = arena_alloc(arena, (size_t)ids.n, sizeof *texts);
    for (int i = 0; i < ids.n; i++) texts[i] = vocab_token(side->vocab, ids.at[i]);
    parts.n = runs_find(texts, ids.n, side->suffix, spans);
  }
  parts.first = arena_alloc(arena, (size_t)parts.n, sizeof *parts.first);
  parts.ends = arena_zero(arena, (size_t)parts.n, sizeof *parts.ends);
  for (int i = 0; i < ids.n; i++)
    for (int w = spans[i].first; w <= spans[i].last; w++) {
      if (parts.ends[w] == 0) parts.first[w] = i;
      parts.ends[w] = i + 1;
    }
  return parts;
}

/* Adds position s in its place, once. */
static void add_position(int *at, int *n, int s) {
  int k = *n;
  while (k > 0 && at[k - 1] > s) k--;
  if (k > 0 && at[k - 1] == s) return;
  for (int m = (*n)++; m > k; m--) at[m] = at[m - 1];
  at[k] = s;
}

/* Adds the links of a pair to the rows of its target tokens; at NULL: only counts them, some perhaps twice. */
static void spread(const Guide *g, int i, const Parts *source, const Parts *target, Linked *rows, int *const *at) {
  size_t begin = i == 0 ? 0 : g->ends[i - 1];
  for (const Link *link = g->links + begin; link < g->links + g->ends[i]; link++) {
    CHECK(link->source < source->n && link->target < target->n, "pair %d: link %d-%d of %d and %d words", i,
          link->source, link->target, source->n, target->n);
    for (int t = target->first[link->target]; t < target->ends[link->target]; t++)
      for (int s = source->first[link->source]; s < source->ends[link->source]; s++) {
        if (at != NULL) add_position(at[t], &rows[t].n, s);
        else rows[t].n++;
      }
  }
}

const Linked *guide_links(const Guide *g, int i, const IdPair *ids, Arena *arena) {
  CHECK(i >= 0 && i < g->n, "links of pair %d of %d", i, g->n);
  size_t n = (size_t)ids->target.n;
  Linked *rows = arena_zero(arena, n + 1, sizeof *rows);
  if (g->ends[i] == (i == 0 ? 0 : g->ends[i - 1])) return rows;
  Parts source = find_parts(&g->source, ids->source, arena);
  Parts target = find_parts(&g->target, ids->target, arena);
  spread(g, i, &source, &target, rows, NULL);
  size_t total = 0;
  for (size_t t = 0; t < n; t++) total += (size_t)rows[t].n;
  int *room = arena_alloc(arena, total + 1, sizeof *room), **at = arena_alloc(arena, n, sizeof *at);
  for (size_t t = 0; t < n; t++) {
    rows[t].at = at[t] = room;
    room += rows[t].n;
    rows[t].n = 0;
  }
  spread(g, i, &source, &target, rows, at);
  *room = ids->source.n;
  if (ids->source.regions == NULL) rows[n] = (Linked){room, 1};
  return rows;
}
