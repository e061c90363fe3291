#include "train/verdict.h"

#include <math.h>

/* By how much a loss must exceed that of the start: a few updates may do a little harm by chance. */
static const double HARM = 1.05;

Verdict verdict_of(const VerdictCase *c, Str *text) {
  double uniform = log(c->n_words);
  if (c->least > HARM * fmax(uniform, c->start)) {
    str_addf(text,
             "training has diverged: its least validation loss, %.4g after update %ld, is worse than before the first "
             "update (%.4g) and than a uniform guess among %d words (%.4g), and the model is of no use; lower "
             "train.optimizer.lr or train.optimizer.clip_norm",
             c->least, c->least_step, c->start, c->n_words, uniform);
    return VERDICT_DIVERGED;
  }
  if (c->least >= uniform)
    str_addf(text,
             "the least validation loss, %.4g after update %ld, is no better than a uniform guess among %d words "
             "(%.4g): nothing is learnt; train longer, or with another train.optimizer.lr",
             c->least, c->least_step, c->n_words, uniform);
  else if (c->least >= c->start && c->start_from != NULL)
    str_addf(text,
             "no validation was better than %s, which training started from (loss %.4g against %.4g): keep that model, "
             "or lower train.optimizer.lr",
             c->start_from, c->least, c->start);
  else if (c->least >= c->start)
    str_addf(text,
             "no validation was better than before the first update (loss %.4g against %.4g): nothing is learnt; train "
             "longer, or with another train.optimizer.lr",
             c->least, c->start);
  else if (c->last > uniform)
    str_addf(text,
             "the last validation loss, %.4g, is worse than a uniform guess among %d words (%.4g): training has "
             "diverged, or fits the training text alone; the model is that of update %ld",
             c->last, c->n_words, uniform, c->best_step);
  return text->n > 0 ? VERDICT_DOUBTFUL : VERDICT_SOUND;
}
