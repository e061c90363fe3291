#include "eval/gold.h"

#include <string.h>

#include "base/mem.h"

struct Gold {
  char *path;
  bool sparse, from_1;
  PharaohLink *links; /* [n_links] sentence after sentence */
  size_t n_links, cap_links;
  size_t *ends; /* [n] where those of a sentence end */
  int n, cap;
  PharaohLinks given; /* a view of those of the sentence asked for last */
};

static void keep(Gold *g, const PharaohLinks *links) {
  size_t n = (size_t)links->n;
  if (g->n_links + n > g->cap_links) {
    g->cap_links = 2 * (g->n_links + n);
    g->links = mem_grow(g->links, g->cap_links, sizeof *g->links, "gold links");
  }
  if (g->n == g->cap) {
    g->cap = 2 * g->cap + 64;
    g->ends = mem_grow(g->ends, (size_t)g->cap, sizeof *g->ends, "gold links");
  }
  if (n > 0) memcpy(g->links + g->n_links, links->at, n * sizeof *links->at);
  g->n_links += n;
  g->ends[g->n++] = g->n_links;
}

Gold *gold_read(const char *path, bool from_1, Warnings *warnings, Err *err) {
  LinkFile *file = link_file_open(path, &(LinkFileOptions){from_1, "say --from-1"}, warnings, err);
  if (file == NULL) return NULL;
  Gold *gold = mem_zero(1, sizeof *gold, "gold links");
  gold->path = mem_text(path, strlen(path));
  PharaohLinks links = {0};
  int got;
  while ((got = link_file_next(file, NULL, &links, err)) == 1) keep(gold, &links);
  gold->from_1 = from_1;
  gold->sparse = link_file_sparse(file);
  if (got == 0) link_file_tell(file);
  link_file_close(file);
  pharaoh_free(&links);
  if (got == 0) return gold;
  gold_free(gold);
  return NULL;
}

const PharaohLinks *gold_get(Gold *gold, int id, Err *err) {
  gold->given = (PharaohLinks){0};
  if (id >= gold->n && gold->sparse) return &gold->given;
  if (id >= gold->n) {
    (void)err_set(err, ERR_FILE, "%s: %d lines of gold links; there is none for sentence %ld", gold->path, gold->n,
                  (long)id + 1);
    return NULL;
  }
  size_t from = id == 0 ? 0 : gold->ends[id - 1];
  if (gold->links != NULL) gold->given.at = gold->links + from;
  gold->given.n = (int)(gold->ends[id] - from);
  return &gold->given;
}

bool gold_check(Gold *gold, int id, const LinkLengths *lengths, Err *err) {
  const PharaohLinks *links = gold_get(gold, id, err);
  if (links == NULL) return false;
  for (int i = 0; i < links->n; i++)
    if (links->at[i].source >= lengths->source || links->at[i].target >= lengths->target)
      return err_set(
          err, ERR_FILE,
          "%s: sentence %d: the link from word %d to word %d is outside its pair, which has %d words of "
          "source and %d of target; %s",
          gold->path, id + 1, links->at[i].source + 1, links->at[i].target + 1, lengths->source, lengths->target,
          gold->from_1 ? "do its links count from 0 after all?" : "do its links count from 1? then say --from-1");
  return true;
}

int gold_count(const Gold *gold) { return gold->n; }

bool gold_fits(const Gold *gold, int n_sentences) {
  return gold->n == n_sentences || (gold->sparse && gold->n < n_sentences);
}

void gold_free(Gold *gold) {
  if (gold == NULL) return;
  mem_free(gold->path);
  mem_free(gold->links);
  mem_free(gold->ends);
  mem_free(gold);
}
