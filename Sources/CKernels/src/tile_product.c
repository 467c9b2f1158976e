#include "ck_tile_product.h"

#include "tiles.h"

// Rows that are multiplied before the next tile: as many of b's panel stay in the first-level cache.
enum { BLOCK = 96, PANEL = 64, MAX_HEIGHT = 6 };

typedef struct panel {
  int64_t rows, k, width;  // the columns of c that there are
  const float *a;
  const int64_t *offsets;  // where a's columns begin; next to each other if null
  int64_t a_step;
  const float *b;
  float *c;
  int64_t c_stride;
  bool accumulates;
  const float *next;  // the rows of b that the next panel is packed from
  int64_t next_stride;
} panel;

// A tile of c: `height` rows and `vectors` times 16 columns, constants where this is inlined, stay
// in registers for all rows of a and b. b is packed: a row of the panel after the other.
CK_INLINE void tile(const int height, const int vectors, const panel *p, int64_t first, float *c,
                    int64_t c_stride) {
  CK_CONTRACT
  lanes sums[MAX_HEIGHT][4];
  CK_UNROLL for (int r = 0; r < height; r++)
    CK_UNROLL for (int v = 0; v < vectors; v++)
      sums[r][v] = p->accumulates ? *(const lanes *)(c + r * c_stride + 16 * v) : (lanes)0.0f;
  const float *b = p->b;
  // Each tile asks memory for another column of lines of what comes next.
  const float *next = p->next + first / MAX_HEIGHT % 4 * 16;
  if (p->offsets) {
    const float *a[MAX_HEIGHT];
    CK_UNROLL for (int r = 0; r < height; r++) a[r] = p->a + p->offsets[first + r];
    for (int64_t m = 0, at = 0; m < p->rows; m++, at += p->a_step, b += 16 * vectors) {
      __builtin_prefetch(next + m * p->next_stride, 0, 2);
      CK_UNROLL for (int r = 0; r < height; r++) {
        const lanes x = a[r][at];
        CK_UNROLL for (int v = 0; v < vectors; v++) sums[r][v] += x * *(const lanes *)(b + 16 * v);
      }
    }
  } else {
    const float *a = p->a + first;
    for (int64_t m = 0; m < p->rows; m++, a += p->a_step, b += 16 * vectors) {
      CK_UNROLL for (int r = 0; r < height; r++) {
        const lanes x = a[r];
        CK_UNROLL for (int v = 0; v < vectors; v++) sums[r][v] += x * *(const lanes *)(b + 16 * v);
      }
    }
  }
  CK_UNROLL for (int r = 0; r < height; r++)
    CK_UNROLL for (int v = 0; v < vectors; v++)
      *(lanes *)(c + r * c_stride + 16 * v) = sums[r][v];
}

// A tile at the panel's row; through a whole one where the panel ends before its vectors do.
CK_INLINE void place(const int height, const int vectors, const panel *p, int64_t row) {
  float *c = p->c + row * p->c_stride;
  if (p->width == 16 * vectors) {
    tile(height, vectors, p, row, c, p->c_stride);
    return;
  }
  float whole[MAX_HEIGHT * PANEL];
  const size_t bytes = (size_t)p->width * sizeof(float);
  for (int r = 0; r < height && p->accumulates; r++)
    memcpy(whole + r * PANEL, c + r * p->c_stride, bytes);
  tile(height, vectors, p, row, whole, PANEL);
  for (int r = 0; r < height; r++) memcpy(c + r * p->c_stride, whole + r * PANEL, bytes);
}

#define ALL_ROWS(HEIGHT, VECTORS)                                                          \
  {                                                                                        \
    int64_t row = 0;                                                                       \
    for (; row + (HEIGHT) <= p->k; row += (HEIGHT)) place(HEIGHT, VECTORS, p, row);        \
    switch (p->k - row) {                                                                  \
      case 5: place((HEIGHT) > 5 ? 5 : 1, VECTORS, p, row); return;                        \
      case 4: place((HEIGHT) > 4 ? 4 : 1, VECTORS, p, row); return;                        \
      case 3: place((HEIGHT) > 3 ? 3 : 1, VECTORS, p, row); return;                        \
      case 2: place(2, VECTORS, p, row); return;                                           \
      case 1: place(1, VECTORS, p, row); return;                                           \
      default: return;                                                                     \
    }                                                                                      \
  }

