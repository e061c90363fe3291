/* attend_case.h - places and looks for the gradient checks of the attention operations. */
#ifndef AD_ATTEND_CASE_H
#define AD_ATTEND_CASE_H

#include "ad/gradcheck.h"
#include "ad/op.h"

/* What kind of case it is. */
typedef struct AttendKind {
  bool windowed; /* else rows look at whole sentences; of the windows some end inside */
  bool self;     /* queries are the first five states themselves: query and key are one tensor */
  bool listed;   /* the rows of sentences are listed, in no order; else they adjoin */
  int heads;
} AttendKind;

/* Five query rows over three sentences of 4, 1 and 2 positions. On the tape. */
typedef struct AttendCase {
  AttendKind kind;
  const Places *places;
  Look *look;
  Tensor *states, *queries; /* [7,heads d], [5,heads d]; leaves */
} AttendCase;
AttendCase attend_case_open(GradEnv *env, const AttendKind *kind, int d);
/* Runs a case of every kind; ctx is the kind. */
void attend_case_each(GradEnv *env, const char *name, void (*build)(GradEnv *env, void *ctx));
/* The scores that lie inside the windows are outputs of the case. */
void attend_case_scores(GradEnv *env, const AttendCase *c, const Tensor *e);

#endif
