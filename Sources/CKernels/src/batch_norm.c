#include "ck_normalization.h"
#include "reduce.h"
#include "vector_math.h"

typedef struct batch_norm {
  float *y, *partials;  // partials: [chunks, 2, n]
  float *first, *second;  // what the join gives: mean and variance, or dbeta and dgamma
  const float *x, *dy, *forward, *mean, *variance, *gamma, *beta;
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

// Runs BODY for each (folded) row with `at` its offset and `width` its lanes.
#define FOR_ROWS(t, BODY)                                             \
  for (int64_t r = 0; r < (t).rows + ((t).left > 0); r++) {           \
    const int64_t at = (t).offset + r * (t).stride;                   \
    const int64_t width = r < (t).rows ? (t).lanes : (t).left * (t).width; \
    CK_LOOP16 for (int64_t j = 0; j < width; j++) { BODY }            \
  }

// Repeats the first `width` lanes, or adds the repetitions up.
CK_INLINE void repeat(float *v, const task *t) {
  for (int64_t j = t->width; j < t->lanes; j++) v[j] = v[j - t->width];
}

CK_INLINE void fold_up(float *v, const task *t) {
  for (int64_t f = 1; f < t->fold; f++)
    for (int64_t j = 0; j < t->width; j++) v[j] += v[f * t->width + j];
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
  const float *x = c->x;
  for (ptrdiff_t number = begin; number < end; number++) {
    const task t = task_of(c, number);
    float mean[CK_COLUMNS] = {0}, squares[CK_COLUMNS] = {0};
#define VALUE(i) x[i]
    SUM_ROWS(t, mean, VALUE)
#undef VALUE
    fold_up(mean, &t);
    const float inverse = 1.0f / (float)(t.rows * t.fold + t.left);
    for (int64_t j = 0; j < t.width; j++) mean[j] *= inverse;
    repeat(mean, &t);
#define VALUE(i) ((x[i] - mean[j]) * (x[i] - mean[j]))
    SUM_ROWS(t, squares, VALUE)
#undef VALUE
    fold_up(squares, &t);
    float *to = c->partials + 2 * t.index * c->n + t.column;
    memcpy(to, mean, (size_t)t.width * sizeof(float));
    memcpy(to + c->n, squares, (size_t)t.width * sizeof(float));
  }
}

static void join_moments(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const batch_norm *c = context;
  for (ptrdiff_t j = begin; j < end; j++) {
    double mean = 0, squares = 0;
    for (int64_t k = 0; k < c->chunks; k++) {
      const double rows = (double)ck_min64(c->chunk, c->rows - k * c->chunk);
      mean += rows * c->partials[2 * k * c->n + j];
    }
    mean /= (double)c->rows;
    for (int64_t k = 0; k < c->chunks; k++) {
      const double rows = (double)ck_min64(c->chunk, c->rows - k * c->chunk);
      const double shift = c->partials[2 * k * c->n + j] - mean;
      squares += c->partials[(2 * k + 1) * c->n + j] + rows * shift * shift;
    }
    c->first[j] = (float)mean;
    c->second[j] = (float)(squares / (double)c->rows);
  }
}

CK_INLINE float scale_of(const batch_norm *c, int64_t column) {
  return (c->gamma ? c->gamma[column] : 1.0f) / cm_sqrt(c->variance[column] + c->epsilon);
}

CK_HOT static void apply_tasks(ptrdiff_t begin, ptrdiff_t end, void *context) {
  CK_CONTRACT
  const batch_norm *c = context;
  const float *x = c->x;
  float *y = c->y;
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
    FOR_ROWS(t, const float v = (x[at + j] - mean[j]) * scale[j] + beta[j];
             y[at + j] = v < low ? low : v > high ? high : v;)
  }
}

CK_HOT static void gradient_sums(ptrdiff_t begin, ptrdiff_t end, void *context) {
  CK_CONTRACT
  const batch_norm *c = context;
  const float *x = c->x, *dy = c->dy, *y = c->forward;
  const float low = c->low, high = c->high;
  for (ptrdiff_t number = begin; number < end; number++) {
    const task t = task_of(c, number);
    float mean[CK_COLUMNS], dbeta[CK_COLUMNS] = {0}, dgamma[CK_COLUMNS] = {0};
    memcpy(mean, c->mean + t.column, (size_t)t.width * sizeof(float));
    repeat(mean, &t);
    if (y) {
      FOR_ROWS(t, const float g = y[at + j] > low && y[at + j] < high ? dy[at + j] : 0.0f; dbeta[j] += g;
               dgamma[j] += g * (x[at + j] - mean[j]);)
    } else {
      FOR_ROWS(t, const float g = dy[at + j]; dbeta[j] += g;
               dgamma[j] += g * (x[at + j] - mean[j]);)
    }
    fold_up(dbeta, &t), fold_up(dgamma, &t);
    float *to = c->partials + 2 * t.index * c->n + t.column;
    memcpy(to, dbeta, (size_t)t.width * sizeof(float));
    memcpy(to + c->n, dgamma, (size_t)t.width * sizeof(float));
  }
}

