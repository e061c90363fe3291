/* attend_rows.h - the rows that a query row looks at, for the kernels of a head. */
#ifndef AD_ATTEND_ROWS_H
#define AD_ATTEND_ROWS_H

#include "ad/op.h"
#include "num/heads.h"
#include "num/vec.h"

/* Those in the window of row r; x: the values or the gradients of t. */
static inline HeadRows attend_rows(const Places *p, const Look *look, int r, const Tensor *t, real *x) {
  size_t first = (size_t)(p->start[look->sentence[r]] + look->low[r]);
  HeadRows rows = {x, (size_t)t->ld, NULL, (size_t)(look->high[r] - look->low[r])};
  if (p->row == NULL) rows.x += first * rows.ld;
  else rows.at = p->row + first;
  return rows;
}

/* The end of the block of rows from r on, at most 8, that look at one sentence through one window: head by head, what
 * they read and write stays near. */
static inline int attend_block(const Look *look, int r) {
  int end = r + 1;
  while (end < look->n && end < r + 8 && look->sentence[end] == look->sentence[r] && look->low[end] == look->low[r] &&
         look->high[end] == look->high[r])
    end++;
  return end;
}

/* y_j (+)= a row_j . x, k numbers each; of one head the sums are those of vec_dot, as they were before there were
 * several.
 */
static inline void attend_dots(int heads, const HeadRows *rows, const real *x, size_t k, real a, bool add, real *y) {
  if (heads > 1) {
    heads_dots(rows, x, k, a, add, y);
    return;
  }
  for (size_t j = 0; j < rows->n; j++) {
    real sum = vec_dot(x, rows->x + (rows->at == NULL ? j : (size_t)rows->at[j]) * rows->ld, k);
    y[j] = add ? y[j] + a * sum : a * sum;
  }
}

/* Columns of head h of rows r .. end - 1; x: the values or the gradients of t. */
static inline HeadRows attend_queries(const Tensor *t, real *x, int heads, int h, int r, int end) {
  size_t ld = (size_t)t->ld;
  return (HeadRows){x + (size_t)r * ld + h * (t->cols / heads), ld, NULL, (size_t)(end - r)};
}

#endif
