/* The README against the tables: every key of a config, command, metric of training and toy stands in it as code. Run
 * from the top folder. */
#include <check.h>
#include <string.h>

#include "base/io.h"
#include "cli/program.h"
#include "conf/config_keys.h"
#include "text/toy.h"

static Str page;

static void read_page(void) {
  Err err = {0};
  ck_assert_msg(io_read_all(&page, "README.md", 1 << 20, &err), "%s", err.text);
}

static void free_page(void) { str_free(&page); }

static void expect(const char *before, const char *name, const char *after) {
  Str code = {0};
  str_addf(&code, "%s%s%s", before, name, after);
  ck_assert_msg(strstr(str_text(&page), str_text(&code)) != NULL, "README.md lacks %s", str_text(&code));
  str_free(&code);
}

START_TEST(every_key) {
  for (int i = 0; i < N_CONFIG_KEYS; i++) expect("`", config_keys_at(i)->path, "`");
}
END_TEST

START_TEST(every_choice) {
  for (int i = 0; i < N_CONFIG_KEYS; i++)
    for (const char *const *word = config_keys_at(i)->choices; word != NULL && *word != NULL; word++)
      expect("`", *word, "`");
}
END_TEST

START_TEST(every_command) {
  int n;
  const Command *const *commands = program_commands(&n);
  for (int i = 0; i < n; i++) expect("attn-seq2seq ", commands[i]->name, "");
}
END_TEST

START_TEST(every_toy) {
  for (int i = 0; i < toy_count(); i++) expect("`", toy_name(i), "`");
}
END_TEST

Suite *test_readme(void);
Suite *test_readme(void) {
  Suite *s = suite_create("readme");
  TCase *t = tcase_create("readme");
  tcase_add_checked_fixture(t, read_page, free_page);
  tcase_add_test(t, every_key);
  tcase_add_test(t, every_choice);
  tcase_add_test(t, every_command);
  tcase_add_test(t, every_toy);
  suite_add_tcase(s, t);
  return s;
}
