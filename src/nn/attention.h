/* attention.h - attention = score x scope, in one head or several. A score is one file score_NAME.c and a line in
 * scores.def, a scope one file scope_NAME.c and a line in scopes.def; any score works with any scope. A focus, one file
 * focus_NAME.c and a line in focuses.def, makes weights of the scores; what it or a score knows of the steps before is
 * carried (carry.h). One Attention serves a recurrent decoder's look at the source, another each Transformer layer's
 * looks.
 *
 * Without a pattern the score projects queries and states itself, as its formula says, and values are the states. With
 * one they are projected first to size A, which falls into heads (Vaswani et al. 2017, section 3.2.2), the score only
 * compares, and what the heads give passes through W_o. Tensors then are named as those of torch.nn.MultiheadAttention.
 */
#ifndef NN_ATTENTION_H
#define NN_ATTENTION_H

#include "nn/carry.h"
#include "nn/hard.h"
#include "nn/noise.h"
#include "nn/norm.h"
#include "nn/positions.h"

typedef struct AttentionSpec {
  const char *name; /* what the names of its tensors begin with; not kept */
  int query, state; /* Q, D */
  int size;         /* A */
  int heads;
  PatternKind pattern;
  ScoreKind score;
  ScopeKind scope;
  FocusKind focus;
  NtmConfig ntm;
  const HardConfig *hard; /* of the model's config, which outlives it; NULL: another focus may not ask */
  WeightConvConfig conv;
  int window, max_positions;
  double width; /* of kernels; 0: learned */
  CoverageKind coverage;
  bool norm; /* normalise what the score itself projects */
  bool self; /* queries come of the rows that keys and values come of */
} AttentionSpec;

enum { MAX_SCORE_PARAMS = 4 };
/* Places of what carry_covered declares: [A] and [D]. */
enum { COVERED_WEIGHT, COVERED_FERTILITY };
/* And carry_weights: filters [K,width] and what projects what they find, [A,K]. */
enum { WEIGHTS_FILTERS, WEIGHTS_PROJECT };

/* Parts of the matrices of a pattern; -1: none of its own. */
typedef struct AttentionProjection {
  int q, k, v;
  int kv, all; /* of one matrix: keys and values, and all three, in one product */
  int bias;    /* parameter: of q, k and v in this order, each once */
  int out_w, out_b;
} AttentionProjection;

/* What an attention is made of; const once declared. */
typedef struct Attention {
  AttentionSpec spec;
  int score[MAX_SCORE_PARAMS]; /* parameters of the score, or parts of them, in the order it keeps them */
  int scope[MAX_SCORE_PARAMS];
  int focus[MAX_SCORE_PARAMS];
  int carry[N_CARRIES][MAX_CARRY_PARAMS];
  Norm norm_query, norm_key; /* of what a score projects to size A */
  AttentionProjection in;
} Attention;

/* What is computed once from states and shared by the runs on them. */
typedef struct AttentionKeys {
  const Tensor *keys;             /* [rows, .] what the score compares with; NULL: nothing */
  const Tensor *values;           /* [rows, width] */
  const Tensor *carry[N_CARRIES]; /* [rows, .] what carries want of states; NULL: nothing */
} AttentionKeys;

/* An attention at work on one batch: what is computed once, and the projections of queries, open over all steps. On
 * the tape's arena. */
typedef struct AttentionRun {
  Tape *tape;
  const Attention *attention;
  const Places *places;
  const AttentionKeys *keys;
  Linear *query;           /* projects queries, NULL when nothing does */
  Tensor *queries;         /* [capacity, .] slab of projected queries */
  Linear *place, *place_v; /* local_p: W_p and v_p */
  Tensor *places_slab, *places_v_slab;
  Linear *out;              /* W_o, NULL without a pattern */
  Tensor *joined;           /* [capacity, A] slab of what the heads give */
  int used;                 /* rows of the slabs */
  Linear *strength;         /* of cosine; NULL before the first look */
  Linear *address;          /* of ntm */
  HardRun *hard;            /* of hard */
  const NoiseRun *noise;    /* by which hard draws, from row `used` on; NULL: */
  const uint64_t *sources;  /* [n_sent] by these (hard_source) */
  struct AttentionLook *at; /* the look that is being read */
} AttentionRun;

typedef struct ScoreDef {
  const char *name;
  bool equal_sizes; /* needs Q = D, without a pattern */
  bool projects;    /* queries and keys to size A each, where coverage and filters join them */
  const char *formula;
  /* With a pattern, what compare needs alone. */
  void (*declare)(ParamSet *set, const AttentionSpec *spec, int *params);
  /* Without a pattern: what it makes of states, NULL: the states themselves; opens what queries pass through, and
   * projects them, NULL: themselves. */
  const Tensor *(*keys)(const Attention *attention, Tape *tape, const Tensor *states);
  void (*open)(AttentionRun *run, int capacity);
  const Tensor *(*queries)(AttentionRun *run, const Tensor *q);
  /* e [n,heads L] of projected queries and keys, inside the look's windows */
  Tensor *(*compare)(AttentionRun *run, const Look *look, const Tensor *q, const Tensor *keys);
  bool kernel;    /* of a distance that a width multiplies */
  bool unlearned; /* the width has no gradient and must be given */
  bool compact;   /* positions farther than that have no weight at all */
  bool whole;     /* of queries and states as they are, and of all positions: no pattern, no window */
} ScoreDef;

