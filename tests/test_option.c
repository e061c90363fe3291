#include "cli/option.h"

#include <check.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "cli/program.h"
#include "conf/config_keys.h"

typedef struct Values {
  bool quiet;
  int64_t count;
  double ratio;
  const char *log, *out;
  int format;
  OptionList models, sets;
} Values;

static const char *const formats[] = {"text", "jsonl", NULL};
static const Option table[] = {
    OPT_FLAG(Values, quiet, "quiet", 'q', "say nothing"),
    OPT_INT(Values, count, "n-best", 'n', "N", "3", 1, 100, "how many"),
    OPT_REAL(Values, ratio, "ratio", 0, "R", NULL, 0, HUGE_VAL, "how much"),
    OPT_TEXT(Values, log, "log", 0, "FILE", NULL, "where the log goes"),
    OPT_TEXT(Values, out, "output", 'o', "FILE", "out.txt", "where the output goes"),
    OPT_CHOICE(Values, format, "format", 0, formats, "text", "form of the output"),
    OPT_LIST(Values, models, "model", 'm', "MODEL", "a model"),
    OPT_LIST(Values, sets, "set", 0, "KEY=VALUE", "set a key"),
    OPT_CONFIG(Values, sets, "beam-size", 'b', "K", "translate.beam_size"),
};

static const Command command = {
    .name = "try",
    .arguments = "A [B]",
    .summary = "Try things",
    .options = table,
    .n_options = sizeof table / sizeof *table,
    .min_arguments = 1,
    .max_arguments = 2,
    .size = sizeof(Values),
};

enum { MOST = 16 };

static int words(const char *const *argv) {
  int n = 0;
  while (argv[n] != NULL) n++;
  return n;
}

static OptionLine parsed(const char *const *argv) {
  OptionLine line;
  Err err = {0};
  ck_assert_msg(option_parse(&line, &command, argv, words(argv), &err), "%s", err.text);
  return line;
}

START_TEST(defaults) {
  OptionLine line = parsed((const char *const[]){"a", NULL});
  const Values *v = line.values;
  ck_assert(!v->quiet);
  ck_assert_int_eq(v->count, 3);
  ck_assert_double_eq(v->ratio, 0);
  ck_assert_ptr_null(v->log);
  ck_assert_str_eq(v->out, "out.txt");
  ck_assert_int_eq(v->format, 0);
  ck_assert_int_eq(v->models.n, 0);
  ck_assert_int_eq(line.n_arguments, 1);
  option_free(&line);
}
END_TEST

START_TEST(all_forms) {
  OptionLine line =
      parsed((const char *const[]){"-q", "--n-best=5", "--ratio", "-0", "-", "-obin", "--format", "jsonl", "-m", "x",
                                   "--model=y", "-mz", "--set", "a=b", "-b", "7", "--", "--log", NULL});
  const Values *v = line.values;
  ck_assert(v->quiet);
  ck_assert_int_eq(v->count, 5);
  ck_assert_str_eq(v->out, "bin");
  ck_assert_int_eq(v->format, 1);
  ck_assert_int_eq(v->models.n, 3);
  ck_assert_str_eq(v->models.at[2], "z");
  ck_assert_int_eq(v->sets.n, 2);
  ck_assert_str_eq(v->sets.at[0], "a=b");
  ck_assert_str_eq(v->sets.at[1], "translate.beam_size=7");
  ck_assert_int_eq(line.n_arguments, 2);
  ck_assert_str_eq(line.arguments[0], "-");
  ck_assert_str_eq(line.arguments[1], "--log");
  option_free(&line);
}
END_TEST

START_TEST(a_value_may_be_empty_or_look_like_an_option) {
  OptionLine line = parsed((const char *const[]){"a", "--log=", "--output", "--quiet", NULL});
  const Values *v = line.values;
  ck_assert_str_eq(v->log, "");
  ck_assert_str_eq(v->out, "--quiet");
  ck_assert(!v->quiet);
  option_free(&line);
}
END_TEST

