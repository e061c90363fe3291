/* attend_case.h - memories and looks for the gradient checks of the attention operations. */
#ifndef AD_ATTEND_CASE_H
#define AD_ATTEND_CASE_H

#include "ad/gradcheck.h"
#include "ad/op.h"

/* Three sentences of 4, 1 and 2 states of size d (leaves), on the tape. */
Memory *attend_case_memory(GradEnv *env, int d);
/* Five query rows over them; whole sentences, or windows of which some end inside. */
Look *attend_case_look(GradEnv *env, const Memory *m, int windowed);
/* Queries of size d for its rows: leaves, or the first five states themselves, so that query and key are one tensor. */
Tensor *attend_case_queries(GradEnv *env, const Memory *m, int d, bool self);
/* The scores that lie inside the windows are outputs of the case. */
void attend_case_scores(GradEnv *env, const Look *look, const Tensor *e);

#endif
