/* What tune draws: open keys alone, settings that go together, the same for the same seed. */
#include "train/tune_space.h"

#include <check.h>
#include <string.h>

#include "conf/config_file.h"
#include "conf/config_keys.h"
#include "scratch.h"
#include "text/sentencepiece.h"

enum { MANY_DRAWS = 40 };

static Scratch scratch;
static Json *given;
static TuneSpace space;
static TuneDraw *draws;
static int n;

static void draw(const char *config, uint64_t seed, bool characters) {
  Err err = {0};
  const char *path = scratch_text(&scratch, "c.json", config);
  given = config_file_read(path, NULL, 0, &err);
  ck_assert_msg(given != NULL, "%s", err.text);
  space = (TuneSpace){path, NULL, 0, given, {500, characters, true}, seed};
  draws = tune_space_draws(&space, MANY_DRAWS, &n, &err);
  ck_assert_msg(draws != NULL, "%s", err.text);
}

static void end_draws(void) {
  tune_space_free(draws, n);
  json_free(given);
}

static void set_up(void) { scratch_open(&scratch); }
static void tear_down(void) { scratch_close(&scratch); }

static const char *value_of(const TuneDraw *d, const char *path) {
  for (int i = 0; i < d->n_sets; i++)
    if (strncmp(d->sets[i], path, strlen(path)) == 0 && d->sets[i][strlen(path)] == '=')
      return d->sets[i] + strlen(path) + 1;
  return NULL;
}

/* How many different values a key takes. */
static int count_values(const char *path) {
  int count = 0;
  for (int i = 0; i < n; i++) {
    const char *value = value_of(&draws[i], path);
    bool first = value != NULL;
    for (int k = 0; first && k < i; k++) {
      const char *other = value_of(&draws[k], path);
      first = other == NULL || strcmp(other, value) != 0;
    }
    count += first;
  }
  return count;
}

START_TEST(the_first_are_the_config_and_recipes) {
  draw("{}", 1, false);
  ck_assert_int_eq(n, MANY_DRAWS);
  ck_assert_str_eq(draws[0].name, "draw-001-default");
  ck_assert_int_eq(draws[0].n_sets, 0);
  ck_assert_str_eq(draws[1].name, "draw-002-inflection");
  ck_assert_str_eq(value_of(&draws[1], "model.decoder.cell"), "cgru");
  bool subwords = sentencepiece_missing() == NULL;
  for (int i = 0; i < n; i++) ck_assert(draws[i].kept == (i < (subwords ? 6 : 4)));
  ck_assert_int_ge(count_values("train.optimizer.lr"), 5);
  ck_assert_int_eq(count_values("model.encoder.type"), 2);
  ck_assert_int_eq(count_values("vocab.source.tokenizer"), subwords ? 3 : 2);
  end_draws();
}
END_TEST

/* Its every setting counts and is open, and the config with it is whole. */
START_TEST(what_is_set_stays) {
  draw(
      "{\"model\": {\"embedding\": 48, \"encoder\": {\"type\": \"rnn\"}, \"dropout\": 0.25}, \"train\": "
      "{\"batch_tokens\": 900},"
      "\"vocab\": {\"source\": {\"tokenizer\": \"word\"}}}",
      1, false);
  for (int i = 0; i < n; i++) {
    ck_assert_int_eq(draws[i].config.model.embedding, 48);
    ck_assert_double_eq(draws[i].config.model.dropout, 0.25);
    ck_assert_int_eq(draws[i].config.train.batch_tokens, 900);
    ck_assert_int_eq(draws[i].config.vocab.source.tokenizer, TOKENIZER_word);
    for (int k = 0; k < draws[i].n_sets; k++) {
      char path[80] = "";
      memcpy(path, draws[i].sets[k], strcspn(draws[i].sets[k], "="));
      ck_assert_msg(!config_file_settles(given, path), "%s: %s", draws[i].name, path);
      ck_assert_msg(config_keys_use(&draws[i].config, config_keys_at(config_keys_find(path))).counts, "%s: %s",
                    draws[i].name, path);
    }
  }
  ck_assert_ptr_null(value_of(&draws[1], "train.batch_size"));
  end_draws();
}
END_TEST

START_TEST(characters_are_not_split_again) {
  draw("{}", 1, true);
  ck_assert_int_eq(count_values("vocab.source.tokenizer"), 0);
  ck_assert_int_eq(count_values("vocab.shared"), 2);
  end_draws();
}
END_TEST

static void text_of(Str *out) {
  for (int i = 0; i < n; i++)
    for (int k = 0; k < draws[i].n_sets; k++) str_addf(out, "%s %s\n", draws[i].name, draws[i].sets[k]);
}

START_TEST(a_draw_is_its_seeds) {
  Str a = {0}, b = {0}, c = {0};
  draw("{}", 1, false), text_of(&a), end_draws();
  draw("{}", 1, false), text_of(&b), end_draws();
  draw("{}", 2, false), text_of(&c), end_draws();
  ck_assert_str_eq(str_text(&a), str_text(&b));
  ck_assert_str_ne(str_text(&a), str_text(&c));
  str_free(&a);
  str_free(&b);
  str_free(&c);
}
END_TEST

Suite *test_tune_space(void);
Suite *test_tune_space(void) {
  Suite *s = suite_create("tune_space");
  TCase *t = tcase_create("tune_space");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_test(t, the_first_are_the_config_and_recipes);
  tcase_add_test(t, what_is_set_stays);
  tcase_add_test(t, characters_are_not_split_again);
  tcase_add_test(t, a_draw_is_its_seeds);
  suite_add_tcase(s, t);
  return s;
}
