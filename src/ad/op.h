/* op.h - the operations of the model. Each computes its result at once and records its backward on the tape; backward
 * adds to the gradients of inputs that have any (g not NULL), never overwrites. Operations write into a tensor they are
 * given (dst), so that results land in place: in a row range of a whole sequence, in columns of a wider matrix.
 *
 * Shapes: N rows of whatever kind, B sentences, S longest source, D encoder state, Q query, V vocabulary.
 * One operation is one file op_NAME.c, with its gradient-check cases, listed in ops.def. */
#ifndef AD_OP_H
#define AD_OP_H

#include <stdint.h>

#include "ad/activation.h"
#include "ad/guide_loss.h"
#include "ad/tape.h"
#include "num/edges.h"
#include "num/ids.h"
#include "num/places.h"

/* ---- op_linear.c: y = x W^T + b, W [out,in], b [1,out] or NULL.
 * A Linear stays open over many calls (the steps of a sequence); its weight gradient is taken once, over all their rows
 * stacked, when backward reaches the place where it was opened. */
typedef struct Linear Linear;
Linear *op_linear_open(Tape *tape, Tensor *w, Tensor *b);
/* y [N,out] = x [N,in] W^T + b; x NULL stands for zeros. */
void op_linear_to(Linear *linear, const Tensor *x, Tensor *y);
/* y += x W^T: adds to what y holds; no bias. */
void op_linear_add(Linear *linear, const Tensor *x, Tensor *y);
/* One call: a new y [N,out]. */
Tensor *op_linear(Tape *tape, const Tensor *x, Tensor *w, Tensor *b);

/* The products alone, by W's pack when it has one. Over values, y = x W^T + start: a bias [1,out], y itself, or NULL
 * for zeros. Over gradients, dx (+)= dy W. */
void op_linear_product(const Tensor *x, const Tensor *w, const Tensor *start, const Tensor *y);
void op_linear_product_back(const Tensor *y, const Tensor *w, bool add, const Tensor *x);
/* dW += dy^T x, unless x is NULL (zeros), and db += the sum of dy's rows, unless b is NULL. */
void op_linear_product_weights(const Tensor *y, const Tensor *x, const Tensor *w, const Tensor *b);

/* ---- op_embed.c: dst [N,E] = rows ids [N] of w [V,E]. */
void op_embed(Tape *tape, Tensor *w, const int32_t *ids, Tensor *dst);

/* ---- op_dropout.c: inverted dropout (Srivastava et al. 2014): dst = x with each number kept with probability 1 - p
 * and then scaled by 1 / (1 - p); key and row_id [N] make the mask. dst may be x itself where nothing else uses the
 * values of x, before or after. */
void op_dropout(Tape *tape, const Tensor *x, double p, uint64_t key, const uint64_t *row_id, Tensor *dst);
/* Whole rows of x are kept or dropped in this way, in place. Nothing else may have used x's values before. */
void op_dropout_rows(Tape *tape, Tensor *x, double p, uint64_t key, const uint64_t *row_id);

/* ---- op_add.c: dst = a + b. */
void op_add(Tape *tape, const Tensor *a, const Tensor *b, Tensor *dst);

/* ---- op_tanh.c: x = tanh(x) in place. Nothing else may have used x's values before. */
void op_tanh(Tape *tape, Tensor *x);

/* ---- op_activation.c, in place: gives the first f columns of x [N,f] or, swiglu, of x = [a b] [N,2f], which become
 * relu(x), gelu(x) (by erf) or silu(a) b. Nothing else may have used x's values before; of what is not given nothing is
 * left. */
Tensor *op_activation(Tape *tape, ActivationKind kind, Tensor *x);

/* ---- op_unfold.c: what a convolution reads: y [N, C taps] of x [N,C], the rows of `places`: column c taps + j of
 * position i is column c of position i + j - taps / 2, 0 outside the sentence. taps is odd. */
Tensor *op_unfold(Tape *tape, const Places *places, const Tensor *x, int taps);

/* ---- op_glu.c: a gated linear unit with its residual (Dauphin et al. 2017; Gehring et al. 2017, section 3.2): dst =
 * sqrt(1/2) (a sigmoid(b) + x), z = [a b] [N,2C], x, dst [N,C]. Nothing else may have used z's values before, and the
 * gates are lost. */
