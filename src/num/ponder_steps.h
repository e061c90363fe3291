/* ponder_steps.h - how many steps were taken for each token of a pair by adaptive computation time (Graves 2016), the
 * mean of the layers and directions of a side. Views, owned by whoever fills them in. */
#ifndef NUM_PONDER_STEPS_H
#define NUM_PONDER_STEPS_H

typedef struct PonderSteps {
  const double *source, *target; /* [S], [T], with `</s>`; NULL: of a side that does not ponder */
} PonderSteps;

#endif
