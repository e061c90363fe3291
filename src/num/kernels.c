#include "num/kernels.h"

#include <string.h>

#include "base/str.h"
#include "num/heads.h"
#include "num/pack.h"
#include "num/vec.h"

typedef struct Kernels {
  const char *name;
  bool (*here)(void);
#define FUNCTION(type, name, parameters, arguments) type(*name) parameters;
#define PROCEDURE(name, parameters, arguments) FUNCTION(void, name, parameters, arguments)
#include "num/kernels.def"
#undef FUNCTION
} Kernels;

#define FUNCTION(type, name, parameters, arguments) type name##_plain parameters;
#include "num/kernels.def"
#undef FUNCTION

static bool always(void) { return true; }

static const Kernels plain = {
    "plain",
    always,
#define FUNCTION(type, name, parameters, arguments) name##_plain,
#include "num/kernels.def"
#undef FUNCTION
};

#if defined(__x86_64__)

#define FUNCTION(type, name, parameters, arguments) type name##_avx2 parameters, name##_avx512 parameters;
#include "num/kernels.def"
#undef FUNCTION

static bool have_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

static const Kernels avx2 = {
    "avx2",
    have_avx2,
#define FUNCTION(type, name, parameters, arguments) name##_avx2,
#include "num/kernels.def"
#undef FUNCTION
};

static bool have_avx512(void) {
  return have_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

static const Kernels avx512 = {
    "avx512",
    have_avx512,
#define FUNCTION(type, name, parameters, arguments) name##_avx512,
#include "num/kernels.def"
#undef FUNCTION
};

static const Kernels *const sets[] = {&plain, &avx2, &avx512};

#else

static const Kernels *const sets[] = {&plain};

#endif

enum { N_SETS = sizeof sets / sizeof *sets };

static const Kernels *now = &plain;

#undef PROCEDURE
#define FUNCTION(type, name, parameters, arguments) \
  type name parameters { return now->name arguments; }
#define PROCEDURE(name, parameters, arguments) \
  void name parameters { now->name arguments; }
#include "num/kernels.def"

const char *kernels_name(void) { return now->name; }

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
  now = best;
  return true;
}
