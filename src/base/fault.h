/* fault.h - what a library is doing, so that a signal that it ends with can be told as what it most likely is: some
 * write to memory that they did not get.
 *
 * Set by the main thread while no other thread of the program works. Libraries have threads of their own, which go on
 * when the main thread is back from them. */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

/* Sets what faults are to be told as; NULL: bugs, as they are at first. Returns what it was before. */
const char *fault_tell(const char *as);
/* Says that this thread is the program's. */
void fault_own_thread(void);
/* What a fault of this thread is to be told as; of one that is not the program's, what was set last. For signal
 * handlers. */
const char *fault_told(void);

#endif
