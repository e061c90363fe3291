#include "eval/heatmap_terminal.h"

#include <check.h>
#include <string.h>

#include "base/utf8.h"
#include "capture.h"
#include "samples.h"
#include "scratch.h"

static void expect(const Alignment *a, HeatmapTerminalColours colours, int columns, const char *want) {
  Str out = {0};
  heatmap_terminal_draw(&out, a, &(HeatmapTerminal){colours, columns});
  ck_assert_str_eq(str_text(&out), want);
  str_free(&out);
}

#define LEGEND "\nweight 0   ░░▒▒▓▓██ 1\n"

static const Alignment words = {.source = (const char *const[]){"the", "black", "cat", "</s>"},
                                .n_source = 4,
                                .target = (const char *const[]){"le", "chat", "</s>"},
                                .n_target = 3,
                                .weights = (const float[]){1, 0, 0.1999f, 0.2f, 0.4f, 0.6f, 0.79f, 0.8f, 0, 0, 0, 0}};

START_TEST(words_in_stairs) {
  expect(&words, HEATMAP_TERMINAL_PLAIN, 0,
         "     the\n"
         "     │ black\n"
         "     │ │ cat\n"
         "     │ │ │ </s>\n"
         "  le ██    ░░\n"
         "chat ▒▒▓▓▓▓██\n"
         "</s>\n" LEGEND);
}
END_TEST

/* A star in the cell that was looked at, in a colour that stands out. */
START_TEST(stars_of_hard_attention) {
  Alignment a = words;
  a.chosen = (const int[]){0, 3, 1};
  expect(&a, HEATMAP_TERMINAL_PLAIN, 0,
         "     the\n"
         "     │ black\n"
         "     │ │ cat\n"
         "     │ │ │ </s>\n"
         "  le █*    ░░\n"
         "chat ▒▒▓▓▓▓█*\n"
         "</s>    *\n" LEGEND "* looked at\n");
  Str out = {0};
  heatmap_terminal_draw(&out, &a, &(HeatmapTerminal){HEATMAP_TERMINAL_256, 0});
  /* Black on the brightest colour, white on the darkest. */
  ck_assert_ptr_nonnull(strstr(str_text(&out), "\x1b[38;5;16m *"));
  ck_assert_ptr_nonnull(strstr(str_text(&out), "\x1b[38;5;231m *"));
  str_free(&out);
}
END_TEST

START_TEST(short_tokens_above_their_cells) {
  Alignment a = sample_ties;
  a.n_source = 3;
  a.source =
      (const char *const[]){"\xE7\x8C\xAB", "e\xCC\x81", "\x1B"}; /* wide; a combining mark; a control character */
  a.n_target = 2;
  a.weights = (const float[]){1, 0, 0, 0, 0, 1};
  expect(&a, HEATMAP_TERMINAL_PLAIN, 0,
         "  \xE7\x8C\xAB"
         "e\xCC\x81 ␛\np ██\nq     ██\n" LEGEND);
}
END_TEST

START_TEST(nothing_to_draw) { expect(&sample_empty, HEATMAP_TERMINAL_PLAIN, 0, " </s>\n" LEGEND); }
END_TEST

/* 14 columns: labels of at most 4; 4 + 1 for the target tokens leaves 9: cells 0 to 1, where "bla…" ends at column 11,
 * "cat" at 12, and "</s>" would end at 15. */
START_TEST(blocks_of_a_narrow_terminal) {
  expect(&words, HEATMAP_TERMINAL_PLAIN, 14,
         "source tokens 1 to 3 of 4\n"
         "     the\n"
         "     │ bl…k\n"
         "     │ │ cat\n"
         "  le ██\n"
         "chat ▒▒▓▓▓▓\n"
         "</s>\n"
         "\n"
         "source tokens 4 to 4 of 4\n"
         "     </s>\n"
         "  le ░░\n"
         "chat ██\n"
         "</s>\n" LEGEND);
}
END_TEST

START_TEST(long_tokens_are_cut) {
  Alignment a = {.source = (const char *const[]){"ab\xE7\x8C\xAB\xE7\x8C\xAB"},
                 .n_source = 1,
                 .target = (const char *const[]){"\xE7\x8C\xAB\xE7\x8C\xAB\xE7\x8C\xAB", "\tb\x7F\xC2\x85"},
                 .n_target = 2,
                 .weights = (const float[]){1, 0.5f}};
  expect(&a, HEATMAP_TERMINAL_PLAIN, 13, /* labels of 4 columns */
         "     a…\xE7\x8C\xAB\n \xE7\x8C\xAB… ██\n␉b␡\xEF\xBF\xBD ▒▒\n" LEGEND);
}
END_TEST

static const Alignment one = {.source = (const char *const[]){"x", "y", "z"},
                              .n_source = 3,
                              .target = (const char *const[]){"p"},
                              .n_target = 1,
                              .weights = (const float[]){1, 0, 0.5f}};

static void expect_start(HeatmapTerminalColours colours, const char *want) {
  Str out = {0};
  heatmap_terminal_draw(&out, &one, &(HeatmapTerminal){colours, 80});
  ck_assert_msg(strncmp(str_text(&out), want, strlen(want)) == 0, "%s", str_text(&out));
  ck_assert_ptr_nonnull(strstr(str_text(&out), "\nweight 0 \x1b[48;"));
  ck_assert_str_eq(str_text(&out) + out.n - strlen("  \x1b[0m 1\n"), "  \x1b[0m 1\n");
  str_free(&out);
}

