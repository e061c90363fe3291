/* model.h - the whole translator: encoder, decoder, output layer; how it is trained on, scores, and decodes.
 *
 * A Model owns its parameters. It is const while workers run: any number of threads may use one Model, each with a Tape
 * of its own. Results live on the tape's arena. */
#ifndef NN_MODEL_H
#define NN_MODEL_H

#include "base/err.h"
#include "nn/decoder.h"
#include "nn/losses.h"
#include "nn/narrow.h"
#include "num/ponder_steps.h"

typedef struct Model {
  ModelConfig config;
  ParamSet params;
  Encoder encoder;
  const DecoderDef *decoder;
  void *decoder_own;      /* what the kind of decoder declares */
  int embedding;          /* parameter [V,E]: of the words that the decoder reads */
  int output_w, output_b; /* [V,O], [V]: the output layer */
} Model;

/* What a pair may be. Its weights [T,S] stand whole, several times over: more would fill any memory. */
enum { MODEL_MOST_TOKENS = 100000, MODEL_MOST_WEIGHTS = 1 << 26 };
/* Whether a pair of so many tokens a side, without </s>, can be worked on; if not, err (ERR_FILE) says what is too
 * much.
 */
bool model_fits(int n_source, int n_target, Err *err);
/* Whether there is room for it, of a pair or of a sentence searched for: self-attention grows with the square of a
 * line. If not, err (ERR_FILE) says how much it would take. */
enum { MODEL_MOST_ROOM = 1 << 28 };
bool model_has_room(const ModelRoom *room, int n_source, int n_target, Err *err);
/* Whether models of these limits can read it; if not, err (ERR_FILE) names the key of the limit. */
bool model_knows(const ModelLimits *longest, int n_source, int n_target, Err *err);

/* All parameters declared and no values: for what asks only which tensors a config makes. config has been checked. */
Model *model_declare(const ModelConfig *config);
/* All parameters declared, values zero; param_start or a model file sets them. config has been checked. */
Model *model_new(const ModelConfig *config);
void model_free(Model *model);

/* Floating-point operations of training on a pair of so many tokens a side, with `</s>`, in products with weight
 * matrices and of attention (q . k and sum a v): forward, and twice as much backward; two for a multiply-add.
 * Embeddings and what is done once a sentence are not counted, and of steps of adaptive computation time
 * one is. */
double model_train_flops(const Model *model, int n_source, int n_target);

/* Forward and, on a recording tape, the recorded backward of n pairs: summed loss over target tokens with </s>. */
XentLoss model_loss(const Model *model, Tape *tape, const IdPair *pairs, int n, const Noise *noise,
                    XentOptions options);

/* What is to be lowered, of n pairs. */
typedef struct LossAim {
  Losses scale;               /* of the gradient of each loss; 0: it is not computed, its sum is 0 */
  double smoothing;           /* of the likelihood: XentOptions */
  const Linked *const *links; /* guided: [n] for each pair those of its target tokens, with </s> */
  GuideLoss guide;            /* guided: how the difference from links is measured */
  double baseline;            /* of a reward: the moving one (model.attention.hard.baseline) */
} LossAim;
/* Forward and backward like model_loss, of all losses that have a scale. sums receives each as it is logged: summed,
 * before its scale, without smoothing. The result is what is differentiated: the sum of scale times loss, with
 * smoothing. */
double model_losses(const Model *model, Tape *tape, const IdPair *pairs, int n, const Noise *noise, const LossAim *aim,
                    Losses *sums);

/* One pair under the model, its target given. T = target tokens with </s>, S = source tokens with </s>, or
 * regions. */
typedef struct ModelScore {
  int n_target, n_source;
  const float *logprob; /* [T] */
  const float *weights; /* [T,S] alignment */
  const double *centre; /* [T] p_t of local_p, where each row's window is; NULL with another scope */
  const int *chosen;    /* [T] the one position that hard attention looked at; NULL where there is none */
  PonderSteps steps;
  AllHeads heads;
} ModelScore;
/* scores [n] are filled, but for heads. The tape must not record. */
void model_score(const Model *model, Tape *tape, const IdPair *pairs, int n, ModelScore *scores);
/* With heads. */
void model_score_heads(const Model *model, Tape *tape, const IdPair *pairs, int n, ModelScore *scores);

/* A batch of encoded sentences to decode, step by step, with what the decoder keeps of each hypothesis. */
typedef struct ModelSearch {
  const Model *model;
  Tape *tape;
  const Encoded *encoded;
  void *state;          /* the decoder's own */
  const Narrow *narrow; /* NULL: the whole vocabulary */
} ModelSearch;
/* The tape must not record. At first there is one row a sentence. What grows from step to step goes to the arena kept.
 */
ModelSearch *model_search(const Model *model, Tape *tape, Arena *kept, const Ids *sources, int n, SearchRoom room);
/* From now on each sentence gives some tokens only; a step has at most `rows` rows of a sentence. tokens is borrowed.
 */
void model_narrow(ModelSearch *search, const NarrowTokens *tokens, int rows);
/* One step of n rows: row r belongs to sentence[r], is at step t and has read token[r]. What it gives stands until the
 * arena is rewound; before that model_select must say which rows go on. */
void model_step(const ModelSearch *search, const int32_t *tokens, const int *sentence, int t, int n, DecoderOut *out);
/* Row r of the next step goes on from row parents[r] of the last one, r < n. */
void model_select(const ModelSearch *search, const int *parents, int n);
/* log p of what rows first .. first + n - 1 of a step give, row first + r belonging to sentence[r]: [n,V], or when
 * narrowed [n, the widest] of which narrow_width numbers of a row are set. Stands until the arena is rewound. A few
 * rows at a time, so that those of a wide beam and a large vocabulary never stand whole. */
Tensor model_logprob(const ModelSearch *search, const DecoderOut *step, int first, int n, const int *sentence);

#endif