void op_glu(Tape *tape, Tensor *z, const Tensor *x, Tensor *dst);

/* ---- Edges of a graph over rows (num/edges.h), which stand as long as the tape; E of them. Edge k leads from the row
 * r that looks to the row at[k] that is seen. A head is a block of columns, as wide as the others. op_edge_gat.c: e
 * [E,heads] = LeakyReLU(looks . u_r + seen . u_at[k]); u [N,D], looks, seen [1,D] (Velickovic et al. 2018, eq. 3). */
Tensor *op_edge_gat(Tape *tape, const Edges *edges, const Tensor *u, const Tensor *looks, const Tensor *seen,
                    int heads);
/* op_edge_gatv2.c: e [E,heads] = a . LeakyReLU(looks_r + seen_at[k]); looks, seen [N,D], a [1,D] (Brody et al. 2022,
 * eq. 7). */
Tensor *op_edge_gatv2(Tape *tape, const Edges *edges, const Tensor *looks, const Tensor *seen, const Tensor *a,
                      int heads);
/* op_edge_gather.c: a [E,heads] = softmax of e over the edges of a row, dst_r [N,D] = sum_k a_k v_at[k]; both are
 * written; a has no gradient. */
void op_edge_gather(Tape *tape, const Edges *edges, const Tensor *e, const Tensor *values, Tensor *a, Tensor *dst);
/* op_elu.c, in place: x = ELU(x + b), b [1, columns of x]. Nothing else may have used x's values before. */
void op_elu(Tape *tape, Tensor *x, const Tensor *b);

/* ---- op_place.c: dst [N,d] = scale x + table row index[r]; table [positions,d], NULL: without it. index stands as
 * long as the tape. */
void op_place(Tape *tape, const Tensor *x, real scale, const Tensor *table, const int *index, Tensor *dst);

/* ---- op_rotary.c, in place: rotary position embedding (Su et al. 2021, eq. 34), pairs (2c, 2c+1) of each head of x
 * [N,heads d]. table [positions,d] holds the sine and cosine of each pair's angle, as sinusoidal positions of size d
 * do; row r turns by those of table row index[r], which stands as long as the tape. Nothing else may have used x's
 * values before. */
void op_rotary(Tape *tape, Tensor *x, const Tensor *table, const int *index);

/* ---- op_flow.c: positions that are the states of a differential equation (FLOATER, Liu et al. 2020, eq. 8): dp/dt =
 * h(t, p), a position being 1 of t, solved by the classical method of Runge and Kutta in `steps` steps a position. h(t,
 * p) = p J + W_1 [relu(W_0 [p; t/100] + b_0); t/100] + b_1; J turns the pairs (2c, 2c+1) with speed 10000^(-2c/d), so
 * that without the net (0,1,0,1,...) goes the way of the sinusoidal positions. */
typedef struct FlowWeights {
  Tensor start;      /* [L,d]: the states of L paths at position 0 */
  Tensor w[2], b[2]; /* [d,d+1], [1,d]: the net, which all paths share */
} FlowWeights;
/* dst [n, L d], contiguous: columns l d .. (l+1) d - 1 are path l. */
void op_flow(Tape *tape, const FlowWeights *w, int steps, Tensor *dst);

/* ---- op_norm.c: layer normalisation (Ba et al. 2016). Each row of x falls into equal groups; dst = gain u + bias with
 * u the group less its mean, divided by its standard deviation. gain, bias [1, columns of x]. */
typedef struct LayerNorm {
  Tensor gain, bias;
} LayerNorm;
void op_norm(Tape *tape, const Tensor *x, int groups, const LayerNorm *norm, Tensor *dst);

/* ---- op_rows.c: dst row r = x row index[r]. */
void op_rows(Tape *tape, const Tensor *x, const int *index, Tensor *dst);