/* xterm: 16 + 36 r + 6 g + b with steps 0 95 135 175 215 255. (253,231,37): 255 215 0 = 220. (68,1,84): 95 0 95 is
 * 27² + 1 + 11² away, the grey 48 20² + 47² + 36²: 53. (33,145,140): 0 135 135 = 30. */
START_TEST(colours) {
  expect_start(HEATMAP_TERMINAL_TRUECOLOUR,
               "  x y z\np \x1b[48;2;253;231;37m  \x1b[48;2;68;1;84m  \x1b[48;2;33;145;140m  \x1b[0m\n");
  expect_start(HEATMAP_TERMINAL_256, "  x y z\np \x1b[48;5;220m  \x1b[48;5;53m  \x1b[48;5;30m  \x1b[0m\n");
}
END_TEST

START_TEST(what_the_environment_says) {
  static const struct {
    HeatmapTerminalEnvironment environment;
    HeatmapTerminalColours want;
  } cases[] = {{{true, NULL, "truecolor", "xterm"}, HEATMAP_TERMINAL_TRUECOLOUR},
               {{true, NULL, "24bit", NULL}, HEATMAP_TERMINAL_TRUECOLOUR},
               {{true, "", "truecolor", "xterm-256color"}, HEATMAP_TERMINAL_TRUECOLOUR},
               {{true, NULL, "yes", "xterm-256color"}, HEATMAP_TERMINAL_256},
               {{true, NULL, NULL, "screen-256color"}, HEATMAP_TERMINAL_256},
               {{true, NULL, NULL, "xterm"}, HEATMAP_TERMINAL_PLAIN},
               {{true, NULL, NULL, NULL}, HEATMAP_TERMINAL_PLAIN},
               {{true, NULL, "truecolor", "dumb"}, HEATMAP_TERMINAL_PLAIN},
               {{true, "1", "truecolor", "xterm-256color"}, HEATMAP_TERMINAL_PLAIN},
               {{false, NULL, "truecolor", "xterm-256color"}, HEATMAP_TERMINAL_PLAIN}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    ck_assert_int_eq(heatmap_terminal_colours(&cases[i].environment), cases[i].want);
}
END_TEST

/* "weight 0 " and " 1" take 11 columns, a colour takes 2. */
START_TEST(legend_of_a_narrow_terminal) {
  static const int widths[][2] = {{0, 16}, {80, 16}, {43, 16}, {42, 15}, {21, 5}, {5, 2}};
  for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
    Str out = {0};
    int n = 0;
    heatmap_terminal_draw(&out, &one, &(HeatmapTerminal){HEATMAP_TERMINAL_TRUECOLOUR, widths[i][0]});
    for (const char *at = strstr(str_text(&out), "\nweight"); (at = strstr(at, "\x1b[48;")) != NULL; at++) n++;
    ck_assert_int_eq(n, widths[i][1]);
    str_free(&out);
  }
}
END_TEST

/* No line of any drawing is wider than the terminal, down to where a label and a cell still fit. */
START_TEST(fits_every_width) {
  for (int columns = 12; columns < 60; columns++) {
    Str out = {0};
    heatmap_terminal_draw(&out, &words, &(HeatmapTerminal){HEATMAP_TERMINAL_PLAIN, columns});
    for (const char *at = strstr(str_text(&out), "     the"); at != NULL && *at != '\0';) {
      const char *end = strchr(at, '\n');
      if (strncmp(at, "source ", 7) != 0 && strncmp(at, "weight ", 7) != 0)
        ck_assert_int_le(utf8_width(at, (size_t)(end - at)), columns);
      at = end + 1;
    }
    str_free(&out);
  }
}
END_TEST

START_TEST(the_command) {
  Scratch scratch;
  scratch_open(&scratch);
  const char *path = scratch_text(&scratch, "m.csv", ",x,y\np,1,0\nq,0,1\n");
  capture_expect(&scratch, (const char *[]){"heatmap", path, NULL}, 0, "  x y\np ██\nq   ██\n" LEGEND, "");
  path = scratch_text(&scratch, "m.jsonl",
                      "{\"id\":0,\"source\":[\"</s>\"],\"target\":[],\"alignment\":[]}\n"
                      "{\"id\":1,\"source\":[\"a\"],\"target\":[\"b\"],\"alignment\":[[0.5]]}\n");
  capture_expect(&scratch, (const char *[]){"heatmap", "--sentence", "2", path, NULL}, 0, "  a\nb ▒▒\n" LEGEND, "");
  Capture capture = capture_run(&scratch, (const char *[]){"heatmap", path, "--sentence", "3", NULL});
  ck_assert_int_eq(capture.status, 1);
  ck_assert_str_eq(str_text(&capture.out), "");
  ck_assert_ptr_nonnull(strstr(str_text(&capture.message), "/m.jsonl: no sentence 3 in its 2 lines\n"));
  capture_free(&capture);
  scratch_close(&scratch);
}
END_TEST

Suite *test_heatmap_terminal(void);
Suite *test_heatmap_terminal(void) {
  Suite *s = suite_create("heatmap_terminal");
  TCase *t = tcase_create("heatmap_terminal");
  tcase_add_test(t, words_in_stairs);
  tcase_add_test(t, short_tokens_above_their_cells);
  tcase_add_test(t, nothing_to_draw);
  tcase_add_test(t, blocks_of_a_narrow_terminal);
  tcase_add_test(t, long_tokens_are_cut);
  tcase_add_test(t, colours);
  tcase_add_test(t, what_the_environment_says);
  tcase_add_test(t, stars_of_hard_attention);
  tcase_add_test(t, legend_of_a_narrow_terminal);
  tcase_add_test(t, fits_every_width);
  tcase_add_test(t, the_command);
  suite_add_tcase(s, t);
  return s;
}
