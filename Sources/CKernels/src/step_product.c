#include "ck_step_product.h"

#include "tile_product.h"
#include "transpose.h"

int64_t ck_packed_count(int64_t k, int64_t n) { return ck_ceil_div(n, CK_PANEL) * CK_PANEL * k; }

CK_HOT void ck_pack_f32(float *packed, const float *b, int64_t k, int64_t n, bool transposed) {
  for (int64_t column = 0; column < n; column += CK_PANEL) {
    const int64_t width = ck_min64(CK_PANEL, n - column);
    if (transposed) ck_transpose(packed, CK_PANEL, b + column * k, k, width, k);
    for (int64_t row = 0; row < k; row++, packed += CK_PANEL) {
      if (!transposed) memcpy(packed, b + row * n + column, (size_t)width * sizeof(float));
      if (width < CK_PANEL) memset(packed + width, 0, (size_t)(CK_PANEL - width) * sizeof(float));
    }
  }
}

// Rows that a panel is multiplied with before the next one.
enum { ROWS = 96 };

void ck_step_product_f32(int64_t rows, int64_t k, int64_t n, const float *a, int64_t a_stride,
                         const float *packed, const float *bias, float *y, int64_t y_stride) {
  int64_t offsets[ROWS];
  for (int64_t r = 0; r < ROWS; r++) offsets[r] = r * a_stride;
  for (; rows > 0; rows -= ROWS, a += ROWS * a_stride, y += ROWS * y_stride) {
    const int64_t height = ck_min64(rows, ROWS);
    for (int64_t r = 0; r < height && bias; r++)
      memcpy(y + r * y_stride, bias, (size_t)n * sizeof(float));
    for (int64_t column = 0; column < n; column += CK_PANEL)
      tile_product(k, height, ck_min64(CK_PANEL, n - column), a, offsets, 1,
                   (factor){packed + column * k, CK_PANEL, 1, true}, y + column, y_stride, true);
  }
}
