#include "text/toy.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/rng.h"
#include "text/tokens.h"
#include "text/toy_config.h"
#include "text/toy_draw.h"

#define TOY(id, ...) extern const Toy toy_##id;
#include "text/toys.def"
#undef TOY

static const Toy *const toys[] = {
#define TOY(id, ...) &toy_##id,
#include "text/toys.def"
#undef TOY
};

static const char *const names[] = {
#define TOY(id, name, ...) name,
#include "text/toys.def"
#undef TOY
};

static const char *const shows[] = {
#define TOY(id, name, text, ...) text,
#include "text/toys.def"
#undef TOY
};

enum { N_TOYS = sizeof toys / sizeof *toys, N_PARTS = 3, N_SIDES = 4, GRAPH = 3 };

/* Strata with fewer pairs than this are for training alone: what they show may occur nowhere else. */
static const uint64_t MIN_HELD_OUT = 20;

int toy_count(void) { return N_TOYS; }

const char *toy_name(int i) { return names[i]; }

const char *toy_shows(int i) { return shows[i]; }

static int index_of(const char *name) {
  for (int i = 0; i < N_TOYS; i++)
    if (strcmp(names[i], name) == 0) return i;
  return -1;
}

const Toy *toy_find(const char *name) {
  int i = index_of(name);
  return i < 0 ? NULL : toys[i];
}

uint64_t toy_size(const Toy *toy) {
  uint64_t sum = 0;
  for (int i = 0; i < toy->n_strata; i++) sum += toy->size(i);
  return sum;
}

/* Pairs in valid, and in test, for n in train. */
static uint64_t held_out(uint64_t n) { return n / 20 < 100 ? 100 : n / 20; }

long toy_most(const Toy *toy) {
  uint64_t size = toy_size(toy), low = 0, high = size < LONG_MAX ? size : LONG_MAX;
  while (low < high) {
    uint64_t middle = low + (high - low + 1) / 2;
    if (middle + 2 * held_out(middle) <= size) low = middle;
    else high = middle - 1;
  }
  return (long)low;
}

static int compare_links(const void *a, const void *b) {
  const ToyLink *x = a, *y = b;
  if (x->source != y->source) return x->source < y->source ? -1 : 1;
  return (x->target > y->target) - (x->target < y->target);
}

void toy_make(const Toy *toy, int stratum, uint64_t index, ToyPair *pair) {
  str_clear(&pair->source);
  str_clear(&pair->target);
  str_clear(&pair->graph);
  str_clear(&pair->file);
  pair->n_links = 0;
  toy->make(stratum, index, pair);
  if (pair->n_links > 0) qsort(pair->links, (size_t)pair->n_links, sizeof *pair->links, compare_links);
}

static void add_link(ToyPair *pair, ToyLink link) {
  if (pair->n_links == pair->cap_links) {
    pair->cap_links = pair->cap_links == 0 ? 32 : 2 * pair->cap_links;
    pair->links = mem_grow(pair->links, (size_t)pair->cap_links, sizeof *pair->links, "toy corpus");
  }
  pair->links[pair->n_links++] = link;
}

void toy_link(ToyPair *pair, int source, int target) { add_link(pair, (ToyLink){source, target, false}); }

void toy_link_possible(ToyPair *pair, int source, int target) { add_link(pair, (ToyLink){source, target, true}); }

void toy_pair_free(ToyPair *pair) {
  str_free(&pair->source);
  str_free(&pair->target);
  str_free(&pair->graph);
  str_free(&pair->file);
  mem_free(pair->links);
}

/* The parts' sides, then the config. */
enum { CONFIG = N_PARTS * N_SIDES, N_FILES };

typedef struct Files {
  Str paths[N_FILES];
  IoOut *out[N_FILES];  /* NULL: the toy has no such file */
  Str folder;           /* of the files that source lines name */
  Tokens names, images; /* their paths, and what they hold */
} Files;

static const char *const parts[N_PARTS] = {"train", "valid", "test"};