/* Where the positions looked at may lie: anywhere, not behind the row's own, or within the window. */
typedef enum ScopeReach { REACH_ALL, REACH_PAST, REACH_WINDOW } ScopeReach;

typedef struct ScopeDef {
  const char *name;
  const char *formula;
  void (*declare)(ParamSet *set, const AttentionSpec *spec, int *params); /* may be NULL */
  void (*open)(AttentionRun *run, int capacity);                          /* may be NULL */
  void (*look)(AttentionRun *run, Look *look, const Tensor *q);           /* fills low, high, centre */
  ScopeReach reach;
} ScopeDef;

typedef struct FocusDef {
  const char *name;
  const char *formula;
  void (*declare)(ParamSet *set, const AttentionSpec *spec, int *params); /* may be NULL */
  void (*open)(AttentionRun *run, int capacity);                          /* may be NULL */
  /* at->weights of scores e [n,heads L], both inside the look's windows; weights are 0 outside. Where the context is
   * made of others, at->used. */
  void (*weigh)(AttentionRun *run, const Look *look, const Tensor *e, struct AttentionLook *at);
} FocusDef;

const ScoreDef *attention_score(ScoreKind kind);
const ScopeDef *attention_scope(ScopeKind kind);
const FocusDef *attention_focus(FocusKind kind);

/* What a decoder's look at the source is by the config; name is left to the caller. */
AttentionSpec attention_spec(const ModelConfig *config);
void attention_declare(Attention *attention, ParamSet *set, const AttentionSpec *spec);
/* Columns of a context: D without a pattern, else A. */
int attention_width(const AttentionSpec *spec);
/* Keys and values of states [rows,D], on the tape's arena. compared [rows,D]: what keys are made of instead where there
 * is no pattern; NULL: the states. */
const AttentionKeys *attention_keys(const Attention *attention, Tape *tape, const Tensor *states,
                                    const Tensor *compared);
/* Queries, keys and values of rows x [N,D] that look at one another; there is a pattern. Each [N,A]; some may be one
 * tensor. */
typedef struct AttentionSelf {
  Tensor q, k, v;
} AttentionSelf;
AttentionSelf attention_self(const Attention *attention, Tape *tape, const Tensor *x);
/* A run for capacity query rows in all over positions that stand in keys as places says. */
AttentionRun *attention_open(const Attention *attention, Tape *tape, const Places *places, const AttentionKeys *keys,
                             int capacity);
/* What n queries are, what they get, and what they carry, before them and after. */
typedef struct AttentionLook {
  const int *sentence, *step; /* [n] */
  Tensor query;               /* [n,Q] */
  bool projected;             /* the query is one already, as attention_self gives it */
  Tensor weights, context;    /* [n,heads L], [n,width]; written */
  Tensor used;                /* [n,heads L] what the context is made of, written; x NULL: the weights */
  const Carried *before;      /* what the rows bring; NULL: nothing is carried */
  const int *previous;        /* [n] the row, further up, that is a row's step before; -1, or NULL: it is in `before` */
  Carried after;              /* written: what they carry on */
  Tensor centre;              /* [n,1] written: p_t of local_p; x NULL with another scope */
  const NoiseRun *noise;      /* drops weights on their way to the context; NULL: none */
  const PositionLayer *among; /* of self-attention: what distances join to keys and values; NULL: nothing */
  int mask;                   /* which mask of weights is its own */
} AttentionLook;
void attention_read(AttentionRun *run, AttentionLook *at);
/* The alignment in weights [N,heads L]: the mean of the first n heads, 0: of all. */
const Tensor *attention_alignment(const AttentionSpec *spec, Tape *tape, const Tensor *weights, int n);
/* The next n rows of a slab of this run, for what is computed from queries row by row. */
Tensor attention_slab(const AttentionRun *run, const Tensor *slab, int n);

/* For scores and scopes: a parameter or a weight matrix named NAME.WHAT. */
int attention_vector(ParamSet *set, const AttentionSpec *spec, const char *what, int size, ParamStart start, int gates);
int attention_matrix(ParamSet *set, const AttentionSpec *spec, const char *what, int rows, int cols);
int attention_weight(ParamSet *set, const AttentionSpec *spec, const char *what, int rows, int cols);
/* Says of a part that states pass through it: rows of the source, or of the side that looks at itself. */
int attention_of_states(ParamSet *set, const AttentionSpec *spec, int part);

#endif
