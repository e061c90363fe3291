#include "run/guide.h"

#include "base/mem.h"
#include "eval/link_file.h"
#include "eval/word_alignment.h"

static const char SPACE[] = "\xE2\x96\x81";

/* Positions of words. */
typedef struct Link {
  int source, target;
} Link;

/* What reading needs besides. */
typedef struct Reading {
  LinkFile *file;
  Warnings *warnings;
  bool ended;         /* the file had too few lines */
  long n_lines;       /* of the text, up to the pair at hand */
  PharaohLinks links; /* of the present line */
  const char **texts; /* [cap] tokens of a side */
  int *words;         /* [cap] */
  int cap;
} Reading;

struct Guide {
  bool source_pieces, target_pieces; /* tokens are pieces of words */
  const Vocab *source, *target;
  Link *links; /* pair after pair, by source, then target */
  size_t n_links, cap_links;
  size_t *ends; /* [n] where the links of a pair end */
  int n, cap;
  long n_linked; /* pairs with links */
  Reading reading;
};

Guide *guide_open(const char *path, const Tokenizer *source, const Tokenizer *target, Warnings *warnings, Err *err) {
  static const LinkFileOptions options = {.cure = "`attn-seq2seq align --from-1 FILE > NEW` makes them count from 0"};
  LinkFile *file = link_file_open(path, &options, warnings, err);
  if (file == NULL) return NULL;
  Guide *g = mem_zero(1, sizeof *g, "links");
  g->source_pieces = tokenizer_model(source) != NULL;
  g->target_pieces = tokenizer_model(target) != NULL;
  g->reading.file = file;
  g->reading.warnings = warnings;
  return g;
}

static void end_reading(Reading *r) {
  link_file_close(r->file);
  pharaoh_free(&r->links);
  mem_free(r->texts);
  mem_free(r->words);
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

static int count_words(Reading *r, bool pieces, const Tokens *tokens) {
  if (!pieces) return tokens->n;
  if (tokens->n > r->cap) {
    r->cap = 2 * tokens->n;
    r->texts = mem_grow(r->texts, (size_t)r->cap, sizeof *r->texts, "links");
    r->words = mem_grow(r->words, (size_t)r->cap, sizeof *r->words, "links");
  }
  for (int i = 0; i < tokens->n; i++) r->texts[i] = tokens_get(tokens, i, NULL);
  return word_alignment_spans(r->texts, tokens->n, r->words);
}

static void keep(Guide *g) {
  const PharaohLinks *links = &g->reading.links;
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
  LinkLengths lengths = {count_words(r, g->source_pieces, pair->source),
                         count_words(r, g->target_pieces, pair->target)};
  r->n_lines = pair->line;
  while (got == 1 && link_file_sentence(r->file) < pair->line) {
    bool here = link_file_sentence(r->file) == pair->line - 1;
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
static bool check_pieces(const Reading *r, bool pieces, const Vocab *vocab, const char *name, Err *err) {
  return !pieces || vocab_id(vocab, SPACE, sizeof SPACE - 1) != ID_UNK ||
         err_set(err, ERR_FILE,
                 "%s: the links are between words, but the subword model of %s has no piece \"%s\" of its own, so that "
                 "words cannot always be told apart; learn a model, or leave data.train.alignment out",
                 link_file_path(r->file), name, SPACE);
}

bool guide_end(Guide *g, const CorpusStats *stats, const Vocab *source, const Vocab *target, Err *err) {
  bool ok = check_lines(&g->reading, stats, err) && check_links(g, err) &&
            check_pieces(&g->reading, g->source_pieces, source, "vocab.source", err) &&
            check_pieces(&g->reading, g->target_pieces, target, "vocab.target", err);
  g->source = source;
  g->target = target;
  end_reading(&g->reading);
  return ok;
}

GuideCount guide_count(const Guide *g) { return (GuideCount){(long)g->n_links, g->n_linked, g->n}; }

/* ---- Giving out. */

/* The tokens of each word of a sentence: those from first[w] to first[w + 1]. */
typedef struct Words {
  int n;
  const int *first; /* [n + 1] */
} Words;

static Words find_words(const Vocab *vocab, bool pieces, Ids ids, Arena *arena) {
  int *word = arena_alloc(arena, (size_t)ids.n, sizeof *word), *first;
  int n = ids.n;
  for (int i = 0; i < ids.n; i++) word[i] = i;
  if (pieces) {
    const char **texts = arena_alloc(arena, (size_t)ids.n, sizeof *texts);
    for (int i = 0; i < ids.n; i++) texts[i] = vocab_token(vocab, ids.at[i]);
    n = word_alignment_spans(texts, ids.n, word);
  }
  first = arena_alloc(arena, (size_t)n + 1, sizeof *first);
  for (int i = ids.n - 1; i >= 0; i--) first[word[i]] = i;
  first[n] = ids.n;
  return (Words){n, first};
}

/* Adds the links of a pair to the rows of its target tokens; at NULL: only counts them. */
static void spread(const Guide *g, int i, const Words *source, const Words *target, Linked *rows, int *const *at) {
  size_t begin = i == 0 ? 0 : g->ends[i - 1];
  for (const Link *link = g->links + begin; link < g->links + g->ends[i]; link++) {
    CHECK(link->source < source->n && link->target < target->n, "pair %d: link %d-%d of %d and %d words", i,
          link->source, link->target, source->n, target->n);
    for (int t = target->first[link->target]; t < target->first[link->target + 1]; t++)
      for (int s = source->first[link->source]; s < source->first[link->source + 1]; s++) {
        if (at != NULL) at[t][rows[t].n] = s;
        rows[t].n++;
      }
  }
}

const Linked *guide_links(const Guide *g, int i, const IdPair *ids, Arena *arena) {
  CHECK(i >= 0 && i < g->n, "links of pair %d of %d", i, g->n);
  size_t n = (size_t)ids->target.n;
  Linked *rows = arena_zero(arena, n + 1, sizeof *rows);
  if (g->ends[i] == (i == 0 ? 0 : g->ends[i - 1])) return rows;
  Words source = find_words(g->source, g->source_pieces, ids->source, arena);
  Words target = find_words(g->target, g->target_pieces, ids->target, arena);
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
  rows[n] = (Linked){room, 1};
  return rows;
}
