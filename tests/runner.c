/* runner.c - runs every suite of tests/, or only those named on the command line; exit status 1 when a check fails. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "num/kernels.h"

#define SUITE(name) Suite *name(void);
#include "suites.def"
#undef SUITE

static const struct {
  const char *name;
  Suite *(*make)(void);
} suites[] = {
#define SUITE(name) {#name, name},
#include "suites.def"
#undef SUITE
};

static int wanted(const char *name, int argc, char **argv) {
  for (int i = 1; i < argc; i++)
    if (strcmp(name, argv[i]) == 0) return 1;
  return argc < 2;
}

static int known(const char *name) {
  for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
    if (strcmp(name, suites[i].name) == 0) return 1;
  return 0;
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++)
    if (!known(argv[i])) return (void)fprintf(stderr, "runner: no such suite: %s\n", argv[i]), EXIT_FAILURE;
  Err err = {0};
  if (!kernels_choose(getenv("ATTN_SEQ2SEQ_KERNELS"), &err))
    return (void)fprintf(stderr, "%s\n", err.text), EXIT_FAILURE;
  SRunner *runner = srunner_create(NULL);
  for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
    if (wanted(suites[i].name, argc, argv)) srunner_add_suite(runner, suites[i].make());
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
