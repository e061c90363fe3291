/* attend_case.h - memories and looks for the gradient checks of the attention operations. */
#ifndef AD_ATTEND_CASE_H
#define AD_ATTEND_CASE_H

#include "ad/gradcheck.h"
#include "ad/op.h"

/* Three sentences of 4, 1 and 2 states of size d (leaves), on the tape. */
Memory *attend_case_memory(GradEnv *env, int d);
/* Five query rows over them; whole sentences, or windows of which some end inside. */
Look *attend_case_look(GradEnv *env, const Memory *m, int windowed);

#endif
