/* How much memory a recurrent layer takes for its backward pass: counted in numbers a row and unit. */
#include "nn/rnn.h"

#include <check.h>

#include "base/mem.h"

enum { SENTENCES = 16, LENGTH = 8, ROWS = SENTENCES * LENGTH, IN = 4, HIDDEN = 64, STEP_BYTES = 2048 };

/* Bytes that a pass over a batch leaves on the tape. */
static size_t bytes_of_run(const RnnLayer *layer, Tape *tape, bool reverse) {
  int length[SENTENCES];
  for (int b = 0; b < SENTENCES; b++) length[b] = LENGTH;
  tape_reset(tape);
  Tensor *x = tape_zeros(tape, ROWS, IN), *h = tape_tensor(tape, ROWS, HIDDEN), *c = tape_tensor(tape, ROWS, HIDDEN);
  const Packed *packed = packed_new(tape->arena, length, SENTENCES);
  ArenaMark before = arena_mark(tape->arena), gradients = arena_mark(tape->gradients);
  (void)rnn_run(layer, tape, packed, reverse, NULL, x, h, layer->cell->has_cell ? c : NULL);
  ArenaMark after = arena_mark(tape->arena);
  ck_assert_uint_eq(arena_mark(tape->gradients).used, gradients.used); /* all that has a gradient has it in place */
  tape_backward(tape);
  return after.block == before.block ? after.used - before.used : 0; /* 0: not all in one block yet */
}

/* Gates once, what backward wants to see of the recurrent part, and that of one step. */
START_TEST(gates_stand_once) {
  static const ActConfig never = {0};
  ParamSet set = {0};
  const RnnSpec spec = {
      .name = "rnn", .suffix = "", .cell = (CellKind)(_i / 2), .in = IN, .hidden = HIDDEN, .act = &never};
  RnnLayer layer = rnn_declare(&set, &spec);
  param_seal(&set);
  param_start(&set, 1);
  Tape tape = {.arena = arena_new(),
               .gradients = arena_new(),
               .params = &set,
               .grads = param_block(&set, "gradients"),
               .recording = true};
  (void)bytes_of_run(&layer, &tape, _i % 2 == 1);
  size_t got = bytes_of_run(&layer, &tape, _i % 2 == 1), number = HIDDEN * sizeof(real);
  size_t gates = (size_t)layer.cell->gates, kept = (size_t)layer.cell->kept;
  ck_assert_uint_ge(got, ROWS * (gates + kept) * number);
  ck_assert_uint_le(got, ROWS * (gates + kept) * number + SENTENCES * gates * number + LENGTH * STEP_BYTES);
  mem_free(tape.grads);
  arena_free(tape.arena);
  arena_free(tape.gradients);
  param_free(&set);
}
END_TEST

Suite *test_rnn(void);
Suite *test_rnn(void) {
  Suite *s = suite_create("rnn");
  TCase *t = tcase_create("rnn");
  tcase_add_loop_test(t, gates_stand_once, 0, 6);
  suite_add_tcase(s, t);
  return s;
}
