#include "batch_norm.h"

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

static void cut(batch_norm *c) {
  c->chunk = ck_chunk_rows(c->n);
  c->chunks = ck_ceil_div(c->rows, c->chunk);
  c->column_blocks = ck_ceil_div(c->n, CK_COLUMNS);
}

static void run(batch_norm *c, ck_body body) {
  const int64_t work = ck_min64(c->chunk, c->rows) * ck_min64(c->n, CK_COLUMNS);
  ck_parallel(c->chunks * c->column_blocks, ck_grain(work), body, c);
}

static const batch_norm_loops *loops_of(ck_dtype type) {
  return type == CK_BF16 ? &ck_batch_norm_bf16_loops : &ck_batch_norm_f32_loops;
}

size_t ck_batch_norm_scratch(int64_t rows, int64_t n) {
  if (rows <= 0 || n <= 0) return 0;
  return (size_t)(2 * n * ck_ceil_div(rows, ck_chunk_rows(n))) * sizeof(float);
}

void ck_batch_norm(ck_dtype type, void *y, float *mean, float *variance, const void *x,
                   const float *gamma, const float *beta, int64_t rows, int64_t n, float epsilon,
                   float low, float high, void *scratch) {
  if (rows <= 0 || n <= 0) return;
  batch_norm c = {.y = y, .x = x, .partials = scratch, .first = mean, .second = variance,
                  .mean = mean, .variance = variance, .gamma = gamma, .beta = beta, .rows = rows,
                  .n = n, .epsilon = epsilon, .low = low, .high = high};
  cut(&c);
  run(&c, loops_of(type)->moments);
  ck_parallel(n, ck_grain(4 * c.chunks), join_moments, &c);
  run(&c, loops_of(type)->apply);
}

void ck_batch_norm_backward(ck_dtype type, void *dx, float *dgamma, float *dbeta, const void *dy,
                            const void *x, const void *y, const float *mean, const float *variance,
                            const float *gamma, int64_t rows, int64_t n, float epsilon, float low,
                            float high, void *scratch) {
  if (rows <= 0 || n <= 0) return;
  batch_norm c = {.y = dx, .partials = scratch, .first = dbeta, .second = dgamma, .x = x,
                  .dy = dy, .forward = y, .mean = mean, .variance = variance, .gamma = gamma,
                  .rows = rows, .n = n, .epsilon = epsilon, .low = low, .high = high};
  cut(&c);
  run(&c, loops_of(type)->gradient_sums);
  ck_parallel(n, ck_grain(4 * c.chunks), join_gradients, &c);
  run(&c, loops_of(type)->gradient);
}
