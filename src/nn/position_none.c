/* position_none.c - the order of words is not told: over recurrent states, or on purpose. */
#include "nn/positions.h"

const PositionDef position_none = {.name = "none"};
