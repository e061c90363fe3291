/* profile.h - where time goes: seconds by name and part, measured from lap to lap, and what matrix products did in
 * them.
 *
 * What is to be measured holds a Profile pointer that is NULL when nobody wants to know; then a lap is one comparison.
 * Zero-initialised a Profile is empty and ready; it owns no memory and belongs to one thread. */
#ifndef BASE_PROFILE_H
#define BASE_PROFILE_H

#include <stddef.h>

enum { PROFILE_MOST = 64 };

/* What matrix products did. */
typedef struct ProfileWork {
  double flops; /* two a multiply-add */
  double bytes; /* of operands and results, each counted once a product */
} ProfileWork;

/* Of this thread, since it began. */
extern _Thread_local ProfileWork profile_work;

typedef struct ProfileRow {
  const char *name, *part; /* part: "forward", "backward" or "" */
  double seconds;
  ProfileWork work;
} ProfileRow;

typedef struct Profile {
  double last;        /* on the clock */
  ProfileWork before; /* at that time */
  int n;
  ProfileRow rows[PROFILE_MOST]; /* [n] in the order they first came */
} Profile;

void profile_begin(Profile *profile);
void profile_end(Profile *profile, const char *name, const char *part);
/* Adds seconds and work to the row of that name and part. */
void profile_add(Profile *profile, const ProfileRow *row);

/* Time counts from now on. */
static inline void profile_start(Profile *profile) {
  if (profile != NULL) profile_begin(profile);
}
/* The time since the last start or lap was spent on this. name and part: texts that outlive the profile. */
static inline void profile_lap(Profile *profile, const char *name, const char *part) {
  if (profile != NULL) profile_end(profile, name, part);
}

#endif
