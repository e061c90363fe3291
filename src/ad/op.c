#include "ad/op.h"

#define OP(name) extern const OpDef op_##name##_def;
#include "ad/ops.def"
#undef OP

static const OpDef *const ops[] = {
#define OP(name) &op_##name##_def,
#include "ad/ops.def"
#undef OP
};

const OpDef *op_registry(int i) { return i < (int)(sizeof ops / sizeof *ops) ? ops[i] : 0; }