static bool open_files(Files *files, const Toy *toy, const char *folder, Err *err) {
  static const char *const sides[N_SIDES] = {"src", "tgt", "align", "graph"};
  str_addf(&files->folder, "%s/images", folder);
  for (int i = 0; i < N_FILES; i++) {
    if (i != CONFIG && i % N_SIDES == GRAPH && !toy->graph) continue;
    if (i == CONFIG) str_addf(&files->paths[i], "%s/config.json", folder);
    else str_addf(&files->paths[i], "%s/%s.%s", folder, parts[i / N_SIDES], sides[i % N_SIDES]);
    if ((files->out[i] = io_create(files->paths[i].at, err)) == NULL) return false;
  }
  return true;
}

static bool finish_files(Files *files, Err *err) {
  bool ok = true;
  for (int i = 0; ok && i < N_FILES; i++)
    if (files->out[i] != NULL && !(ok = io_finish(files->out[i], err))) files->out[i] = NULL;
  return ok;
}

static bool stands_there(const char *path, Err *err) {
  return err_set(err, ERR_FILE,
                 "%s: stands there already with other content; --overwrite replaces it, another folder leaves it as it "
                 "is",
                 path);
}

/* Files of the same bytes may be written again. */
static bool check_files(const Files *files, Err *err) {
  for (int i = 0; i < N_FILES; i++)
    if (files->out[i] != NULL && io_changes(files->out[i])) return stands_there(files->paths[i].at, err);
  return true;
}

static bool publish_files(Files *files, Err *err) {
  bool ok = true;
  for (int i = 0; ok && i < N_FILES; i++) {
    ok = files->out[i] == NULL || io_publish(files->out[i], err);
    files->out[i] = NULL;
  }
  return ok;
}

static void close_files(Files *files) {
  for (int i = 0; i < N_FILES; i++) {
    io_abandon(files->out[i]);
    str_free(&files->paths[i]);
  }
  str_free(&files->folder);
  tokens_free(&files->names);
  tokens_free(&files->images);
}

/* ---- Files that source lines name. */

/* Gives the next one of a part a name, which becomes the source line. */
static void add_image(Files *files, int part, ToyPair *pair) {
  str_addf(&pair->source, "%s/%s-%06d.pgm", str_text(&files->folder), parts[part], files->names.n + 1);
  tokens_add(&files->names, pair->source.at, pair->source.n);
  tokens_add(&files->images, pair->file.at, pair->file.n);
}

static bool has_changed(const char *path, const char *bytes, size_t n) {
  Str there = {0};
  Err ignored = {0};
  bool same = !io_exists(path) ||
              (io_read_all(&there, path, n, &ignored) && there.n == n && memcmp(str_text(&there), bytes, n) == 0);
  str_free(&there);
  return !same;
}

static bool check_images(const Files *files, Err *err) {
  for (int i = 0; i < files->names.n; i++) {
    size_t n;
    const char *bytes = tokens_get(&files->images, i, &n), *path = tokens_get(&files->names, i, NULL);
    if (has_changed(path, bytes, n)) return stands_there(path, err);
  }
  return true;
}

static bool write_images(const Files *files, Err *err) {
  bool ok = files->names.n == 0 || io_make_folder(str_text(&files->folder), err);
  for (int i = 0; ok && i < files->names.n; i++) {
    size_t n;
    const char *bytes = tokens_get(&files->images, i, &n);
    ok = io_write_quick(tokens_get(&files->names, i, NULL), bytes, n, err);
  }
  return ok;
}

/* ---- Pairs. */

static bool write_line(IoOut *out, Str *line, Err *err) {
  str_addc(line, '\n');
  return io_write(out, line->at, line->n, err);
}

/* links is scratch space. */
static bool write_pair(Files *files, int part, ToyPair *pair, Str *links, Err *err) {
  str_clear(links);
  for (int i = 0; i < pair->n_links; i++)
    str_addf(links, "%s%d%c%d", i == 0 ? "" : " ", pair->links[i].source, pair->links[i].possible ? '?' : '-',
             pair->links[i].target);
  if (pair->file.n > 0) add_image(files, part, pair);
  return write_line(files->out[part * N_SIDES], &pair->source, err) &&
         write_line(files->out[part * N_SIDES + 1], &pair->target, err) &&
         write_line(files->out[part * N_SIDES + 2], links, err) &&
         (files->out[part * N_SIDES + GRAPH] == NULL ||
          write_line(files->out[part * N_SIDES + GRAPH], &pair->graph, err));
}

