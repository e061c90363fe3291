/* guide_loss.h - the ways to measure how far attention is from given links (op_guide.c). */
#ifndef AD_GUIDE_LOSS_H
#define AD_GUIDE_LOSS_H

typedef enum GuideLoss { GUIDE_cross_entropy, GUIDE_mse } GuideLoss;

#endif
