#include "ck_tile_product.h"
#include "transpose.h"

// Rows of b and of a whose products stay in registers, 16 sums each, and the columns taken at a time:
// as many of b's as stay in the first-level cache while all rows of a pass.
enum { GROUP = 8, PAIR = 2, COLUMNS = 1024 };

typedef struct thin_product {
  int64_t rows, k, n;
  const float *a, *b;
  float *y;
} thin_product;

// Sums the lanes of each of 16 vectors, into a lane for each of the first one.
CK_INLINE void sum_lanes(lanes *v) {
#define CK_JOIN(i, j, LOW, HIGH) \
  (__builtin_shufflevector(v[i], v[j], LOW) + __builtin_shufflevector(v[i], v[j], HIGH))
  CK_UNROLL for (int i = 0; i < 8; i++) v[i] = CK_JOIN(i, i + 8, CK_LOW8, CK_HIGH8);
  CK_UNROLL for (int i = 0; i < 4; i++) v[i] = CK_JOIN(i, i + 4, CK_LOW4, CK_HIGH4);
  CK_UNROLL for (int i = 0; i < 2; i++) v[i] = CK_JOIN(i, i + 2, CK_LOW2, CK_HIGH2);
  v[0] = CK_JOIN(0, 1, CK_LOW1, CK_HIGH1);
}

// y at PAIR rows of a and GROUP rows of b, added to what is there if these are not the first columns.
// What comes next is asked for on the way.
CK_INLINE void multiply(const thin_product *p, const float *const *a, float *const *y,
                        const float *b, int64_t columns, bool accumulates, const float *next) {
  CK_CONTRACT
  lanes sums[GROUP * PAIR];
  CK_UNROLL for (int i = 0; i < GROUP * PAIR; i++) sums[i] = 0.0f;
  int64_t j = 0;
  for (; j + 16 <= columns; j += 16) {
    __builtin_prefetch(next + j, 0, 2);
    const lanes x0 = *(const lanes *)(a[0] + j), x1 = *(const lanes *)(a[1] + j);
    CK_UNROLL for (int i = 0; i < GROUP; i++) {
      const lanes w = *(const lanes *)(b + i * p->n + j);
      sums[i] += x0 * w;
      sums[GROUP + i] += x1 * w;
    }
  }
  sum_lanes(sums);
  float both[16];
  memcpy(both, sums, sizeof both);
  for (; j < columns; j++)
    for (int i = 0; i < GROUP; i++) {
      both[i] += a[0][j] * b[i * p->n + j];
      both[GROUP + i] += a[1][j] * b[i * p->n + j];
    }
  for (int r = 0; r < PAIR; r++)
    for (int i = 0; i < GROUP; i++) y[r][i] = both[r * GROUP + i] + (accumulates ? y[r][i] : 0.0f);
}

CK_INLINE void run(const thin_product *p, ptrdiff_t begin, ptrdiff_t end) {
  for (int64_t i = begin * GROUP; i < end * GROUP; i += GROUP)
    for (int64_t column = 0; column < p->n; column += COLUMNS) {
      const int64_t columns = ck_min64(COLUMNS, p->n - column);
      const float *b = p->b + i * p->n + column;
      for (int64_t r = 0; r < p->rows; r += PAIR) {
        const int64_t second = ck_min64(r + 1, p->rows - 1);
        const float *const a[PAIR] = {p->a + r * p->n + column, p->a + second * p->n + column};
        float last[GROUP] = {0};
        float *const y[PAIR] = {p->y + r * p->k + i, r < second ? p->y + second * p->k + i : last};
        const int64_t ahead = ck_min64(i + GROUP + r / PAIR % GROUP, p->k - 1);
        multiply(p, a, y, b, columns, column > 0, p->b + ahead * p->n + column);
      }
    }
}

CK_WIDE static void run_wide(const thin_product *p, ptrdiff_t begin, ptrdiff_t end) {
  run(p, begin, end);
}
CK_HOT static void run_narrow(const thin_product *p, ptrdiff_t begin, ptrdiff_t end) {
  run(p, begin, end);
}
static void run_groups(ptrdiff_t begin, ptrdiff_t end, void *context) {
  (ck_is_wide() ? run_wide : run_narrow)(context, begin, end);
}

void ck_thin_transposed_product_f32(int64_t rows, int64_t k, int64_t n, const float *a,
                                    const float *b, float *y) {
  thin_product p = {rows, k, n, a, b, y};
  ck_parallel(k / GROUP, ck_grain(rows * n * GROUP / 4), run_groups, &p);
}
