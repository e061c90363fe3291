#include "base/map.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

/* A place for a map that is open, used again when that is closed and never given back: so a list of them can be gone
 * through by a signal handler while other threads open and close maps. */
typedef struct MapPlace {
  _Atomic(const Map *) map; /* NULL: nobody's */
  struct MapPlace *next;
} MapPlace;

static _Atomic(MapPlace *) places;

static MapPlace *take_place(const Map *map) {
  for (MapPlace *p = atomic_load(&places); p != NULL; p = p->next) {
    const Map *nobody = NULL;
    if (atomic_compare_exchange_strong(&p->map, &nobody, map)) return p;
  }
  MapPlace *p = mem_zero(1, sizeof *p, "view of a file");
  atomic_store(&p->map, map);
  p->next = atomic_load(&places);
  while (!atomic_compare_exchange_weak(&places, &p->next, p))
    ;
  return p;
}

static bool fail(Err *err, const char *path, const char *doing) {
  return err_set(err, ERR_FILE, "%s: cannot %s: %s", path, doing, strerror(errno));
}

/* Views n > 0 bytes. */
static bool view(Map *map, size_t n, Err *err) {
  void *at = mmap(NULL, n, PROT_READ, MAP_PRIVATE, map->fd, 0);
  if (at == MAP_FAILED) return fail(err, map->path, "map");
  map->at = at;
  map->n = n;
  map->place = take_place(map);
  return true;
}

static bool open_file(Map *map, const char *path, Err *err) {
  struct stat st;
  map->fd = -1;
  if (strcmp(path, "-") == 0)
    return err_set(err, ERR_USAGE, "-: a model cannot come from standard input; name its file");
  if ((map->fd = open(path, O_RDONLY | O_CLOEXEC)) < 0) return fail(err, path, "open");
  if (fstat(map->fd, &st) != 0) return fail(err, path, "read");
  if (!S_ISREG(st.st_mode)) return err_set(err, ERR_FILE, "%s: not a file", path);
  map->changed[0] = st.st_mtim.tv_sec;
  map->changed[1] = st.st_mtim.tv_nsec;
  return st.st_size == 0 || view(map, (size_t)st.st_size, err);
}

Map *map_open(const char *path, Err *err) {
  Map *map = mem_zero(1, sizeof *map, "view of a file");
  map->path = mem_text(path, strlen(path));
  if (open_file(map, path, err)) return map;
  map_close(map);
  return NULL;
}

void map_close(Map *map) {
  if (map == NULL) return;
  if (map->place != NULL) atomic_store(&map->place->map, NULL);
  if (map->at != NULL) (void)munmap((void *)(uintptr_t)map->at, map->n);
  if (map->fd >= 0) (void)close(map->fd);
  mem_free(map->path);
  mem_free(map);
}

bool map_unchanged(const Map *map, Err *err) {
  struct stat st;
  if (fstat(map->fd, &st) == 0 && (size_t)st.st_size == map->n && st.st_mtim.tv_sec == map->changed[0] &&
      st.st_mtim.tv_nsec == map->changed[1])
    return true;
  return err_set(
      err, ERR_FILE,
      "%s: was written to while it was in use; start again when it is complete, and replace files by renaming",
      map->path);
}

const char *map_owner(const void *at) {
  uintptr_t address = (uintptr_t)at;
  for (const MapPlace *p = atomic_load(&places); p != NULL; p = p->next) {
    const Map *map = atomic_load(&p->map);
    if (map != NULL && address - (uintptr_t)map->at < map->n) return map->path;
  }
  return NULL;
}
