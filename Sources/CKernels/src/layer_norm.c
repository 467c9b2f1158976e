#include "ck_normalization.h"
#include "row_sums.h"

// The rows whose share of dgamma and dbeta is summed in float before it is joined with the others'.
static int64_t chunk_rows(int64_t n) {
  return ck_min64(256, ck_max64(32, CK_GRAIN / ck_max64(1, n)));
}

typedef struct layer_norm {
  float *y, *mean, *rstd;
  const float *x, *gamma, *beta;
  int64_t n;
  float epsilon;
} layer_norm;

CK_INLINE void affine(float *y, const float *x, float mean, float rstd, const float *gamma,
                      const float *beta, int64_t n) {
  CK_CONTRACT
  if (gamma && beta) {
    CK_LOOP16 for (int64_t j = 0; j < n; j++) y[j] = (x[j] - mean) * rstd * gamma[j] + beta[j];
  } else if (gamma) {
    CK_LOOP16 for (int64_t j = 0; j < n; j++) y[j] = (x[j] - mean) * rstd * gamma[j];
  } else if (beta) {
    CK_LOOP16 for (int64_t j = 0; j < n; j++) y[j] = (x[j] - mean) * rstd + beta[j];
  } else {
    CK_LOOP16 for (int64_t j = 0; j < n; j++) y[j] = (x[j] - mean) * rstd;
  }
}

CK_HOT static void forward_rows(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const layer_norm *c = context;
  const int64_t n = c->n;
  for (ptrdiff_t row = begin; row < end; row++) {
    const float *x = c->x + row * n;
    float mean = 0, squares;
    if (c->mean) {
      float sum;
#define VALUE(LOAD) LOAD(x)
      CK_ROW_SUM(sum, n, VALUE)
#undef VALUE
      c->mean[row] = mean = sum / (float)n;
    }
#define VALUE(LOAD) (LOAD(x) - mean) * (LOAD(x) - mean)
    CK_ROW_SUM(squares, n, VALUE)
#undef VALUE
    const float rstd = 1.0f / cm_sqrt(squares / (float)n + c->epsilon);
    c->rstd[row] = rstd;
    affine(c->y + row * n, x, mean, rstd, c->gamma, c->beta, n);
  }
}

void ck_layer_norm_f32(float *y, float *mean, float *rstd, const float *x, const float *gamma,
                       const float *beta, int64_t rows, int64_t n, float epsilon) {
  layer_norm call = {y, mean, rstd, x, gamma, beta, n, epsilon};
  if (n > 0) ck_parallel(rows, ck_grain(3 * n), forward_rows, &call);
}

void ck_rms_norm_f32(float *y, float *rstd, const float *x, const float *gamma, int64_t rows,
                     int64_t n, float epsilon) {
  ck_layer_norm_f32(y, NULL, rstd, x, gamma, NULL, rows, n, epsilon);
}

typedef struct layer_norm_backward {
  float *dx, *dgamma, *dbeta, *partials;  // partials: [chunks, 2, n]
  const float *dy, *x, *mean, *rstd, *gamma;
  int64_t rows, n, chunk, chunks;
} layer_norm_backward;

// Task: a chunk of rows.
CK_HOT static void backward_chunks(ptrdiff_t begin, ptrdiff_t end, void *context) {
  CK_CONTRACT
  const layer_norm_backward *c = context;
  const int64_t n = c->n;
  for (ptrdiff_t t = begin; t < end; t++) {
    float *dgamma = c->partials + 2 * t * n, *dbeta = dgamma + n;
    memset(dgamma, 0, (size_t)(2 * n) * sizeof(float));
    const int64_t last = ck_min64(c->rows, (t + 1) * c->chunk);
    for (int64_t row = t * c->chunk; row < last; row++) {
      const float *x = c->x + row * n, *dy = c->dy + row * n, *gamma = c->gamma;
      const float mean = c->mean ? c->mean[row] : 0.0f, rstd = c->rstd[row];
      float *dx = c->dx + row * n, sum, dot;
      CK_LOOP16 for (int64_t j = 0; j < n; j++) {
        dgamma[j] += dy[j] * ((x[j] - mean) * rstd);
        dbeta[j] += dy[j];
      }
      if (gamma) {
#define VALUE(LOAD) LOAD(dy) * LOAD(gamma)
        CK_ROW_SUM(sum, n, VALUE)
#undef VALUE
#define VALUE(LOAD) LOAD(dy) * LOAD(gamma) * ((LOAD(x) - mean) * rstd)
        CK_ROW_SUM(dot, n, VALUE)
#undef VALUE
      } else {
#define VALUE(LOAD) LOAD(dy)
        CK_ROW_SUM(sum, n, VALUE)
#undef VALUE
#define VALUE(LOAD) LOAD(dy) * ((LOAD(x) - mean) * rstd)
        CK_ROW_SUM(dot, n, VALUE)
#undef VALUE
      }
      const float average = c->mean ? sum / (float)n : 0.0f, slope = dot / (float)n;
      if (gamma) {
        CK_LOOP16 for (int64_t j = 0; j < n; j++)
          dx[j] = rstd * (dy[j] * gamma[j] - average - (x[j] - mean) * rstd * slope);
      } else {
        CK_LOOP16 for (int64_t j = 0; j < n; j++)
          dx[j] = rstd * (dy[j] - average - (x[j] - mean) * rstd * slope);
      }
    }
  }
}

// Task: one column of dgamma and dbeta.
static void join_columns(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const layer_norm_backward *c = context;
  for (ptrdiff_t j = begin; j < end; j++) {
    double dgamma = 0, dbeta = 0;
    for (int64_t t = 0; t < c->chunks; t++) {
      dgamma += c->partials[2 * t * c->n + j];
      dbeta += c->partials[(2 * t + 1) * c->n + j];
    }
    if (c->dgamma) c->dgamma[j] = (float)dgamma;
    if (c->dbeta) c->dbeta[j] = (float)dbeta;
  }
}

size_t ck_layer_norm_scratch(int64_t rows, int64_t n) {
  if (rows <= 0 || n <= 0) return 0;
  return (size_t)(2 * n * ck_ceil_div(rows, chunk_rows(n))) * sizeof(float);
}

void ck_layer_norm_backward_f32(float *dx, float *dgamma, float *dbeta, const float *dy,
                                const float *x, const float *mean, const float *rstd,
                                const float *gamma, int64_t rows, int64_t n, void *scratch) {
  if (n <= 0) return;
  const int64_t chunk = chunk_rows(n), chunks = ck_ceil_div(ck_max64(rows, 0), chunk);
  layer_norm_backward call = {dx,   dgamma, dbeta, scratch, dy, x, mean, rstd,
                              gamma, rows,  n,     chunk,   chunks};
  ck_parallel(chunks, ck_grain(chunk * n), backward_chunks, &call);
  if (dgamma || dbeta) ck_parallel(n, ck_grain(2 * chunks), join_columns, &call);
}
