#define _DEFAULT_SOURCE /* syscall */
#include "num/kernels.h"

#include <stdatomic.h>
#include <string.h>
#if defined(HAVE_AMX)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "base/str.h"
#include "num/heads.h"
#include "num/int8.h"
#include "num/pack.h"
#include "num/vec.h"

typedef struct Kernels {
  const char *name, *floats;
  bool (*here)(void);
#define FUNCTION(type, name, parameters, arguments) type(*name) parameters;
#define PROCEDURE(name, parameters, arguments) FUNCTION(void, name, parameters, arguments)
#include "num/kernels.def"
#undef FUNCTION
} Kernels;

static bool have_plain(void) { return true; }
#define SET plain
#define FLOATS plain
#include "num/kernel_set.h"

#if defined(__x86_64__)

static bool have_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
#define SET avx2
#define FLOATS avx2
#include "num/kernel_set.h"

#if defined(HAVE_AVXVNNI) /* not every compiler knows it */
static bool have_avxvnni(void) { return have_avx2() && __builtin_cpu_supports("avxvnni"); }
#define SET avxvnni
#define FLOATS avx2
#include "num/kernel_set.h"
#endif

static bool have_avx512(void) {
  return have_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#define SET avx512
#define FLOATS avx512
#include "num/kernel_set.h"

static bool have_avx512vnni(void) { return have_avx512() && __builtin_cpu_supports("avx512vnni"); }
#define SET avx512vnni
#define FLOATS avx512
#include "num/kernel_set.h"

#if defined(HAVE_AMX)
/* Linux gives a process the registers of tiles when it asks for them. */
static bool may_have_tiles(void) {
#if defined(__linux__)
  enum { ASK = 0x1023, TILE_DATA = 18 }; /* ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA */
  return syscall(SYS_arch_prctl, ASK, TILE_DATA) == 0;
#else
  return false;
#endif
}

static bool have_amx(void) {
  enum { LEAF = 7, TILES_AND_INT8 = 3 << 24 };
  unsigned int a, b, c, d;
  return have_avx512vnni() && __get_cpuid_count(LEAF, 0, &a, &b, &c, &d) && (d & TILES_AND_INT8) == TILES_AND_INT8 &&
         may_have_tiles();
}
#define SET amx
#define FLOATS avx512
#include "num/kernel_set.h"
#endif

#endif

static const Kernels *const sets[] = {
    &set_plain,
#if defined(__x86_64__)
    &set_avx2,
#if defined(HAVE_AVXVNNI)
    &set_avxvnni,
#endif
    &set_avx512,  &set_avx512vnni,
#if defined(HAVE_AMX)
    &set_amx,
#endif
#endif
};

enum { N_SETS = sizeof sets / sizeof *sets };

/* Chosen once; who chooses again chooses the same. */
static const Kernels *_Atomic chosen = &set_plain;

static inline const Kernels *now(void) { return atomic_load_explicit(&chosen, memory_order_relaxed); }

#undef PROCEDURE
#define FUNCTION(type, name, parameters, arguments) \
  type name parameters { return now()->name arguments; }
#define PROCEDURE(name, parameters, arguments) \
  void name parameters { now()->name arguments; }
#include "num/kernels.def"

const char *kernels_name(void) { return now()->name; }

const char *kernels_floats(void) { return now()->floats; }

const char *kernels_list(int i) { return i < N_SETS ? sets[i]->name : NULL; }

bool kernels_here(int i) { return sets[i]->here(); }

static bool refuse(const char *name, bool known, Err *err) {
  Str all = {0};
  for (int i = 0; i < N_SETS; i++)
    if (sets[i]->here()) str_addf(&all, "%s%s", all.n > 0 ? ", " : "", sets[i]->name);
  (void)err_set(err, ERR_USAGE, "\"%s\": %s; this one has %s", name,
                known ? "kernels that this processor has not" : "no kernels of that name", str_text(&all));
  str_free(&all);
  return false;
}

bool kernels_choose(const char *name, Err *err) {
  bool known = false;
  const Kernels *best = NULL;
  for (int i = 0; i < N_SETS; i++) {
    bool named = name == NULL || strcmp(name, sets[i]->name) == 0;
    known = known || named;
    if (named && sets[i]->here()) best = sets[i];
  }
  if (best == NULL) return refuse(name, known, err);
  atomic_store(&chosen, best);
  return true;
}
