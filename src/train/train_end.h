/* train_end.h - when a training is at its end, and what is to be said of what it leaves. */
#ifndef TRAIN_TRAIN_END_H
#define TRAIN_TRAIN_END_H

#include "train/checkpoint.h"
#include "train/verdict.h"

/* Why a training that stands there does not go on; NULL: it does. history: its validations (history.h). */
const char *train_end_reason(const TrainConfig *config, const TrainState *state, const Json *history);
/* Whether the model that an ended training leaves is of any use (verdict.h); start_loss: of the validation text before
 * the first update. Appends what is to be said of it. */
Verdict train_end_verdict(const Translator *translator, const TrainState *state, double start_loss, Str *text);
/* True when it ended before the rate had reached train.optimizer.lr. */
bool train_end_in_warmup(const TrainConfig *config, const TrainState *state);
/* Appends what would let it go further, if anything. */
void train_end_advice(const TrainConfig *config, const TrainState *state, Str *text);

#endif
