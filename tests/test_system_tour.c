/* Every command of doc/TOUR.md runs to its end, on small corpora and with trainings of two updates, and trains the
 * models that doc/tour.txt measures. */
#include <check.h>

#include "eval/picture.h"
#include "session.h"

/* Not in a build that cannot draw their pictures. */
START_TEST(commands_run) {
  if (picture_available()) session_must(".", "PROGRAM=$A doc/tour.sh --trial");
}
END_TEST

Suite *test_system_tour(void);
Suite *test_system_tour(void) {
  Suite *s = suite_create("system: tour");
  TCase *t = tcase_create("system: tour");
  tcase_set_timeout(t, 300);
  tcase_add_test(t, commands_run);
  suite_add_tcase(s, t);
  return s;
}
