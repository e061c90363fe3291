/* The man page against the tables: all that they have is in the page, and nothing else is. Run from the top folder. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "cli/program.h"
#include "conf/config_keys.h"
#include "text/toy.h"

#define PAGE "attn-seq2seq.1"

static Str page;

static void read_page(void) {
  Err err = {0};
  ck_assert_msg(io_read_all(&page, PAGE, 1 << 20, &err), "%s", err.text);
}

static void free_page(void) { str_free(&page); }

/* The lines after the heading up to the next one that starts with `until`, as a text of its own; freed by the caller.
 */
static Str part_of(const char *heading, const char *until) {
  Str part = {0}, line = {0};
  str_addf(&line, "\n%s\n", heading);
  const char *at = strstr(str_text(&page), str_text(&line));
  if (at != NULL) {
    at += line.n - 1;
    str_clear(&line);
    str_addf(&line, "\n%s", until);
    const char *end = strstr(at, str_text(&line));
    str_add(&part, at, end == NULL ? strlen(at) : (size_t)(end - at));
    str_addc(&part, '\n');
  }
  str_free(&line);
  return part;
}

/* The item's lines within part, from `.It ...` to the next item; empty when it is not there. */
static Str item_of(const Str *part, const char *it) {
  Str item = {0}, line = {0};
  str_addf(&line, "\n%s\n", it);
  const char *at = strstr(str_text(part), str_text(&line));
  if (at != NULL) {
    const char *end = strstr(at + line.n, "\n.It ");
    str_add(&item, at, end == NULL ? strlen(at) : (size_t)(end - at) + 1);
  }
  str_free(&line);
  return item;
}

static int count(const char *text, const char *what) {
  int n = 0;
  for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what)) n++;
  return n;
}

/* The .It line that an option must have. */
static void option_line(Str *out, const Option *o) {
  str_adds(out, ".It ");
  if (o->letter != 0) str_addf(out, "Fl %c , ", o->letter);
  str_addf(out, "Fl -%s", o->name);
  if (o->value != NULL) str_addf(out, " Ar %s", o->value);
  for (int i = 0; o->choices != NULL && o->choices[i] != NULL; i++)
    str_addf(out, "%s%s", i == 0 ? " Cm " : " | ", o->choices[i]);
}

static void check_option(const Command *c, const Option *o, const Str *part) {
  Str line = {0}, initial = {0};
  option_line(&line, o);
  Str item = item_of(part, str_text(&line));
  ck_assert_msg(item.n > 0, "%s: section %s lacks the line: %s", PAGE, c->name, str_text(&line));
  if (o->type == OPTION_CONFIG) str_addf(&initial, "\n.Cm %s", o->key);
  else if (o->initial != NULL) str_addf(&initial, "efault %s", o->initial);
  ck_assert_msg(strstr(str_text(&item), str_text(&initial)) != NULL, "%s: %s --%s: says nothing of \"%s\"", PAGE,
                c->name, o->name, str_text(&initial));
  str_free(&item);
  str_free(&initial);
  str_free(&line);
}

START_TEST(every_option_and_no_other) {
  int n;
  const Command *const *commands = program_commands(&n);
  for (int i = 0; i < n; i++) {
    Str heading = {0};
    str_addf(&heading, ".Ss %s", commands[i]->name);
    Str part = part_of(str_text(&heading), ".S");
    ck_assert_msg(part.n > 0, "%s lacks the section %s", PAGE, str_text(&heading));
    for (int j = 0; j < commands[i]->n_options; j++) check_option(commands[i], &commands[i]->options[j], &part);
    ck_assert_msg(count(str_text(&part), "\n.It Fl ") == commands[i]->n_options, "%s: %s has other options too", PAGE,
                  commands[i]->name);
    str_free(&part);
    str_free(&heading);
  }
  Str all = part_of(".Sh COMMANDS", ".Sh");
  ck_assert_msg(count(str_text(&all), "\n.Ss ") == n, "%s: other commands in section COMMANDS", PAGE);
  str_free(&all);
}
END_TEST

