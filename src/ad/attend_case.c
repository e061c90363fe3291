#include "ad/attend_case.h"

#include "base/str.h"

static const Places *find_places(Tape *tape, bool listed) {
  static const int start[] = {0, 4, 5}, length[] = {4, 1, 2}, row[] = {6, 0, 3, 2, 5, 1, 4};
  Places *places = tape_alloc(tape, 1, sizeof *places);
  *places = (Places){.n_sent = 3, .longest = 4, .start = start, .length = length, .row = listed ? row : NULL};
  return places;
}

static Look *find_look(Tape *tape, const Places *places, bool windowed) {
  static const int sentence[] = {0, 1, 2, 0, 2}, step[] = {0, 0, 0, 1, 1};
  Look *look = tape_alloc(tape, 1, sizeof *look);
  *look = (Look){.n = 5, .sentence = sentence, .step = step};
  look->low = tape_alloc(tape, 5, sizeof(int));
  look->high = tape_alloc(tape, 5, sizeof(int));
  for (int r = 0; r < 5; r++) {
    look->low[r] = windowed && r == 3 ? 1 : 0;
    look->high[r] = places->length[sentence[r]] - (windowed && r != 1 && r < 3 ? 1 : 0);
  }
  return look;
}

AttendCase attend_case_open(GradEnv *env, const AttendKind *kind, int d) {
  AttendCase c = {.kind = *kind, .places = find_places(&env->tape, kind->listed)};
  c.look = find_look(&env->tape, c.places, kind->windowed);
  c.states = gradcheck_input(env, 7, kind->heads * d, 1);
  c.queries =
      kind->self ? tape_keep(&env->tape, tensor_rows(c.states, 0, 5)) : gradcheck_input(env, 5, kind->heads * d, 1);
  return c;
}

void attend_case_each(GradEnv *env, const char *name, void (*build)(GradEnv *env, void *ctx)) {
  for (int k = 0; k < 16; k++) {
    AttendKind kind = {k & 1, k >> 1 & 1, k >> 2 & 1, 1 + (k >> 3)};
    Str text = {0};
    str_addf(&text, "%s%s%s%s, heads %d", name, kind.windowed ? " windowed" : "", kind.self ? " of one tensor" : "",
             kind.listed ? " of rows listed" : "", kind.heads);
    gradcheck_run(env, str_text(&text), build, &kind);
    str_free(&text);
  }
}

void attend_case_scores(GradEnv *env, const AttendCase *c, const Tensor *e) {
  for (int r = 0; r < c->look->n; r++)
    for (int h = 0; h < c->kind.heads; h++) {
      int low = c->look->low[r];
      Tensor part = tensor_view(e, r, 1, h * c->places->longest + low, c->look->high[r] - low);
      gradcheck_output(env, &part);
    }
}
