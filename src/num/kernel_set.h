/* kernel_set.h - the functions of kernels.def as one set of instructions has them, and their table. To be included by
 * kernels.c once a set, SET being its name, and FLOATS that of the first that gives the same floating-point numbers. */
#define KERNEL_JOIN(a, b) a##_##b
#define KERNEL_NAME(a, b) KERNEL_JOIN(a, b)
#define KERNEL_TEXT(a) #a
#define KERNEL_QUOTE(a) KERNEL_TEXT(a)

#define FUNCTION(type, name, parameters, arguments) type KERNEL_NAME(name, SET) parameters;
#include "num/kernels.def"
#undef FUNCTION

static const Kernels KERNEL_NAME(set, SET) = {
    KERNEL_QUOTE(SET),
    KERNEL_QUOTE(FLOATS),
    KERNEL_NAME(have, SET),
#define FUNCTION(type, name, parameters, arguments) KERNEL_NAME(name, SET),
#include "num/kernels.def"
#undef FUNCTION
};

#undef KERNEL_JOIN
#undef KERNEL_NAME
#undef KERNEL_TEXT
#undef KERNEL_QUOTE
#undef SET
#undef FLOATS
