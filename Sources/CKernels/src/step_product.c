#include "ck_step_product.h"

#include "tiles.h"

// A tile of y, a few rows of a panel's columns, stays in registers for all of k.

typedef struct product {
  int64_t k, n;
  const float *a;
  int64_t a_stride;
  const float *packed, *bias;
  float *y;
  int64_t y_stride;
} product;

int64_t ck_packed_count(int64_t k, int64_t n) { return ck_ceil_div(n, CK_PANEL) * CK_PANEL * k; }

CK_HOT void ck_pack_f32(float *packed, const float *b, int64_t k, int64_t n, bool transposed) {
  for (int64_t column = 0; column < n; column += CK_PANEL) {
    const int64_t width = ck_min64(CK_PANEL, n - column);
    for (int64_t row = 0; row < k; row++, packed += CK_PANEL) {
      if (transposed) {
        for (int64_t j = 0; j < width; j++) packed[j] = b[(column + j) * k + row];
      } else {
        memcpy(packed, b + row * n + column, (size_t)width * sizeof(float));
      }
      memset(packed + width, 0, (size_t)(CK_PANEL - width) * sizeof(float));
    }
  }
}

// y[0..rows, 0..16 vectors] += a b: `rows` and `vectors` are constants where this is inlined.
CK_INLINE void tile(const int rows, const int vectors, int64_t k, const float *a, int64_t a_stride,
                    const float *b, const float *start, int64_t start_stride, float *y,
                    int64_t y_stride) {
  CK_CONTRACT
  lanes sums[6][4];
  CK_UNROLL for (int r = 0; r < rows; r++)
    CK_UNROLL for (int v = 0; v < vectors; v++)
      sums[r][v] = *(const lanes *)(start + r * start_stride + 16 * v);
  for (int64_t p = 0; p < k; p++, b += CK_PANEL) {
    lanes column[4];
    CK_UNROLL for (int v = 0; v < vectors; v++)
      column[v] = *(const lanes *)(b + 16 * v);
    CK_UNROLL for (int r = 0; r < rows; r++) {
      const lanes x = a[r * a_stride + p];
      CK_UNROLL for (int v = 0; v < vectors; v++)
        sums[r][v] += x * column[v];
    }
  }
  CK_UNROLL for (int r = 0; r < rows; r++)
    CK_UNROLL for (int v = 0; v < vectors; v++)
      *(lanes *)(y + r * y_stride + 16 * v) = sums[r][v];
}

// The rows from `row` on of the columns from `column` on, of which `vectors` times 16 are in the
// panel and perhaps fewer in y.
CK_INLINE void block(const int rows, const int vectors, const product *c, int64_t row,
                     int64_t column) {
  const float *a = c->a + row * c->a_stride;
  const float *b = c->packed + column / CK_PANEL * CK_PANEL * c->k + column % CK_PANEL;
  float *y = c->y + row * c->y_stride + column;
  const int64_t width = ck_min64(16 * vectors, c->n - column);
  if (width == 16 * vectors) {
    tile(rows, vectors, c->k, a, c->a_stride, b, c->bias ? c->bias + column : y,
         c->bias ? 0 : c->y_stride, y, c->y_stride);
    return;
  }
  float part[6 * CK_PANEL] = {0};
  for (int r = 0; r < rows; r++)
    memcpy(part + r * CK_PANEL, c->bias ? c->bias + column : y + r * c->y_stride,
           (size_t)width * sizeof(float));
  tile(rows, vectors, c->k, a, c->a_stride, b, part, CK_PANEL, part, CK_PANEL);
  for (int r = 0; r < rows; r++)
    memcpy(y + r * c->y_stride, part + r * CK_PANEL, (size_t)width * sizeof(float));
}

// All rows of y, `height` at a time: a panel stays in the cache for them.
#define ALL_BLOCKS(height, vectors)                                                     \
  for (int64_t column = 0; column < c->n; column += 16 * vectors) {                     \
    int64_t row = 0;                                                                    \
    for (; row + height <= rows; row += height) block(height, vectors, c, row, column); \
    for (; row < rows; row++) block(1, vectors, c, row, column);                        \
  }

// 24 of 32 registers hold sums.
CK_WIDE static void wide_rows(int64_t rows, const product *c) { ALL_BLOCKS(6, 4) }

// 12 of 16 registers of half the width do.
CK_HOT static void narrow_rows(int64_t rows, const product *c) { ALL_BLOCKS(3, 2) }

void ck_step_product_f32(int64_t rows, int64_t k, int64_t n, const float *a, int64_t a_stride,
                         const float *packed, const float *bias, float *y, int64_t y_stride) {
  const product call = {k, n, a, a_stride, packed, bias, y, y_stride};
  (ck_is_wide() ? wide_rows : narrow_rows)(rows, &call);
}
