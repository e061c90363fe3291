/* gate.h - how much of what it looked at a decoder lets in: beta_t = sigmoid(w . q + b) of its query, c_t becomes
 * beta_t c_t (Xu et al. 2015, section 4.2.1). Const once declared; a run belongs to a tape. */
#ifndef NN_GATE_H
#define NN_GATE_H

#include "ad/op.h"

typedef struct Gate {
  bool on;
  int weight, bias; /* a part [1,Q], a parameter [1] */
} Gate;

typedef struct GateRun GateRun;

/* attention.gate.{weight,bias}, of queries of a size. */
void gate_declare(Gate *gate, ParamSet *set, int query);
/* For contexts [capacity,width], on the tape's arena; NULL when it is off. */
GateRun *gate_open(const Gate *gate, Tape *tape, int capacity, int width);
/* Where contexts of rows row .. row+n-1 are to be written: to itself without a gate, which run NULL is. */
Tensor gate_before(const GateRun *run, int row, const Tensor *to);
/* From there to `to`, once they are, by queries [n,Q]. */
void gate_pass(const GateRun *run, int row, const Tensor *query, Tensor *to);

/* Row r of `context` through the gate of row row[r] into `to`; row stands as long as the tape. Without a gate nothing
 * is done. */
void gate_again(const GateRun *run, const int *row, const Tensor *context, Tensor *to);

#endif
