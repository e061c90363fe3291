/* carry.h - what looks at the source take from one step of a hypothesis to the next, such as how much of each position
 * has been covered. A kind is one file carry_NAME.c and a line in carries.def; which of them an attention has follows
 * from its spec. Scores and foci read what they want of a look's `before`; what is carried on is made once they are
 * done.
 *
 * A kind may carry as many numbers as it likes, more from step to step if it wants: a row's are a row of a tensor that
 * each step makes anew. Decoders know no kinds: they hand on what a look has given, take the first rows of it, and in a
 * search choose rows of it. */
#ifndef NN_CARRY_H
#define NN_CARRY_H

#include "ad/op.h"

typedef enum CarryKind {
#define CARRY(name) CARRY_##name,
#include "nn/carries.def"
#undef CARRY
  N_CARRIES
} CarryKind;

enum { MAX_CARRY_PARAMS = 2 };

/* What n rows carry, each kind [n,.]; x NULL: not carried. */
typedef struct Carried {
  Tensor of[N_CARRIES];
} Carried;

struct Attention;
struct AttentionSpec;
struct AttentionRun;
struct AttentionLook;

typedef struct CarryDef {
  const char *name;
  bool (*used)(const struct AttentionSpec *spec);
  void (*declare)(ParamSet *set, const struct AttentionSpec *spec, int *params); /* may be NULL */
  /* What it wants of each state, once a batch; may be NULL. */
  const Tensor *(*keys)(const struct Attention *attention, Tape *tape, const Tensor *states);
  /* What n rows carry into their first step, of sentences sentence[r]. */
  const Tensor *(*start)(const struct Attention *attention, Tape *tape, const Places *places, const int *sentence,
                         int n);
  /* What they carry on: of `at`, which has what they brought and the weights of this step, and the scores e. */
  Tensor (*pass)(const struct AttentionRun *run, const Look *look, const Tensor *e, const struct AttentionLook *at);
} CarryDef;

const CarryDef *carry_def(CarryKind kind);

/* For all kinds that an attention has: its tensors, what it wants of states, the first step, the next step. */
void carry_declare(struct Attention *attention, ParamSet *set, const struct AttentionSpec *spec);
bool carry_any(const struct AttentionSpec *spec);
void carry_keys(const struct Attention *attention, Tape *tape, const Tensor *states, const Tensor *keys[N_CARRIES]);
Carried carry_start(const struct Attention *attention, Tape *tape, const Places *places, const int *sentence, int n);
Carried carry_pass(const struct AttentionRun *run, const Look *look, const Tensor *e, const struct AttentionLook *at);

/* The first n rows. */
Carried carry_rows(const Carried *carried, int n);

/* What the hypotheses of a search carry. Its memory is of an arena that lives as long as they do, room for `rows` rows;
 * where a step carries more than there is room for, there is room for twice as much. */
typedef struct CarryRoom {
  Arena *arena;
  int rows;
  Carried now;
  size_t size[N_CARRIES]; /* numbers that there is room for */
} CarryRoom;
/* Row r is then what row parents[r] of `from` carries, r < n. */
void carry_select(CarryRoom *room, const Carried *from, const int *parents, int n);

#endif
