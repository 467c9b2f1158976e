#include "ck_rows.h"

#include "row_sums.h"
#include "transpose.h"

typedef struct rows_call {
  float *out, *p;
  const float *x, *y, *scale;
  const int32_t *labels;
  int64_t n, rows;
} rows_call;

static void run(ck_body body, rows_call call, int64_t rows, int64_t cost) {
  call.rows = rows;
  if (call.n > 0) ck_parallel(rows, ck_grain(call.n * cost), body, &call);
}

// y = exp(x - shift); returns the sum. Blocks keep y in the cache between the two loops.
CK_INLINE float exp_row(float *y, const float *x, float shift, int64_t n) {
  float total = 0;
  for (int64_t begin = 0; begin < n; begin += 1024) {
    const int64_t m = ck_min64(1024, n - begin);
    const float *from = x + begin;
    float *to = y + begin;
    const int64_t whole = m / 16 * 16;
    CK_LOOP16 for (int64_t j = 0; j < whole; j++) to[j] = cm_exp_falling(from[j] - shift);
    if (whole < m) {  // the rest as a whole vector: one by one they cost as much as 200 others
      float rest[16] = {0};
      memcpy(rest, from + whole, (size_t)(m - whole) * sizeof(float));
      CK_LOOP16 for (int64_t j = 0; j < 16; j++) rest[j] = cm_exp_falling(rest[j] - shift);
      memcpy(to + whole, rest, (size_t)(m - whole) * sizeof(float));
    }
    float sum;
#define VALUE(LOAD) LOAD(to)
    CK_ROW_SUM(sum, m, VALUE)
#undef VALUE
    total += sum;
  }
  return total;
}

// The sum of exp(x - shift) without keeping its terms.
CK_INLINE float exp_sum(const float *x, float shift, int64_t n) {
  float block[1024], total = 0;
  for (int64_t begin = 0; begin < n; begin += 1024)
    total += exp_row(block, x + begin, shift, ck_min64(1024, n - begin));
  return total;
}

// Rows of up to 16 are taken 16 at a time, a lane for each: one by one, most of a vector would be
// idle. block[j][r] = x[r, j]; rows that are not there repeat the last. Whole vectors of rows are
// turned where so many numbers are `available`: what is behind a row, or written behind one before
// the next, counts for nothing.
typedef float block_of_rows[16][16];

CK_INLINE void load_block(block_of_rows block, const float *x, int64_t rows, int64_t n,
                          int64_t available) {
  if (rows == 16 && 15 * n + 16 <= available) {
    block_of_rows lines;
    for (int64_t r = 0; r < 16; r++) memcpy(lines[r], x + r * n, sizeof lines[r]);
    ck_transpose(block[0], 16, lines[0], 16, 16, 16);
    return;
  }
  for (int64_t r = 0; r < 16; r++) {
    const float *row = x + ck_min64(r, rows - 1) * n;
    for (int64_t j = 0; j < n; j++) block[j][r] = row[j];
  }
}

// The block becomes its softmax; `max` and `sum` are those of the rows.
CK_INLINE void softmax_block(block_of_rows block, int64_t n, float *max, float *sum) {
  CK_LOOP16 for (int r = 0; r < 16; r++) max[r] = block[0][r], sum[r] = 0;
  for (int64_t j = 1; j < n; j++)
    CK_LOOP16 for (int r = 0; r < 16; r++)
      max[r] = block[j][r] > max[r] || block[j][r] != block[j][r] ? block[j][r] : max[r];
  for (int64_t j = 0; j < n; j++)
    CK_LOOP16 for (int r = 0; r < 16; r++) {
      block[j][r] = cm_exp_falling(block[j][r] - max[r]);
      sum[r] += block[j][r];
    }
  float factor[16];
  CK_LOOP16 for (int r = 0; r < 16; r++) factor[r] = 1.0f / sum[r];
  for (int64_t j = 0; j < n; j++)
    CK_LOOP16 for (int r = 0; r < 16; r++) block[j][r] *= factor[r];
}

CK_INLINE void store_block(float *y, block_of_rows block, int64_t rows, int64_t n) {
  if (rows == 16) {
    block_of_rows lines;
    ck_transpose(lines[0], 16, block[0], 16, 16, 16);
    for (int64_t r = 0; r < 16; r++)
      memcpy(y + r * n, lines[r], (size_t)(r * n + 16 <= 16 * n ? 16 : n) * sizeof(float));
    return;
  }
  for (int64_t r = 0; r < rows; r++)
    for (int64_t j = 0; j < n; j++) y[r * n + j] = block[j][r];
}