/* ---- op_cell.c: one step of a recurrent cell. Gates are of the kind's number, G; the gate block of a row is [G H]. */
typedef struct CellStep {
  int n, hidden;
  Tensor gx, gh;         /* [n,GH] the parts of the pre-activations that come from the input and from h; values only */
  const Tensor *h, *c;   /* [n,H] states before; NULL: zeros, c also without has_cell */
  Tensor h_new, c_new;   /* [n,H] states after; c_new x NULL without has_cell */
  const LayerNorm *norm; /* of c_new on its way to h_new; NULL: none */
} CellStep;
typedef struct CellDef {
  const char *name;
  int gates, kept; /* how many of gh, its last, backward wants to see again */
  bool has_cell;   /* an LSTM's second state c */
  /* Writes the new states, and over gx what backward needs. */
  void (*forward)(const CellStep *step);
  /* From the gradients of h_new and c_new: writes those of gx and gh over their values, adds to those of h and c. Of gh
   * only what is kept still stands there. May overwrite the gradient of c_new. */
  void (*backward)(const CellStep *step);
} CellDef;
typedef struct Cell Cell;
/* A cell open over the steps of a sequence; w_hh [GH,H], b_hh [1,GH]. Norms, NULL for none: norm_hh of W_hh h + b_hh, a
 * gate at a time, norm_c of c where it enters h. */
Cell *op_cell_open(Tape *tape, const CellDef *def, Tensor *w_hh, Tensor *b_hh, const LayerNorm *norm_hh,
                   const LayerNorm *norm_c);
typedef struct CellRows {
  const Tensor *gx;      /* [N,GH] W_ih x + b_ih; is written over when it is in place */
  const Tensor *in;      /* [N,H] h as W_hh reads it, h itself or h with dropout; NULL: zeros */
  const Tensor *h, *c;   /* [N,H] states before; NULL: zeros */
  Tensor *h_new, *c_new; /* [N,H] written; c_new may be NULL without has_cell */
} CellRows;
void op_cell_step(Cell *cell, const CellRows *rows);

/* ---- op_ponder.c: adaptive computation time (Graves 2016, eq. 5 to 14). n rows go through rounds, a state s^k in
 * each; with h^k = sigmoid(u^k) a row halts in its round N, the first where the sum of its h reaches 1 - epsilon, at
 * the latest in max_rounds. It becomes sum_k p^k s^k with p^k = h^k before N and p^N = R = 1 - the sum of those, and
 * costs N + R. To the gradient N is a constant. */
typedef struct PonderRule {
  int max_rounds;
  double epsilon;
} PonderRule;
typedef struct Ponder Ponder;
Ponder *op_ponder_open(Tape *tape, int n, PonderRule rule);
/* A round of the k rows that go on: states s [k,H], c [k,H] or NULL, and u [k,1]. Gives how many go on from here;
 * on [.], on the tape's arena, are their places among the k. */
int op_ponder_round(Ponder *ponder, const Tensor *s, const Tensor *c, const Tensor *u, const int **on);
/* Once none goes on: what all rows become, dst and c_dst [n,H], their costs [n,1] and N, steps [n], are written. */
void op_ponder_close(Ponder *ponder, Tensor *dst, Tensor *c_dst, Tensor *cost, int *steps);
/* dst [n,H] = x, but rows row[0..k) as in y. row stands as long as the tape. */
void op_ponder_still(Tape *tape, const Tensor *x, const Tensor *y, const int *row, int k, Tensor *dst);
/* The sum of costs [n,1], before scale; gradients are those of scale times it. */
double op_ponder_cost(Tape *tape, const Tensor *cost, double scale);

/* ---- Attention: N query rows over the positions of B sentences, which stand in matrices of keys and of values as
 * `places` says. Queries, keys and values may be views of one tensor. A head is a block of their columns, as wide as
 * the others: of its scores and weights, head k's stand in columns k L .. (k+1) L - 1, L = places->longest. */
typedef struct Look {
  int n;
  const int *sentence; /* [n] */
  const int *step;     /* [n] step t of the row in its own sentence, from 0 */
  int *low, *high;     /* [n] window, positions low <= i < high */
  Tensor *centre;      /* [n,1] p_t of local_p, else NULL */
} Look;

/* op_dot.c: e [N,heads L]: e_i = scale q . k_i, inside the window. q [N,K], keys [rows,K]. */
Tensor *op_dot(Tape *tape, const Places *places, const Look *look, const Tensor *q, const Tensor *keys, int heads,
               real scale);