START_TEST(every_toy) {
  Str part = part_of(".Ss toy", ".S");
  for (int i = 0; i < toy_count(); i++) {
    Str line = {0};
    str_addf(&line, "\n.Ql %s", toy_name(i));
    ck_assert_msg(strstr(str_text(&part), str_text(&line)) != NULL, "%s lacks the toy corpus %s", PAGE, toy_name(i));
    str_free(&line);
  }
  ck_assert_int_eq(count(str_text(&part), "\n.Ql "), toy_count());
  str_free(&part);
}
END_TEST

/* Its line that says when it counts, or none. */
static void check_use(const ConfigKey *key, const Str *item) {
  const Config none = {0};
  const char *when = config_keys_use(&none, key).when;
  Str line = {0};
  if (when != NULL) str_addf(&line, "\nCounts only when %s.\n", when);
  ck_assert_msg(strstr(str_text(item), str_text(&line)) != NULL, "%s: %s lacks the line:%s", PAGE, key->path,
                str_text(&line));
  ck_assert_msg(count(str_text(item), "Counts only") == (when != NULL), "%s: %s always counts", PAGE, key->path);
  str_free(&line);
}

START_TEST(every_key_and_no_other) {
  Str part = part_of(".Sh CONFIG", ".Sh");
  for (int i = 0; i < N_CONFIG_KEYS; i++) {
    const ConfigKey *key = config_keys_at(i);
    Str line = {0}, value = {0};
    str_addf(&line, ".It Cm %s", key->path);
    Str item = item_of(&part, str_text(&line));
    ck_assert_msg(item.n > 0, "%s lacks the line: %s", PAGE, str_text(&line));
    str_adds(&value, "\nValue: ");
    config_keys_allowed(&value, key);
    str_addf(&value, "; %s%s.\n", key->initial == NULL ? "no default" : "default ",
             key->initial == NULL ? "" : key->initial);
    ck_assert_msg(strstr(str_text(&item), str_text(&value)) != NULL, "%s: %s lacks the line:%s", PAGE, key->path,
                  str_text(&value));
    check_use(key, &item);
    str_free(&item);
    str_free(&value);
    str_free(&line);
  }
  ck_assert_msg(count(str_text(&part), "\n.It ") == N_CONFIG_KEYS, "%s: other keys in section CONFIG", PAGE);
  str_free(&part);
}
END_TEST

/* A word that starts a line with . or ' would be taken for a macro and vanish. */
START_TEST(no_text_is_lost) {
  static const char *const macros[] = {".Bd", ".Bl", ".Cm", ".Dd", ".Dt", ".Ed", ".El",  ".Em", ".Ev",
                                       ".Fl", ".It", ".Nd", ".Nm", ".Op", ".Os", ".Pa",  ".Pp", ".Ql",
                                       ".Sh", ".Sq", ".Ss", ".Ar", ".Xr", ".Sy", ".\\\""};
  for (const char *at = str_text(&page); at != NULL && *at != '\0'; at = strchr(at, '\n')) {
    at += *at == '\n';
    if (*at == '\0') break;
    bool known = *at != '.' && *at != '\'';
    for (size_t i = 0; i < sizeof macros / sizeof *macros; i++) known = known || strncmp(at, macros[i], 3) == 0;
    ck_assert_msg(known, "%s: %.20s", PAGE, at);
  }
}
END_TEST

Suite *test_man(void);
Suite *test_man(void) {
  Suite *s = suite_create("man");
  TCase *t = tcase_create("man");
  tcase_add_checked_fixture(t, read_page, free_page);
  tcase_add_test(t, every_option_and_no_other);
  tcase_add_test(t, every_toy);
  tcase_add_test(t, every_key_and_no_other);
  tcase_add_test(t, no_text_is_lost);
  suite_add_tcase(s, t);
  return s;
}
