#include "ad/attend_case.h"

Memory *attend_case_memory(GradEnv *env, int d) {
  static const int start[] = {0, 4, 5}, length[] = {4, 1, 2};
  Memory *m = tape_alloc(&env->tape, 1, sizeof *m);
  *m = (Memory){gradcheck_input(env, 7, d, 1), 3, 4, start, length};
  return m;
}

Look *attend_case_look(GradEnv *env, const Memory *m, int windowed) {
  static const int sentence[] = {0, 1, 2, 0, 2}, step[] = {0, 0, 0, 1, 1};
  Look *look = tape_alloc(&env->tape, 1, sizeof *look);
  *look = (Look){.n = 5, .sentence = sentence, .step = step};
  look->low = tape_alloc(&env->tape, 5, sizeof(int));
  look->high = tape_alloc(&env->tape, 5, sizeof(int));
  for (int r = 0; r < 5; r++) {
    look->low[r] = windowed && r == 3 ? 1 : 0;
    look->high[r] = windowed && r != 1 ? m->length[sentence[r]] - (r < 3 ? 1 : 0) : m->length[sentence[r]];
  }
  return look;
}

Tensor *attend_case_queries(GradEnv *env, const Memory *m, int d, bool self) {
  if (!self) return gradcheck_input(env, 5, d, 1);
  Tensor *q = tape_alloc(&env->tape, 1, sizeof *q);
  *q = tensor_rows(m->h, 0, 5);
  return q;
}

void attend_case_scores(GradEnv *env, const Look *look, const Tensor *e) {
  for (int r = 0; r < look->n; r++) {
    Tensor part = tensor_view(e, r, 1, look->low[r], look->high[r] - look->low[r]);
    gradcheck_output(env, &part);
  }
}
