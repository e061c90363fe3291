#include "nn/gate.h"

struct GateRun {
  Tape *tape;
  Linear *linear;
  Tensor *z, *context; /* [capacity,1], [capacity,width] */
};

void gate_declare(Gate *gate, ParamSet *set, int query) {
  gate->on = true;
  gate->weight = param_weight(set, "attention.gate.weight", 1, query, START_GLOROT, 1);
  gate->bias = param_vector(set, "attention.gate.bias", 1, START_ZERO, 1);
}

GateRun *gate_open(const Gate *gate, Tape *tape, int capacity, int width) {
  if (!gate->on) return NULL;
  GateRun *run = tape_alloc(tape, 1, sizeof *run);
  *run = (GateRun){.tape = tape,
                   .linear = op_linear_open(tape, tape_part(tape, gate->weight), tape_param(tape, gate->bias))};
  run->z = tape_tensor(tape, capacity, 1);
  run->context = tape_tensor(tape, capacity, width);
  return run;
}

Tensor gate_before(const GateRun *run, int row, const Tensor *to) {
  return run == NULL ? *to : tensor_rows(run->context, row, to->rows);
}

void gate_pass(const GateRun *run, int row, const Tensor *query, Tensor *to) {
  if (run == NULL) return;
  Tensor z = tensor_rows(run->z, row, to->rows), context = tensor_rows(run->context, row, to->rows);
  op_linear_to(run->linear, query, &z);
  op_gate(run->tape, &z, &context, to);
}

void gate_again(const GateRun *run, const int *row, const Tensor *context, Tensor *to) {
  if (run == NULL) return;
  Tensor *z = tape_tensor(run->tape, context->rows, 1);
  op_rows(run->tape, run->z, row, z);
  op_gate(run->tape, z, context, to);
}
