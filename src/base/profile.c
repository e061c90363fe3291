#include "base/profile.h"

#include <string.h>

#include "base/clock.h"
#include "base/err.h"

void profile_begin(Profile *profile) { profile->last = clock_now(); }

void profile_add(Profile *profile, const char *name, const char *part, double seconds) {
  int i = 0;
  while (i < profile->n && (strcmp(profile->rows[i].name, name) != 0 || strcmp(profile->rows[i].part, part) != 0)) i++;
  CHECK(i < PROFILE_MOST, "profile: more than %d rows", PROFILE_MOST);
  if (i == profile->n) profile->rows[profile->n++] = (ProfileRow){name, part, 0};
  profile->rows[i].seconds += seconds;
}

void profile_end(Profile *profile, const char *name, const char *part) {
  double now = clock_now();
  profile_add(profile, name, part, now - profile->last);
  profile->last = now;
}
