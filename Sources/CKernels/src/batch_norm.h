// How a batch normalization is cut into tasks, and the loops over them for each type of elements.
#ifndef CK_SRC_BATCH_NORM_H
#define CK_SRC_BATCH_NORM_H

#include "ck_normalization.h"
#include "reduce.h"
#include "vector_math.h"

typedef struct batch_norm {
  void *y;
  const void *x, *dy, *forward;
  float *partials;        // [chunks, 2, n]
  float *first, *second;  // what the join gives: mean and variance, or dbeta and dgamma
  const float *mean, *variance, *gamma, *beta;
  int64_t rows, n, chunk, chunks, column_blocks;
  float epsilon, low, high;
} batch_norm;

// A task is one chunk of rows in one block of columns. Where rows are narrow, `fold` of them are
// taken as one, `lanes` wide; `left` are the rows that remain.
typedef struct task {
  int64_t index, column, width, rows, fold, lanes, stride, left, offset;
} task;

CK_INLINE task task_of(const batch_norm *c, ptrdiff_t number) {
  task t;
  t.index = number / c->column_blocks;
  t.column = number % c->column_blocks * CK_COLUMNS;
  t.width = ck_min64(CK_COLUMNS, c->n - t.column);
  t.fold = ck_fold(c->n);
  t.lanes = t.fold * t.width;
  t.stride = t.fold * c->n;
  const int64_t rows = ck_min64(c->chunk, c->rows - t.index * c->chunk);
  t.rows = rows / t.fold;
  t.left = rows % t.fold;
  t.offset = t.index * c->chunk * c->n + t.column;
  return t;
}

// Repeats the first `width` lanes, or adds the repetitions up.
CK_INLINE void repeat(float *v, const task *t) {
  for (int64_t j = t->width; j < t->lanes; j++) v[j] = v[j - t->width];
}

CK_INLINE void fold_up(float *v, const task *t) {
  for (int64_t f = 1; f < t->fold; f++)
    for (int64_t j = 0; j < t->width; j++) v[j] += v[f * t->width + j];
}

// Leaves two sums of a chunk for the join.
CK_INLINE void leave(const batch_norm *c, const task *t, const float *first, const float *second) {
  float *to = c->partials + 2 * t->index * c->n + t->column;
  memcpy(to, first, (size_t)t->width * sizeof(float));
  memcpy(to + c->n, second, (size_t)t->width * sizeof(float));
}

CK_INLINE float scale_of(const batch_norm *c, int64_t column) {
  return (c->gamma ? c->gamma[column] : 1.0f) / cm_sqrt(c->variance[column] + c->epsilon);
}

// What runs over the tasks. Moments and gradients leave sums of each chunk in `partials`.
typedef struct batch_norm_loops {
  ck_body moments, apply, gradient_sums, gradient;
} batch_norm_loops;

extern const batch_norm_loops ck_batch_norm_f32_loops, ck_batch_norm_bf16_loops;

#endif
