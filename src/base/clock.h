/* clock.h - time that only moves forward, for measuring how long something took. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

/* Seconds since some moment. Any thread. */
double clock_now(void);

#endif