START_TEST(help_ends_reading) {
  OptionLine line = parsed((const char *const[]){"--help", "--nonsense", NULL});
  ck_assert(line.help);
  option_free(&line);
}
END_TEST

static const struct {
  const char *argv[MOST], *message;
} bad[] = {
    {{NULL}, "try: missing arguments; expected: try A [B]"},
    {{"a", "b", "c"}, "try: one argument too many: c; expected: try A [B]"},
    {{"a", "--quite"}, "try: --quite: unknown option; did you mean --quiet?"},
    {{"a", "--zzzzzz=3"}, "try: --zzzzzz: unknown option"},
    {{"a", "--epochs", "3"}, "try: --epochs: unknown option; to set the key: --set train.epochs=VALUE"},
    {{"a", "--early-stop=3"}, "try: --early-stop: unknown option; to set the key: --set train.early_stop=VALUE"},
    {{"a", "-z"}, "try: -z: unknown option"},
    {{"a", "-5"}, "try: -5: unknown option"},
    {{"a", "-qn"}, "try: -qn: takes no value"},
    {{"a", "--quiet=1"}, "try: --quiet=1: takes no value"},
    {{"a", "--quiet", "-q"}, "try: -q: given twice; give it once"},
    {{"a", "--log=x", "--log", "x"}, "try: --log: given twice; give it once"},
    {{"a", "-b3", "-b4"}, "try: -b4: given twice; give it once"},
    {{"a", "--log"}, "try: --log: needs a value: FILE"},
    {{"a", "--n-best=0"}, "try: --n-best: \"0\" is not an integer from 1 to 100"},
    {{"a", "--n-best=101"}, "try: --n-best: \"101\" is not an integer from 1 to 100"},
    {{"a", "--n-best=2.0"}, "try: --n-best: \"2.0\" is not an integer from 1 to 100"},
    {{"a", "--n-best="}, "try: --n-best: \"\" is not an integer from 1 to 100"},
    {{"a", "--n-best", " 2"}, "try: --n-best: \" 2\" is not an integer from 1 to 100"},
    {{"a", "--n-best", "5x"}, "try: --n-best: \"5x\" is not an integer from 1 to 100"},
    {{"a", "--n-best", "99999999999999999999"},
     "try: --n-best: \"99999999999999999999\" is not an integer from 1 to 100"},
    {{"a", "--ratio=-1"}, "try: --ratio: \"-1\" is not a number of at least 0"},
    {{"a", "--ratio=nan"}, "try: --ratio: \"nan\" is not a number of at least 0"},
    {{"a", "--ratio=1e999"}, "try: --ratio: \"1e999\" is not a number of at least 0"},
    {{"a", "--ratio=0x10"}, "try: --ratio: \"0x10\" is not a number of at least 0"},
    {{"a", "--ratio=1e"}, "try: --ratio: \"1e\" is not a number of at least 0"},
    {{"a", "--format=json"}, "try: --format: \"json\" is not one of text, jsonl"},
    {{"a", "--beam-size=0"}, "try: --beam-size: \"0\" is not an integer from 1 to 1000"},
    {{"a", "--beam-size=x"}, "try: --beam-size: \"x\" is not an integer from 1 to 1000"},
};

START_TEST(bad_lines_are_named) {
  OptionLine line;
  Err err = {0};
  ck_assert(!option_parse(&line, &command, bad[_i].argv, words(bad[_i].argv), &err));
  ck_assert_int_eq(err.kind, ERR_USAGE);
  ck_assert_str_eq(err.text, bad[_i].message);
  ck_assert_ptr_null(line.values);
}
END_TEST

