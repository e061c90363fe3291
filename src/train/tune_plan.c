#include "train/tune_plan.h"

#include <math.h>

/* Updates before which draws cannot be told apart, draws that are the most worth planning, and how many trainings of
 * full length a budget is worth. */
enum { LEAST_UPDATES = 20, LEAST_DRAWS = 6, MOST_DRAWS = 150, WHOLE = 8, ETA = 3 };

static long power(int n) {
  long p = 1;
  while (n-- > 0) p *= ETA;
  return p;
}

static int draws_at(int n_draws, int rung) {
  int n = (int)((n_draws + power(rung) - 1) / power(rung)) + (rung > 0 ? TUNE_PLAN_KEPT : 0);
  return n < n_draws ? n : n_draws;
}

static int folds_at(int n_folds, int rung, int n_rungs) {
  return rung == n_rungs - 1 || n_folds < rung + 1 ? n_folds : rung + 1;
}

static TunePlan plan_of(int n_draws, int n_rungs, int n_folds, long first) {
  TunePlan plan = {.n_rungs = n_rungs};
  for (int k = 0; k < n_rungs; k++)
    plan.rungs[k] = (TuneRung){draws_at(n_draws, k), folds_at(n_folds, k, n_rungs), first * power(k)};
  return plan;
}

/* Updates of one draw at a rung. */
static double cost_of(const TunePlan *p, int k) {
  double all = (double)p->rungs[k].n_folds * (double)p->rungs[k].updates;
  return k == 0 ? all : all - (double)p->rungs[k - 1].n_folds * (double)p->rungs[k - 1].updates;
}

double tune_plan_cost(const TunePlan *p, int rung) {
  double sum = 0;
  for (int k = rung; k < p->n_rungs; k++) sum += p->rungs[k].n_draws * cost_of(p, k);
  return sum;
}

TunePlan tune_plan_make(long budget, int n_folds) {
  double whole = (double)budget / (WHOLE * (n_folds + 1) / 2.0);
  for (int n_rungs = TUNE_PLAN_RUNGS;; n_rungs--) {
    long first = (long)(whole / (double)power(n_rungs - 1));
    TunePlan plan = plan_of(1, n_rungs, n_folds, first > 0 ? first : 1), next;
    int n = 1;
    for (; n < MOST_DRAWS; n++, plan = next) {
      next = plan_of(n + 1, n_rungs, n_folds, first > 0 ? first : 1);
      if (tune_plan_cost(&next, 0) > (double)budget) break;
    }
    if (n_rungs == 1 || (first >= LEAST_UPDATES && n >= LEAST_DRAWS)) return plan;
  }
}

static void grow(TunePlan *p, int rung, double factor) {
  for (int k = rung; k < p->n_rungs; k++) {
    double wanted = (double)p->rungs[k - 1].updates * factor, first = (double)p->rungs[0].updates;
    p->rungs[k].updates = (long)(floor(wanted / first) * first);
    if (p->rungs[k].updates <= p->rungs[k - 1].updates)
      p->rungs[k].updates = p->rungs[k - 1].updates + p->rungs[0].updates;
  }
}

bool tune_plan_fit(TunePlan *p, int rung, double seconds, double left) {
  static const double LEAST = 1.5, MOST = 6, STEP = 0.25;
  for (double factor = MOST; factor >= LEAST; factor -= STEP) {
    grow(p, rung, factor);
    if (tune_plan_cost(p, rung) / p->rungs[rung].n_draws * seconds <= left) return true;
  }
  return false;
}

bool tune_plan_more(TunePlan *p, double seconds, double left) {
  if (p->n_rungs == TUNE_PLAN_MOST) return false;
  TuneRung last = p->rungs[p->n_rungs - 1], more = last;
  if (more.n_draws > TUNE_PLAN_KEPT + 1) more.n_draws = TUNE_PLAN_KEPT + 1;
  p->rungs[p->n_rungs++] = more;
  if (tune_plan_fit(p, p->n_rungs - 1, seconds * more.n_draws / last.n_draws, left)) return true;
  p->n_rungs--;
  return false;
}