CK_INLINE void scale_row(float *y, float factor, int64_t n) {
  CK_LOOP16 for (int64_t j = 0; j < n; j++) y[j] *= factor;
}

CK_HOT static void softmax_blocks(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const rows_call *c = context;
  for (ptrdiff_t row = begin; row < end; row += 16) {
    const int64_t rows = ck_min64(16, end - row);
    block_of_rows block;
    float max[16], sum[16];
    load_block(block, c->x + row * c->n, rows, c->n, (c->rows - row) * c->n);
    softmax_block(block, c->n, max, sum);
    store_block(c->out + row * c->n, block, rows, c->n);
  }
}

CK_HOT static void softmax_rows(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const rows_call *c = context;
  for (ptrdiff_t row = begin; row < end; row++) {
    const float *x = c->x + row * c->n;
    float *y = c->out + row * c->n;
    const float sum = exp_row(y, x, ck_row_max(x, c->n), c->n);
    scale_row(y, 1.0f / sum, c->n);
  }
}

CK_HOT static void softmax_backward_rows(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const rows_call *c = context;
  for (ptrdiff_t row = begin; row < end; row++) {
    const float *dy = c->x + row * c->n, *y = c->y + row * c->n;
    float *dx = c->out + row * c->n, dot;
#define VALUE(LOAD) LOAD(y) * LOAD(dy)
    CK_ROW_SUM(dot, c->n, VALUE)
#undef VALUE
    CK_LOOP16 for (int64_t j = 0; j < c->n; j++) dx[j] = y[j] * (dy[j] - dot);
  }
}

CK_HOT static void log_softmax_rows(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const rows_call *c = context;
  for (ptrdiff_t row = begin; row < end; row++) {
    const float *x = c->x + row * c->n;
    float *y = c->out + row * c->n;
    const float max = ck_row_max(x, c->n);
    const float log_sum = cm_log(exp_sum(x, max, c->n));
    CK_LOOP16 for (int64_t j = 0; j < c->n; j++) y[j] = (x[j] - max) - log_sum;
  }
}

CK_HOT static void log_softmax_backward_rows(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const rows_call *c = context;
  for (ptrdiff_t row = begin; row < end; row++) {
    const float *dy = c->x + row * c->n, *y = c->y + row * c->n;
    float *dx = c->out + row * c->n, sum;
#define VALUE(LOAD) LOAD(dy)
    CK_ROW_SUM(sum, c->n, VALUE)
#undef VALUE
    CK_LOOP16 for (int64_t j = 0; j < c->n; j++) dx[j] = dy[j] - cm_exp(y[j]) * sum;
  }
}

CK_HOT static void cross_entropy_blocks(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const rows_call *c = context;
  for (ptrdiff_t row = begin; row < end; row += 16) {
    const int64_t rows = ck_min64(16, end - row);
    const float *x = c->x + row * c->n;
    block_of_rows block;
    float max[16], sum[16], chosen[16] = {0};
    for (int64_t r = 0; r < rows; r++) {
      const int32_t label = c->labels[row + r];
      chosen[r] = label >= 0 && label < c->n ? x[r * c->n + label] : NAN;
    }
    load_block(block, x, rows, c->n, (c->rows - row) * c->n);
    softmax_block(block, c->n, max, sum);
    CK_LOOP16 for (int r = 0; r < 16; r++) sum[r] = cm_log(sum[r]) - (chosen[r] - max[r]);
    memcpy(c->out + row, sum, (size_t)rows * sizeof(float));
    if (c->p) store_block(c->p + row * c->n, block, rows, c->n);
  }
}

CK_HOT static void cross_entropy_rows(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const rows_call *c = context;
  for (ptrdiff_t row = begin; row < end; row++) {
    const float *x = c->x + row * c->n;
    float *p = c->p ? c->p + row * c->n : NULL;
    const float max = ck_row_max(x, c->n);
    const int32_t label = c->labels[row];
    const float chosen = label >= 0 && label < c->n ? x[label] - max : NAN;
    const float sum = p ? exp_row(p, x, max, c->n) : exp_sum(x, max, c->n);
    c->out[row] = cm_log(sum) - chosen;
    if (p) scale_row(p, 1.0f / sum, c->n);
  }
}

