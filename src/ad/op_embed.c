#include <string.h>

#include "ad/gradcheck.h"
#include "ad/op.h"
#include "base/err.h"
#include "num/vec.h"

typedef struct Embed {
  Tensor w, y;
  const int32_t *ids;
} Embed;

static void backward(void *saved) {
  Embed *e = saved;
  for (int r = 0; r < e->y.rows; r++)
    vec_add(tensor_grad_row(&e->w, e->ids[r]), tensor_grad_row(&e->y, r), (size_t)e->w.cols);
}

void op_embed(Tape *tape, Tensor *w, const int32_t *ids, Tensor *dst) {
  for (int r = 0; r < dst->rows; r++) {
    CHECK(ids[r] >= 0 && ids[r] < w->rows, "embed: id %d of %d", (int)ids[r], w->rows);
    memcpy(tensor_row(dst, r), tensor_row(w, ids[r]), (size_t)w->cols * sizeof(real));
  }
  if (w->g == NULL) return;
  Embed *e = tape_alloc(tape, 1, sizeof *e);
  *e = (Embed){*w, *dst, ids};
  tape_push(tape, "embed", backward, e);
}

static void case_one(GradEnv *env, void *ctx) {
  (void)ctx;
  static const int32_t ids[] = {2, 0, 2, 3};
  Tensor *w = gradcheck_input(env, 4, 3, 1), *wide = tape_zeros(&env->tape, 4, 5);
  Tensor y = tensor_cols(wide, 1, 3);
  op_embed(&env->tape, w, ids, &y);
  gradcheck_output(env, wide);
}

static void check(GradEnv *env) { gradcheck_run(env, "embed", case_one, NULL); }

const OpDef op_embed_def = {"embed", check};