START_TEST(help_shows_the_table) {
  Str help = {0};
  option_help(&help, &command);
  const char *text = str_text(&help);
  ck_assert_ptr_nonnull(strstr(text, "Usage: attn-seq2seq try [OPTION]... A [B]\nTry things\n"));
  ck_assert_ptr_nonnull(strstr(text, "  -n, --n-best N                how many [3]\n"));
  ck_assert_ptr_nonnull(strstr(text, "      --format text|jsonl       form of the output [text]\n"));
  ck_assert_ptr_nonnull(strstr(text, "  -m, --model MODEL             a model; may be repeated\n"));
  ck_assert_ptr_nonnull(
      strstr(text, "hypotheses kept at each step [the config's translate.beam_size, by default 5]\n"));
  str_free(&help);
}
END_TEST

static void check_option(const Command *c, int i) {
  const Option *o = &c->options[i];
  for (int j = 0; j < i; j++) {
    ck_assert_msg(strcmp(o->name, c->options[j].name) != 0, "%s --%s stands twice", c->name, o->name);
    ck_assert_msg(o->letter == 0 || o->letter != c->options[j].letter, "%s -%c stands twice", c->name, o->letter);
  }
  ck_assert_msg(strcmp(o->name, "help") != 0 && o->letter != 'h', "%s --%s hides --help", c->name, o->name);
  ck_assert_msg(o->type != OPTION_CONFIG || config_keys_find(o->key) >= 0, "%s --%s: no key %s", c->name, o->name,
                o->key);
  ck_assert_msg(o->type == OPTION_CONFIG || o->help != NULL, "%s --%s has no help", c->name, o->name);
}

/* The tables of the program itself; option_parse checks their defaults. */
START_TEST(tables_are_sound) {
  int n;
  const Command *const *commands = program_commands(&n);
  for (int i = 0; i < n; i++) {
    const Command *c = commands[i];
    const char *const many[] = {"a", "b", "c", "d"};
    OptionLine line;
    Err err = {0};
    for (int j = 0; j < c->n_options; j++) check_option(c, j);
    ck_assert_msg(option_parse(&line, c, many, c->min_arguments, &err), "%s", err.text);
    option_free(&line);
  }
}
END_TEST

/* The words of an example up to what is the shell's, as the program gets them. */
static int example_words(char *text, const char **argv) {
  int n = 0;
  for (char *word = strtok(text, " "); word != NULL && strchr("<>|", word[0]) == NULL; word = strtok(NULL, " ")) {
    ck_assert_int_lt(n, MOST);
    argv[n++] = word;
  }
  return n;
}

START_TEST(examples_can_be_typed) {
  int n;
  const Command *const *commands = program_commands(&n);
  for (int c = 0; c < n; c++) {
    ck_assert_msg(commands[c]->examples != NULL && commands[c]->examples[0] != NULL, "%s", commands[c]->name);
    for (int i = 0; commands[c]->examples[i] != NULL; i++) {
      const char *example = commands[c]->examples[i], *argv[MOST];
      char *text = mem_text(example, strlen(example));
      OptionLine line;
      Err err = {0};
      int n_words = example_words(text, argv);
      ck_assert_str_eq(argv[0], commands[c]->name);
      ck_assert_msg(option_parse(&line, commands[c], argv + 1, n_words - 1, &err), "%s: %s", example, err.text);
      option_free(&line);
      mem_free(text);
    }
  }
}
END_TEST

Suite *test_option(void);
Suite *test_option(void) {
  Suite *s = suite_create("option");
  TCase *t = tcase_create("option");
  tcase_add_test(t, examples_can_be_typed);
  tcase_add_test(t, defaults);
  tcase_add_test(t, all_forms);
  tcase_add_test(t, a_value_may_be_empty_or_look_like_an_option);
  tcase_add_test(t, help_ends_reading);
  tcase_add_loop_test(t, bad_lines_are_named, 0, sizeof bad / sizeof *bad);
  tcase_add_test(t, help_shows_the_table);
  tcase_add_test(t, tables_are_sound);
  suite_add_tcase(s, t);
  return s;
}
