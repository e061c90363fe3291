/* monitor.h - what several threads share is used by one at a time, and one can wait for what another does.
 *
 * A Monitor belongs to who made it; any thread may enter. It is not entered twice by a thread. */
#ifndef BASE_MONITOR_H
#define BASE_MONITOR_H

typedef struct Monitor Monitor;

Monitor *monitor_new(void);
/* Nobody is inside or waits. NULL is allowed. */
void monitor_free(Monitor *monitor);
void monitor_enter(Monitor *monitor);
void monitor_leave(Monitor *monitor);
/* From inside: lets others in until somebody wakes; it may also come back without. */
void monitor_wait(Monitor *monitor);
/* Wakes all that wait. */
void monitor_wake(Monitor *monitor);

#endif
