/* hard_check.h - what hard attention goes with. */
#ifndef CONF_HARD_CHECK_H
#define CONF_HARD_CHECK_H

#include "conf/checker.h"
#include "conf/config.h"

void hard_check(Checker *check, const ModelConfig *model);

#endif
