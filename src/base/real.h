/* real.h - the number type of the model: float, or double in the gradient-check build (-DREAL_DOUBLE). */
#ifndef BASE_REAL_H
#define BASE_REAL_H

#ifdef REAL_DOUBLE
typedef double real;
#define REAL_IS_DOUBLE 1
#else
typedef float real;
#define REAL_IS_DOUBLE 0
#endif

#endif
