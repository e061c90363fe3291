#include "samples.h"

const Alignment sample_quoted = {
    .source = (const char *const[]){"a,b", "\"x", "</s>"},
    .n_source = 3,
    .target = (const char *const[]){"c\nd", "\xE7\x8C\xAB", "</s>"},
    .n_target = 3,
    .text = "c\nd \xE7\x8C\xAB",
    .score = -0.25,
    .token_logprob = (const double[]){-0.125, -1.0 / 3, -1e-10},
    .weights = (const float[]){0.1f, 0.9f, 0, 1.0f / 3, 0.5f, 1.0f / 6, 1e-12f, 0, 1},
};

const Alignment sample_empty = {
    .id = 1, .source = (const char *const[]){"</s>"}, .n_source = 1, .target = NULL, .text = ""};

const Alignment sample_ties = {
    .id = 2,
    .source = (const char *const[]){"x", "y", "z", "</s>"},
    .n_source = 4,
    .target = (const char *const[]){"p", "q", "r", "s", "</s>"},
    .n_target = 5,
    .text = "p q r s",
    .score = -2,
    .token_logprob = (const double[]){-1, -0.5, -0.25, -0.125, -0.125},
    .weights = (const float[]){0.25f,  0.5f,   0.25f,  0,      /* y */
                               0.125f, 0.375f, 0.125f, 0.375f, /* y and </s>: the lower */
                               0,      0.25f,  0.25f,  0.5f,   /* </s>: no link */
                               0.5f,   0,      0.5f,   0,      /* x and z: the lower */
                               1,      0,      0,      0},     /* the closing </s> is no word */
};