/* What K numbers of each position add to the sum of query and key: U f_i. With K = 1 that is coverage. */
typedef struct PlaceTerm {
  Tensor f; /* [N, S K]: those of position i in columns i K .. (i+1) K - 1 */
  Tensor u; /* [A,K]; of K = 1 as [1,A] too */
} PlaceTerm;
/* op_additive.c: e_i = v . tanh(q + k_i + U f_i); q [N,A], keys [rows,A], v [1,A]; term NULL: without the last; else
 * there is one head. */
Tensor *op_additive(Tape *tape, const Places *places, const Look *look, const Tensor *q, const Tensor *keys, int heads,
                    const Tensor *v, const PlaceTerm *term);
/* op_gaussian.c: e_i = -1/2 w^2 |q - k_i|^2; w [1,heads]. */
Tensor *op_gaussian(Tape *tape, const Places *places, const Look *look, const Tensor *q, const Tensor *keys, int heads,
                    const Tensor *w);
/* op_cosine.c: e_i = softplus(u) cos(q, k_i) (Graves et al. 2014, eq. 5 and 6); u [N,heads]. A vector without length
 * has the cosine 0 with all, and no gradient. */
Tensor *op_cosine(Tape *tape, const Places *places, const Look *look, const Tensor *q, const Tensor *keys, int heads,
                  const Tensor *u);
/* op_kernel.c: e_i = log K(u), u = |w| |q - k_i| (Nadaraya 1964, Watson 1964), of a kernel of finite reach: boxcar K =
 * 1 where u <= 1, triangular 1 - u, epanechnikov 1 - u^2 (Epanechnikov 1969, without its 3/4, which cancels); -inf
 * where K = 0. Where nothing in a row's window is in reach the nearest position, the first of several, has e = 0,
 * without gradient. boxcar has no gradient at all. */
typedef enum KernelKind { KERNEL_boxcar, KERNEL_triangular, KERNEL_epanechnikov } KernelKind;
typedef struct Kernel {
  KernelKind kind;
  int heads;
  const Tensor *width; /* [1,heads] w */
} Kernel;
Tensor *op_kernel(Tape *tape, const Places *places, const Look *look, const Tensor *q, const Tensor *keys,
                  const Kernel *kernel);
/* op_position.c: p [N,1] = S sigmoid(u), S the length of the row's sentence, u [N,1] (Luong et al. 2015, eq. 9). */
Tensor *op_position(Tape *tape, const Places *places, const int *sentence, const Tensor *u);
/* op_softmax.c: a = softmax of e inside the window (outside, and where e is -inf: 0), times exp(-(i - centre)^2 / (2
 * sigma^2)) when the look has a centre (Luong et al. 2015, eq. 10), the same for all heads. a, e [N,heads L]; a is
 * written. */
void op_softmax(Tape *tape, const Places *places, const Look *look, const Tensor *e, int heads, real sigma, Tensor *a);
/* op_ntm.c: the weights of a Neural Turing Machine's head (Graves et al. 2014, eq. 7 to 9), written to a [N,heads L]:
 * w' = g content + (1 - g) before; w''(i) = sum_k s_k w'(i - k), k = -R .. R; a = w''^gamma, normalised. z holds, for
 * each head, what g = sigmoid(z_0), gamma = 1 + softplus(z_1) and s = softmax(z_2 ..) are made of. With wrap the last
 * position is beside the first; else weight shifted over an end is lost, and where all is lost the positions are alike.
 */
typedef struct NtmAddress {
  Tensor content, before; /* [N,heads L] weights: of the scores, and of each row's step before */
  Tensor z;               /* [N,heads (2R+3)] */
  const int
      *previous; /* [N] the row of `a` that is a row's step before, further up; -1: it is in `before`; NULL: all are */
  int heads;
  bool wrap;
} NtmAddress;
void op_ntm(Tape *tape, const Places *places, const Look *look, const NtmAddress *in, Tensor *a);
/* Hard attention: one position is looked at. Scores and weights are [N,L], of one head.
 * op_candidates.c: scores of what may be chosen, dst = e - (i - centre)^2 / (2 sigma^2) inside the window, the second
 * part when the look has a centre; -inf outside, and for all but the `top` greatest of a row, of equal ones the
 * first; top 0: all stay. dst is written. */
