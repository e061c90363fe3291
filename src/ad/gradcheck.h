/* gradcheck.h - compares the gradients an operation or network gives with central differences, element by element.
 * Meant for the double build: step 1e-5, |a - n| <= 1e-6 max(|a|, |n|, 1e-3).
 *
 * A case is a function that builds a graph from gradcheck_input leaves (and the tape's parameters) and names its
 * outputs; it is run anew for every perturbation and must be deterministic. One thread. */
#ifndef AD_GRADCHECK_H
#define AD_GRADCHECK_H

#include "ad/tape.h"
#include "base/str.h"

typedef struct GradEnv GradEnv;
typedef void (*GradCase)(GradEnv *env, void *ctx);

struct GradEnv {
  Tape tape;
  struct GradLeaf *leaves; /* what gradcheck_input made, in order */
  int n_leaves, cap_leaves;
  int next_leaf, next_output; /* counters of the run going on */
  double objective;           /* of the run going on */
  Str report;                 /* one line a failure */
  int n_failures, n_checked;
};

/* params may be NULL; its values are perturbed and put back. */
void gradcheck_init(GradEnv *env, ParamSet *params);
void gradcheck_free(GradEnv *env);
/* A leaf tensor: random values in (-1, 1) times scale, the same in every run. Returns a copy of it on the tape. */
Tensor *gradcheck_input(GradEnv *env, int rows, int cols, double scale);
/* Adds sum(y * fixed random weights) to the objective. */
void gradcheck_output(GradEnv *env, const Tensor *y);
/* Adds a number whose gradient the operation has already put where it belongs. */
void gradcheck_add(GradEnv *env, double objective);
/* Runs a case and checks every element of every leaf and parameter. Failures go to env->report. */
void gradcheck_run(GradEnv *env, const char *name, GradCase build, void *ctx);

#endif
