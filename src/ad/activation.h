/* activation.h - the nonlinearities of a feed-forward layer (op_activation.c). */
#ifndef AD_ACTIVATION_H
#define AD_ACTIVATION_H

typedef enum ActivationKind { ACTIVATION_relu, ACTIVATION_gelu, ACTIVATION_swiglu, N_ACTIVATIONS } ActivationKind;

/* Numbers read for each one given. */
static inline int activation_width(ActivationKind kind) { return kind == ACTIVATION_swiglu ? 2 : 1; }

#endif
