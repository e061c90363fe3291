/* signals.h - what signals do: the process ends without its temporary files, training is asked to save and stop, faults
 * that are those of files and libraries are told. For the main thread. */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include <stdatomic.h>

/* From now on signals that end the process unlink its temporary files first (base/temporary.h). Those that were ignored
 * when the program began stay ignored. */
void signals_tidy(void);
/* From now on reading a file in view (base/map.h) that somebody has cut short, and a library's fault (base/fault.h),
 * end the process with a message and status 1. After signals_tidy. */
void signals_guard(void);
/* From now on the first SIGHUP (unless it was ignored), SIGINT or SIGTERM is remembered, and a second one ends the
 * process at once. Gives where its number will stand; 0: none came so far. */
const atomic_int *signals_catch(void);

#endif
