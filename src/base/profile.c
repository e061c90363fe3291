#include "base/profile.h"

#include <string.h>

#include "base/clock.h"
#include "base/err.h"

_Thread_local ProfileWork profile_work;

void profile_begin(Profile *profile) {
  profile->last = clock_now();
  profile->before = profile_work;
}

void profile_add(Profile *profile, const ProfileRow *row) {
  int i = 0;
  while (i < profile->n &&
         (strcmp(profile->rows[i].name, row->name) != 0 || strcmp(profile->rows[i].part, row->part) != 0))
    i++;
  CHECK(i < PROFILE_MOST, "profile: more than %d rows", PROFILE_MOST);
  if (i == profile->n) profile->rows[profile->n++] = (ProfileRow){.name = row->name, .part = row->part};
  profile->rows[i].seconds += row->seconds;
  profile->rows[i].work.flops += row->work.flops;
  profile->rows[i].work.bytes += row->work.bytes;
}

void profile_end(Profile *profile, const char *name, const char *part) {
  double now = clock_now();
  ProfileWork work = {profile_work.flops - profile->before.flops, profile_work.bytes - profile->before.bytes};
  profile_add(profile, &(ProfileRow){name, part, now - profile->last, work});
  profile->last = now;
  profile->before = profile_work;
}
