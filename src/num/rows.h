/* rows.h - which token of which sentence each row of a batch is. */
#ifndef NUM_ROWS_H
#define NUM_ROWS_H

typedef struct Rows {
  int n;
  const int *sentence, *step; /* [n] */
} Rows;

#endif