void op_candidates(Tape *tape, const Look *look, const Tensor *e, int top, real sigma, Tensor *dst);
/* op_temper.c: dst = (e + g) / tau; g [N,L] is noise, without a gradient. dst is written. */
void op_temper(Tape *tape, const Tensor *e, const Tensor *g, real tau, Tensor *dst);
/* op_choose.c: weights of what is looked at: 1 at position at[r]; at[r] = -1: a itself, all of them. dst is written. */
typedef enum ChoiceGradient {
  CHOICE_NONE,    /* of a position that was chosen there is none */
  CHOICE_THROUGH, /* it passes as if dst were a (straight-through: Bengio et al. 2013) */
  CHOICE_PULL     /* that of pull[r] log a at the chosen position goes to the scores, a being their softmax (REINFORCE:
                     Williams 1992); pull is read by backward */
} ChoiceGradient;
typedef struct Choice {
  const int *at; /* [N] */
  ChoiceGradient gradient;
  const Tensor *scores; /* CHOICE_PULL: [N,L] */
  const real *pull;     /* [N] */
} Choice;
void op_choose(Tape *tape, const Tensor *a, const Choice *choice, Tensor *dst);
/* op_context.c: context [N,V] = sum_i a_i v_i, values [rows,V]; context is written. */
void op_context(Tape *tape, const Places *places, const Look *look, const Tensor *a, const Tensor *values, int heads,
                Tensor *context);
/* op_relative.c: e += scale q_i . w_r inside the window, r the distance of the position from the row's step, taken for
 * k beyond k (Shaw et al. 2018, eq. 4 and 5); q [N,heads d], table [2k+1,d] holds w_r in row r + k, for all heads. */
void op_relative(Tape *tape, const Look *look, const Tensor *q, const Tensor *table, real scale, Tensor *e);
/* op_relative_value.c: context += sum_j a_j w_r (eq. 3), context [N,heads d], after op_context of the same weights. */
void op_relative_value(Tape *tape, const Look *look, const Tensor *a, const Tensor *table, Tensor *context);
/* op_head_mean.c: dst [N,L] = mean of the weights a [N,heads L] of the first n of `heads` heads. */
void op_head_mean(Tape *tape, const Tensor *a, int heads, int n, Tensor *dst);
/* op_weight_conv.c: f [N,S K]: f_i = sum_j w_k(j) a_{i + j - r}, j = 0 .. 2r, of filters w [K,2r+1] over weights a
 * [N,S], 0 outside the sentence, inside the window; the K numbers of position i in columns i K .. (i+1) K - 1
 * (Chorowski et al. 2015, eq. 8). */
Tensor *op_weight_conv(Tape *tape, const Places *places, const Look *look, const Tensor *a, const Tensor *w);
/* op_cover.c: dst [N,S] = C + a / f, C [N,S] what had been covered before, f_i = 2 sigmoid(x_i) the fertility of a
 * position; x [rows,1], NULL: f = 1 (Tu et al. 2016, section 3.1, its N = 2). */
void op_cover(Tape *tape, const Places *places, const Look *look, const Tensor *covered, const Tensor *a,
              const Tensor *x, Tensor *dst);
/* op_mean.c: dst [B,D] = mean of a sentence's rows of x [rows,D]. */
void op_mean(Tape *tape, const Places *places, const Tensor *x, Tensor *dst);

/* ---- op_xent.c: projection, log-softmax and cross-entropy, in blocks of rows so that the logits never stand whole.
 * x [N,O], w [V,O], b [1,V]. Gradients are those of scale times the loss. While recording, an x in place becomes its
 * gradient at once. */
typedef struct XentOptions {
  double smoothing; /* epsilon: the target distribution is (1 - eps) onehot + eps / V (Szegedy et al. 2016) */
  double scale;
} XentOptions;
typedef struct XentLoss {
  double loss;     /* sum over rows of -log p(target), without smoothing */
  double smoothed; /* the sum that is differentiated, before scale */
} XentLoss;
/* logprob [N], or NULL, receives log p(target). */
XentLoss op_xent(Tape *tape, const Tensor *x, Tensor *w, Tensor *b, const int32_t *targets, XentOptions options,
                 float *logprob);

/* ---- op_mixture.c: the same where a row's words are the mean of several parts': log p = log sum_i a_i p_i, p_i of
 * part i's own row of x, a the softmax of scores [N,L] (hard attention's exact marginal: Deng et al. 2018, section 3).
 * With label smoothing log p_i of the target is that of every part's smoothed target. Gradients go to x, W, b and the
 * scores. */
