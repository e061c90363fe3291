/* attention.h - attention = score x scope. A score is one file score_NAME.c and a line in scores.def, a scope one file
 * scope_NAME.c and a line in scopes.def; any score works with any scope. */
#ifndef NN_ATTENTION_H
#define NN_ATTENTION_H

#include "ad/op.h"
#include "nn/norm.h"

typedef struct AttentionDims {
  int query, state, size; /* Q, D, A */
  int max_positions;
} AttentionDims;

enum { MAX_SCORE_PARAMS = 4 };

/* What an attention is made of; const once declared. */
typedef struct Attention {
  AttentionConfig config;
  AttentionDims dims;
  int score[MAX_SCORE_PARAMS]; /* parameters of the score, or parts of them, in the order it keeps them */
  int scope[MAX_SCORE_PARAMS];
  Norm norm_query, norm_key; /* of what a score projects to size A */
  int coverage, fertility;   /* parameters [A] and [D]; -1: none */
} Attention;

/* What is computed once from a batch of encoded sentences and shared by the runs on it. */
typedef struct AttentionKeys {
  Tensor *projected; /* [rows of memory, .] the score's projection of the states; NULL: none */
  Tensor *fertility; /* [rows of memory, 1] u . h_i, what op_cover makes a position's fertility of; NULL: none */
} AttentionKeys;

/* An attention at work on one batch of encoded sentences: what is computed once, and the projections of queries, open
 * over all decoder steps. On the tape's arena. */
typedef struct AttentionRun {
  Tape *tape;
  const Attention *attention;
  const Memory *memory;
  Tensor *keys;            /* [rows of memory, .] those projected for the score */
  Tensor *fertility;       /* of the keys */
  Linear *query;           /* the score's projection of queries, NULL when it has none */
  Tensor *queries;         /* [capacity, .] slab of projected queries */
  Linear *place, *place_v; /* local_p: W_p and v_p */
  Tensor *places, *places_v;
  int used; /* rows of the slabs */
} AttentionRun;

typedef struct ScoreDef {
  const char *name;
  bool equal_sizes; /* needs Q = D */
  bool projects;    /* queries and keys to size A each, where coverage joins them: see attention_coverage */
  const char *formula;
  void (*declare)(ParamSet *set, const AttentionDims *dims, int *params);
  Tensor *(*keys)(AttentionRun *run);            /* NULL result: none */
  void (*open)(AttentionRun *run, int capacity); /* opens what queries pass through; may be NULL */
  /* e [n,S] of queries q [n,Q], inside the look's windows */
  Tensor *(*score)(AttentionRun *run, const Look *look, const Tensor *q);
  /* Adds what the products with the score's own matrices cost; NULL: it has none */
  void (*work)(const AttentionDims *dims, ModelWork *work);
} ScoreDef;

typedef struct ScopeDef {
  const char *name;
  const char *formula;
  void (*declare)(ParamSet *set, const AttentionDims *dims, int *params); /* may be NULL */
  void (*open)(AttentionRun *run, int capacity);                          /* may be NULL */
  void (*look)(AttentionRun *run, Look *look, const Tensor *q);           /* fills low, high, centre */
  void (*work)(const AttentionDims *dims, ModelWork *work);               /* as of a score */
} ScopeDef;

const ScoreDef *attention_score(ScoreKind kind);
const ScopeDef *attention_scope(ScopeKind kind);

void attention_declare(Attention *attention, ParamSet *set, const ModelConfig *config);
/* The keys of a batch, on the tape's arena. */
AttentionKeys *attention_keys(const Attention *attention, Tape *tape, const Memory *memory);
/* A run for capacity query rows in all. keys: from attention_keys on the same memory. */
AttentionRun *attention_open(const Attention *attention, Tape *tape, const Memory *memory, const AttentionKeys *keys,
                             int capacity);
/* What n queries are, what they get, and with coverage what has been looked at, before them and after. */
typedef struct AttentionLook {
  const int *sentence, *step; /* [n] */
  Tensor query;               /* [n,Q] */
  Tensor weights, context;    /* [n,S], [n,D]; written */
  Tensor covered;             /* [n,S] before; x NULL without coverage */
  Tensor covered_after;       /* [n,S] written; likewise */
  Tensor centre;              /* [n,1] written: p_t of local_p; x NULL with another scope */
} AttentionLook;
void attention_read(AttentionRun *run, AttentionLook *at);
/* What the score multiplies coverage by, [1,A], NULL without coverage. */
Tensor *attention_coverage(const AttentionRun *run);
/* x, queries or keys projected to size A, normalised if the config wants it, else x itself. */
Tensor *attention_norm(const AttentionRun *run, const Norm *norm, Tensor *x);
/* The next n rows of a slab of this run, for what is computed from queries row by row. */
Tensor attention_slab(const AttentionRun *run, const Tensor *slab, int n);

#endif
