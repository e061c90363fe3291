/* edges.h - a graph over the rows of a matrix: which rows each row looks at. A view. */
#ifndef NUM_EDGES_H
#define NUM_EDGES_H

typedef struct Edges {
  int n;            /* rows; each looks at one or more */
  const int *start; /* [n+1] edges start[r] .. start[r+1]-1 are row r's */
  const int *at;    /* [start[n]] the rows they lead to, rising for each row */
} Edges;

#endif
