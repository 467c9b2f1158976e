// The loops of a batch normalization over elements of type T, which GET makes floats and PUT makes
// of floats; LOOPS names them.
#include "batch_norm.h"

// Runs BODY for each (folded) row with `at` its offset and `width` its lanes.
#define FOR_ROWS(t, BODY)                                             \
  for (int64_t r = 0; r < (t).rows + ((t).left > 0); r++) {           \
    const int64_t at = (t).offset + r * (t).stride;                   \
    const int64_t width = r < (t).rows ? (t).lanes : (t).left * (t).width; \
    CK_LOOP16 for (int64_t j = 0; j < width; j++) { BODY }            \
  }

// sum[j] += the values VALUE(at + j) of all rows; four rows at once to spare the additions' chain.
#define SUM_ROWS(t, sum, VALUE)                                                               \
  {                                                                                           \
    int64_t r = 0;                                                                            \
    for (; r + 4 <= (t).rows; r += 4) {                                                       \
      const int64_t at = (t).offset + r * (t).stride, s = (t).stride;                         \
      CK_LOOP16 for (int64_t j = 0; j < (t).lanes; j++)                                       \
        sum[j] += (VALUE(at + j) + VALUE(at + s + j)) +                                       \
                  (VALUE(at + 2 * s + j) + VALUE(at + 3 * s + j));                            \
    }                                                                                         \
    for (; r < (t).rows + ((t).left > 0); r++) {                                              \
      const int64_t at = (t).offset + r * (t).stride;                                         \
      const int64_t width = r < (t).rows ? (t).lanes : (t).left * (t).width;                  \
      CK_LOOP16 for (int64_t j = 0; j < width; j++) sum[j] += VALUE(at + j);                  \
    }                                                                                         \
  }

// The chunk's mean and its squared deviations from that, the second while the chunk is in cache.
CK_HOT static void moment_tasks(ptrdiff_t begin, ptrdiff_t end, void *context) {
  CK_CONTRACT
  const batch_norm *c = context;
  const T *x = c->x;
  for (ptrdiff_t number = begin; number < end; number++) {
    const task t = task_of(c, number);
    float mean[CK_COLUMNS] = {0}, squares[CK_COLUMNS] = {0};
#define VALUE(i) GET(x[i])
    SUM_ROWS(t, mean, VALUE)
#undef VALUE
    fold_up(mean, &t);
    const float inverse = 1.0f / (float)(t.rows * t.fold + t.left);
    for (int64_t j = 0; j < t.width; j++) mean[j] *= inverse;
    repeat(mean, &t);
#define VALUE(i) ((GET(x[i]) - mean[j]) * (GET(x[i]) - mean[j]))
    SUM_ROWS(t, squares, VALUE)
#undef VALUE
    fold_up(squares, &t);
    leave(c, &t, mean, squares);
  }
}

CK_HOT static void apply_tasks(ptrdiff_t begin, ptrdiff_t end, void *context) {
  CK_CONTRACT
  const batch_norm *c = context;
  const T *x = c->x;
  T *y = c->y;
  for (ptrdiff_t number = begin; number < end; number++) {
    const task t = task_of(c, number);
    float mean[CK_COLUMNS], scale[CK_COLUMNS], beta[CK_COLUMNS];
    for (int64_t j = 0; j < t.width; j++) {
      mean[j] = c->mean[t.column + j];
      scale[j] = scale_of(c, t.column + j);
      beta[j] = c->beta ? c->beta[t.column + j] : 0.0f;
    }
    repeat(mean, &t), repeat(scale, &t), repeat(beta, &t);
    const float low = c->low, high = c->high;
    FOR_ROWS(t, const float v = (GET(x[at + j]) - mean[j]) * scale[j] + beta[j];
             y[at + j] = PUT(v < low ? low : v > high ? high : v);)
  }
}

// dy where the rectifier's result lies between its bounds, else 0.
#define KEPT(i) (GET(y[i]) > low && GET(y[i]) < high ? GET(dy[i]) : 0.0f)

CK_HOT static void gradient_sums(ptrdiff_t begin, ptrdiff_t end, void *context) {
  CK_CONTRACT
  const batch_norm *c = context;
  const T *x = c->x, *dy = c->dy, *y = c->forward;
  const float low = c->low, high = c->high;
  for (ptrdiff_t number = begin; number < end; number++) {
    const task t = task_of(c, number);
    float mean[CK_COLUMNS], dbeta[CK_COLUMNS] = {0}, dgamma[CK_COLUMNS] = {0};
    memcpy(mean, c->mean + t.column, (size_t)t.width * sizeof(float));
    repeat(mean, &t);
    if (y) {
      FOR_ROWS(t, const float g = KEPT(at + j); dbeta[j] += g;
               dgamma[j] += g * (GET(x[at + j]) - mean[j]);)
    } else {
      FOR_ROWS(t, const float g = GET(dy[at + j]); dbeta[j] += g;
               dgamma[j] += g * (GET(x[at + j]) - mean[j]);)
    }
    fold_up(dbeta, &t), fold_up(dgamma, &t);
    leave(c, &t, dbeta, dgamma);
  }
}

CK_HOT static void gradient_tasks(ptrdiff_t begin, ptrdiff_t end, void *context) {
  CK_CONTRACT
  const batch_norm *c = context;
  const T *x = c->x, *dy = c->dy, *y = c->forward;
  const float low = c->low, high = c->high;
  T *dx = c->y;
  const float share = (float)(1.0 / (double)c->rows);
  for (ptrdiff_t number = begin; number < end; number++) {
    const task t = task_of(c, number);
    float mean[CK_COLUMNS], scale[CK_COLUMNS], average[CK_COLUMNS], slope[CK_COLUMNS];
    for (int64_t j = 0; j < t.width; j++) {
      const int64_t column = t.column + j;
      mean[j] = c->mean[column];
      scale[j] = scale_of(c, column);
      average[j] = c->first[column] * share;
      slope[j] = c->second[column] * share / cm_sqrt(c->variance[column] + c->epsilon);
    }
    repeat(mean, &t), repeat(scale, &t), repeat(average, &t), repeat(slope, &t);
    if (y) {
      FOR_ROWS(t, const float g = KEPT(at + j) - average[j];
               dx[at + j] = PUT(scale[j] * (g - (GET(x[at + j]) - mean[j]) * slope[j]));)
    } else {
      FOR_ROWS(t, const float g = GET(dy[at + j]) - average[j];
               dx[at + j] = PUT(scale[j] * (g - (GET(x[at + j]) - mean[j]) * slope[j]));)
    }
  }
}

const batch_norm_loops LOOPS = {moment_tasks, apply_tasks, gradient_sums, gradient_tasks};
