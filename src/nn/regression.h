/* regression.h - Nadaraya-Watson regression (Nadaraya 1964, Watson 1964) by the attention that translates: points are
 * keys x and values y of size 1, a number is the query, and the estimate is the context, the mean of the y by the
 * weights that a kernel gives to how near their x are.
 *
 * Numbers are doubles outside and `real` inside, where x and y are taken from their means. One thread. */
#ifndef NN_REGRESSION_H
#define NN_REGRESSION_H

#include "nn/model_config.h"

typedef struct RegressionPoints {
  int n; /* at least 1 */
  const double *x, *y;
} RegressionPoints;

typedef struct Regression {
  const RegressionPoints *points;
  ScoreKind kernel; /* a kernel or the average */
  double width;     /* w of the kernel, above 0; nothing to the average */
} Regression;

/* estimates [n] and, if not NULL, weights [n, points] of n queries. */
void regression_at(const Regression *regression, const double *queries, int n, double *estimates, float *weights);
/* Mean over the points of the squared difference between y and the estimate from the other points, of which there is
 * one at least. slope, if not NULL: its derivative by the width. */
double regression_error(const Regression *regression, double *slope);
/* The width of least such error that descent finds by the gradient, from the best of a row of widths that double. The
 * kernel has a gradient, and there are two different x. */
double regression_learn(const RegressionPoints *points, ScoreKind kernel);

#endif