static void join_gradients(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const batch_norm *c = context;
  for (ptrdiff_t j = begin; j < end; j++) {
    double dbeta = 0, dgamma = 0;
    for (int64_t k = 0; k < c->chunks; k++) {
      dbeta += c->partials[2 * k * c->n + j];
      dgamma += c->partials[(2 * k + 1) * c->n + j];
    }
    c->first[j] = (float)dbeta;
    c->second[j] = (float)(dgamma / sqrt((double)c->variance[j] + (double)c->epsilon));
  }
}

CK_HOT static void gradient_tasks(ptrdiff_t begin, ptrdiff_t end, void *context) {
  CK_CONTRACT
  const batch_norm *c = context;
  const float *x = c->x, *dy = c->dy, *y = c->forward;
  const float low = c->low, high = c->high;
  float *dx = c->y;
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
      FOR_ROWS(t, const float g = y[at + j] > low && y[at + j] < high ? dy[at + j] : 0.0f;
               dx[at + j] = scale[j] * (g - average[j] - (x[at + j] - mean[j]) * slope[j]);)
    } else {
      FOR_ROWS(t, dx[at + j] =
                      scale[j] * (dy[at + j] - average[j] - (x[at + j] - mean[j]) * slope[j]);)
    }
  }
}

static void cut(batch_norm *c) {
  c->chunk = ck_chunk_rows(c->n);
  c->chunks = ck_ceil_div(c->rows, c->chunk);
  c->column_blocks = ck_ceil_div(c->n, CK_COLUMNS);
}

static void run(batch_norm *c, ck_body body) {
  const int64_t work = ck_min64(c->chunk, c->rows) * ck_min64(c->n, CK_COLUMNS);
  ck_parallel(c->chunks * c->column_blocks, ck_grain(work), body, c);
}

size_t ck_batch_norm_scratch(int64_t rows, int64_t n) {
  if (rows <= 0 || n <= 0) return 0;
  return (size_t)(2 * n * ck_ceil_div(rows, ck_chunk_rows(n))) * sizeof(float);
}

void ck_moments_f32(float *mean, float *variance, const float *x, int64_t rows, int64_t n,
                    void *scratch) {
  if (rows <= 0 || n <= 0) return;
  batch_norm c = {.partials = scratch, .first = mean, .second = variance, .x = x, .rows = rows,
                  .n = n};
  cut(&c);
  run(&c, moment_tasks);
  ck_parallel(n, ck_grain(4 * c.chunks), join_moments, &c);
}

void ck_batch_norm_apply_f32(float *y, const float *x, const float *mean, const float *variance,
                             const float *gamma, const float *beta, int64_t rows, int64_t n,
                             float epsilon, float low, float high) {
  if (rows <= 0 || n <= 0) return;
  batch_norm c = {.y = y, .x = x, .mean = mean, .variance = variance, .gamma = gamma,
                  .beta = beta, .rows = rows, .n = n, .epsilon = epsilon, .low = low, .high = high};
  cut(&c);
  run(&c, apply_tasks);
}

void ck_batch_norm_f32(float *y, float *mean, float *variance, const float *x, const float *gamma,
                       const float *beta, int64_t rows, int64_t n, float epsilon, float low,
                       float high, void *scratch) {
  ck_moments_f32(mean, variance, x, rows, n, scratch);
  ck_batch_norm_apply_f32(y, x, mean, variance, gamma, beta, rows, n, epsilon, low, high);
}

void ck_batch_norm_backward_f32(float *dx, float *dgamma, float *dbeta, const float *dy,
                                const float *x, const float *y, const float *mean,
                                const float *variance, const float *gamma, int64_t rows, int64_t n,
                                float epsilon, float low, float high, void *scratch) {
  if (rows <= 0 || n <= 0) return;
  batch_norm c = {.y = dx, .partials = scratch, .first = dbeta, .second = dgamma, .x = x,
                  .dy = dy, .forward = y, .mean = mean, .variance = variance, .gamma = gamma,
                  .rows = rows, .n = n, .epsilon = epsilon, .low = low, .high = high};
  cut(&c);
  run(&c, gradient_sums);
  ck_parallel(n, ck_grain(4 * c.chunks), join_gradients, &c);
  if (dx) run(&c, gradient_tasks);
}
