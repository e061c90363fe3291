/* signals.h - SIGINT and SIGTERM as a request to save and stop. For the main thread. */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include <stdatomic.h>

/* From now on the first of these signals is remembered, and a second one ends the process at once. Gives where its
 * number will stand; 0: none came so far. */
const atomic_int *signals_catch(void);

#endif