// 24 of 32 registers hold sums.
CK_WIDE static void wide_panel(const panel *p, int vectors) {
  switch (vectors) {
    case 1: ALL_ROWS(6, 1)
    case 2: ALL_ROWS(6, 2)
    case 3: ALL_ROWS(6, 3)
    default: ALL_ROWS(6, 4)
  }
}

// 12 of 16 registers of half the width do.
CK_HOT static void narrow_panel(const panel *p, int vectors) {
  if (vectors == 1) {
    ALL_ROWS(6, 1)
  } else {
    ALL_ROWS(3, 2)
  }
}

// Where it `is_packed`, b's rows are filled up to whole vectors.
static void product(int64_t rows, int64_t k, int64_t n, const float *a, const int64_t *offsets,
                    int64_t a_step, const float *b, int64_t b_stride, bool is_packed, float *c,
                    int64_t c_stride, bool accumulates) {
  const bool is_wide = ck_is_wide();
  const int64_t widest = is_wide ? 64 : 32;
  float packed[BLOCK * PANEL];
  for (int64_t column = 0; column < n; column += widest) {
    const int64_t width = ck_min64(widest, n - column);
    const int vectors = (int)ck_ceil_div(width, 16);
    for (int64_t m = 0; m < rows || m == 0; m += BLOCK) {
      const int64_t height = ck_min64(BLOCK, rows - m);
      const float *from = b + m * b_stride + column;
      const bool reads_b = b_stride == 16 * vectors && (is_packed || width == b_stride);
      float *to = packed;
      for (int64_t r = 0; r < height && !reads_b; r++, to += 16 * vectors, from += b_stride) {
        memcpy(to, from, (size_t)width * sizeof(float));
        if (width < 16 * vectors)
          memset(to + width, 0, (size_t)(16 * vectors - width) * sizeof(float));
      }
      const bool ends = m + BLOCK >= rows;
      const panel p = {height,
                       k,
                       width,
                       a + m * a_step,
                       offsets,
                       a_step,
                       reads_b ? from : packed,
                       c + column,
                       c_stride,
                       accumulates || m > 0,
                       ends ? packed : b + (m + BLOCK) * b_stride + column,
                       ends ? 0 : b_stride};
      (is_wide ? wide_panel : narrow_panel)(&p, vectors);
    }
  }
}

void ck_tile_product_f32(int64_t rows, int64_t k, int64_t n, const float *a, const int64_t *offsets,
                         int64_t a_step, const float *b, int64_t b_stride, float *c,
                         int64_t c_stride, bool accumulates) {
  product(rows, k, n, a, offsets, a_step, b, b_stride, false, c, c_stride, accumulates);
}

void ck_panel_product_f32(int64_t rows, int64_t k, int64_t n, const float *a, int64_t a_step,
                          const float *b, float *c, int64_t c_stride) {
  product(rows, k, n, a, NULL, a_step, b, PANEL, true, c, c_stride, false);
}

typedef struct thin_product {
  int64_t rows, k, n;
  const float *a, *b, *bias;
  bool is_packed;
  float low, high;
  float *y;
} thin_product;

CK_HOT static void run_columns(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const thin_product *p = context;
  int64_t offsets[CK_THIN];
  for (int64_t r = 0; r < p->rows; r++) offsets[r] = r * p->k;
  for (int64_t first = begin * PANEL; first < end * PANEL; first += PANEL) {
    const int64_t width = ck_min64(PANEL, p->n - first);
    float *y = p->y + first;
    for (int64_t r = 0; r < p->rows && p->bias; r++)
      memcpy(y + r * p->n, p->bias + first, (size_t)width * sizeof(float));
    const float *b = p->is_packed ? p->b + first * p->k : p->b + first;
    product(p->k, p->rows, width, p->a, offsets, 1, b, p->is_packed ? PANEL : p->n, p->is_packed, y,
            p->n, p->bias != NULL);
    if (p->low == -INFINITY && p->high == INFINITY) continue;
    for (int64_t r = 0; r < p->rows; r++, y += p->n)
      CK_LOOP16 for (int64_t j = 0; j < width; j++)
        y[j] = y[j] < p->low ? p->low : y[j] > p->high ? p->high : y[j];
  }
}

void ck_thin_product_f32(int64_t rows, int64_t k, int64_t n, const float *a, const float *b,
                         bool is_packed, const float *bias, float low, float high, float *y) {
  thin_product p = {rows, k, n, a, b, bias, is_packed, low, high, y};
  ck_parallel(ck_ceil_div(n, PANEL), ck_grain(rows * k * PANEL / 4), run_columns, &p);
}