typedef struct Mixed {
  int n;               /* parts of all rows */
  const int *first;    /* [N + 1] row r has parts first[r] .. first[r + 1] - 1 */
  const int *position; /* [n] column of a part's score */
  const Tensor *scores;
} Mixed;
/* x [n,O]. mixed stands as long as the tape. */
XentLoss op_mixture(Tape *tape, const Mixed *mixed, const Tensor *x, Tensor *w, Tensor *b, const int32_t *targets,
                    XentOptions options, float *logprob);
/* log a of the parts of row r, into log_a [parts]. */
void op_mixture_weights(const Mixed *mixed, int r, double *log_a);

/* ---- op_guide.c: how far weights a [N,S] are from the links of their target tokens (guided alignment, Chen et al.
 * 2016, eq. 5 and 6). A row's target is A_i = 1 / n at the n positions it is linked to and 0 elsewhere; a row without
 * links counts nothing. cross_entropy is -sum_i A_i log(a_i + 1e-6), finite where a scope gives a linked position no
 * weight, and then without gradient; mse is 1/2 sum_i (A_i - a_i)^2. */
typedef struct GuideOptions {
  GuideLoss loss;
  double scale;
} GuideOptions;
/* links [N] stand as long as the tape. The sum over rows, before scale; gradients are those of scale times it. */
double op_guide(Tape *tape, const Tensor *a, const Linked *links, GuideOptions options);

/* ---- Attention over attention (Cui et al. 2017); over.h has the formula.
 * op_grow.c: [before, more], columns beside columns; before may have none. */
Tensor *op_grow(Tape *tape, const Tensor *before, const Tensor *more);
/* op_over.c: e [N,L] = log of the weights that queries give one another's looks: matches [N,k L], q_j . h_i in column j
 * L + i, of positions i < high of the look, whose low is 0. */
Tensor *op_over(Tape *tape, const Look *look, const Tensor *matches, int longest);
/* op_read.c: weights of documents by queries, both rows of states [rows,D]. */
typedef struct Passage {
  int document, n_document; /* first row and how many */
  int query, n_query;       /* likewise; at least one */
} Passage;
/* a [n,L]: of each of n passages, in its first n_document columns; else 0. passages stand as long as the tape. */
void op_read(Tape *tape, const Tensor *states, const Passage *passages, Tensor *a);

/* ---- op_copy.c: words are those of the source, p(w) the sum of the weights of the positions that hold w (Kadlec et
 * al. 2016, eq. 3). */
typedef struct Copied {
  const Places *places;
  const int32_t *ids;  /* [rows] */
  const int *sentence; /* [N] of each row of weights */
} Copied;
/* Sum over rows of -log p(target), of weights a [N,L]; -inf where no position holds the target. Gradients are those of
 * scale times it. from and targets stand as long as the tape. logprob [N], or NULL, receives log p. */
double op_copy(Tape *tape, const Copied *from, const Tensor *a, const int32_t *targets, double scale, float *logprob);
/* log p of all words: logprob [N,V] is written. */
void op_copy_all(const Copied *from, const Tensor *a, Tensor *logprob);
/* ---- op_spread.c: sum over the positions i of all sentences of (1 - sum_t a_ti)^2, a [N,L] the weights of rows t of
 * sentence[r] (the doubly stochastic penalty of Xu et al. 2015, eq. 14): how far each position is from having had
 * weights of 1 in all. The sum, before scale; gradients are those of scale times it. */
double op_spread(Tape *tape, const Places *places, const int *sentence, const Tensor *a, double scale);

/* ---- op_entropy.c: sum over rows of -sum_i a_i log a_i, a [N,L], before scale; gradients are those of scale times it.
 */
double op_entropy(Tape *tape, const Tensor *a, double scale);

/* ---- op_gate.c: dst = sigmoid(z) x, z [N,1], x [N,D]. */
void op_gate(Tape *tape, const Tensor *z, const Tensor *x, Tensor *dst);

/* ---- The registry. */
struct GradEnv;
typedef struct OpDef {
  const char *name;
  void (*check)(struct GradEnv *env); /* runs the gradient-check cases */
} OpDef;
/* The ith operation of ops.def, NULL past the last. */
const OpDef *op_registry(int i);

#endif