/* The part that takes pair number `step`, each as likely as what it has left. */
static int part_of(uint64_t key, uint64_t step, const uint64_t left[N_PARTS], uint64_t size) {
  if (size < MIN_HELD_OUT && left[0] > 0) return 0;
  uint64_t at = rng_below(key, step, left[0] + left[1] + left[2]);
  if (at < left[0]) return 0;
  return at < left[0] + left[1] ? 1 : 2;
}

static bool write_pairs(Files *files, const Toy *toy, uint64_t key, uint64_t n, Err *err) {
  uint64_t left[N_PARTS] = {n, held_out(n), held_out(n)}, total = n + 2 * held_out(n);
  ToyDraw *draw = toy_draw_new(toy, rng_subkey(key, 0));
  ToyPair pair = {0};
  Str links = {0};
  bool ok = true;
  for (uint64_t step = 0; ok && step < total; step++) {
    int stratum;
    uint64_t index, size;
    toy_draw_next(draw, &stratum, &index, &size);
    toy_make(toy, stratum, index, &pair);
    int part = part_of(rng_subkey(key, 1), step, left, size);
    left[part]--;
    ok = write_pair(files, part, &pair, &links, err);
  }
  str_free(&links);
  toy_pair_free(&pair);
  toy_draw_free(draw);
  return ok;
}

static bool write_config(Files *files, int toy, const char *folder, Err *err) {
  Str text = {0};
  toy_config(&text, toy, folder);
  bool ok = write_line(files->out[CONFIG], &text, err);
  str_free(&text);
  return ok;
}

static bool write_files(int toy, const char *folder, uint64_t key, uint64_t n, bool overwrite, Err *err) {
  Files files = {0};
  bool ok = open_files(&files, toys[toy], folder, err) && write_pairs(&files, toys[toy], key, n, err) &&
            write_config(&files, toy, folder, err) && finish_files(&files, err) &&
            (overwrite || (check_files(&files, err) && check_images(&files, err))) && write_images(&files, err) &&
            publish_files(&files, err);
  close_files(&files);
  return ok;
}

static bool unknown_name(const char *name, Err *err) {
  const char *nearest = str_nearest(name, names, N_TOYS);
  Str list = {0};
  for (int i = 0; i < N_TOYS; i++) str_addf(&list, "%s%s", i == 0 ? "" : ", ", names[i]);
  if (nearest != NULL)
    (void)err_set(err, ERR_USAGE, "no toy corpus is called '%s'; did you mean '%s'? There are: %s", name, nearest,
                  str_text(&list));
  else (void)err_set(err, ERR_USAGE, "no toy corpus is called '%s'; there are: %s", name, str_text(&list));
  str_free(&list);
  return false;
}

static bool check_n(const char *name, const Toy *toy, long n, Err *err) {
  if (n < 1) return err_set(err, ERR_USAGE, "a toy corpus of %ld training pairs: give at least 1", n);
  long most = toy_most(toy);
  if (n <= most) return true;
  return err_set(err, ERR_USAGE,
                 "%ld training pairs are more than toy corpus '%s' has: give at most %ld (no source line is repeated, "
                 "and valid and test take a twentieth each)",
                 n, name, most);
}

bool toy_write(const char *name, const char *folder, long n, uint64_t seed, bool overwrite, Err *err) {
  int toy = index_of(name);
  if (toy < 0) return unknown_name(name, err);
  if (!check_n(name, toys[toy], n, err)) return false;
  size_t length = strlen(folder);
  while (length > 1 && folder[length - 1] == '/') length--;
  char *clean = mem_text(folder, length);
  bool ok = io_make_folder(clean, err) &&
            write_files(toy, clean, rng_key(seed, RNG_TOY, rng_name(name), 0), (uint64_t)n, overwrite, err);
  mem_free(clean);
  return ok;
}