CK_HOT static void cross_entropy_backward_rows(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const rows_call *c = context;
  for (ptrdiff_t row = begin; row < end; row++) {
    const float *p = c->p + row * c->n;
    float *dx = c->out + row * c->n;
    const int32_t label = c->labels[row];
    const bool known = label >= 0 && label < c->n;
    const float scale = known ? (c->scale ? c->scale[row] : 1.0f) : NAN;
    const float at_label = known ? (p[label] - 1.0f) * scale : NAN;
    CK_LOOP16 for (int64_t j = 0; j < c->n; j++) dx[j] = scale * p[j];
    if (known) dx[label] = at_label;
  }
}

CK_HOT static void dense_rows(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const rows_call *c = context;
  for (ptrdiff_t row = begin; row < end; row++) {
    const float *x = c->x + row * c->n, *t = c->y + row * c->n;
    float *p = c->p ? c->p + row * c->n : NULL;
    const float max = ck_row_max(x, c->n);
    float weighted, total;
    // Before p is written, which may be x.
#define VALUE(LOAD) (LOAD(t) == 0.0f ? 0.0f : LOAD(t) * (LOAD(x) - max))
    CK_ROW_SUM(weighted, c->n, VALUE)
#undef VALUE
#define VALUE(LOAD) LOAD(t)
    CK_ROW_SUM(total, c->n, VALUE)
#undef VALUE
    const float sum = p ? exp_row(p, x, max, c->n) : exp_sum(x, max, c->n);
    c->out[row] = total * cm_log(sum) - weighted;
    if (p) scale_row(p, 1.0f / sum, c->n);
  }
}

CK_HOT static void dense_backward_rows(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const rows_call *c = context;
  for (ptrdiff_t row = begin; row < end; row++) {
    const float *p = c->p + row * c->n, *t = c->y + row * c->n;
    float *dx = c->out + row * c->n, total;
    const float scale = c->scale ? c->scale[row] : 1.0f;
#define VALUE(LOAD) LOAD(t)
    CK_ROW_SUM(total, c->n, VALUE)
#undef VALUE
    CK_LOOP16 for (int64_t j = 0; j < c->n; j++) dx[j] = scale * (p[j] * total - t[j]);
  }
}

void ck_softmax_f32(float *y, const float *x, int64_t rows, int64_t n) {
  run(n <= 16 ? softmax_blocks : softmax_rows, (rows_call){.out = y, .x = x, .n = n}, rows, 4);
}

void ck_softmax_backward_f32(float *dx, const float *dy, const float *y, int64_t rows, int64_t n) {
  run(softmax_backward_rows, (rows_call){.out = dx, .x = dy, .y = y, .n = n}, rows, 2);
}

void ck_log_softmax_f32(float *y, const float *x, int64_t rows, int64_t n) {
  run(log_softmax_rows, (rows_call){.out = y, .x = x, .n = n}, rows, 4);
}

void ck_log_softmax_backward_f32(float *dx, const float *dy, const float *y, int64_t rows,
                                 int64_t n) {
  run(log_softmax_backward_rows, (rows_call){.out = dx, .x = dy, .y = y, .n = n}, rows, 4);
}

void ck_softmax_cross_entropy_f32(float *loss, float *p, const float *x, const int32_t *labels,
                                  int64_t rows, int64_t n) {
  run(n <= 16 ? cross_entropy_blocks : cross_entropy_rows,
      (rows_call){.out = loss, .p = p, .x = x, .labels = labels, .n = n}, rows, 4);
}

void ck_softmax_cross_entropy_backward_f32(float *dx, const float *p, const int32_t *labels,
                                           const float *scale, int64_t rows, int64_t n) {
  run(cross_entropy_backward_rows,
      (rows_call){.out = dx, .p = (float *)p, .scale = scale, .labels = labels, .n = n}, rows, 1);
}

void ck_softmax_cross_entropy_dense_f32(float *loss, float *p, const float *x,
                                        const float *targets, int64_t rows, int64_t n) {
  run(dense_rows, (rows_call){.out = loss, .p = p, .x = x, .y = targets, .n = n}, rows, 5);
}

void ck_softmax_cross_entropy_dense_backward_f32(float *dx, const float *p, const float *targets,
                                                 const float *scale, int64_t rows, int64_t n) {
  run(dense_backward_rows,
      (rows_call){.out = dx, .p = (float *)p, .y = targets, .scale = scale, .n = n}, rows, 2);
}
