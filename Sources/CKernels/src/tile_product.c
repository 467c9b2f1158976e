#include "ck_tile_product.h"

#include "tile_product.h"
#include "transpose.h"

// Rows that are multiplied before the next tile, as many of b's panel stay in the first-level cache;
// the last ones are not left alone.
enum { BLOCK = 96, LAST_BLOCK = 128, PANEL = 64, MAX_HEIGHT = 12 };

typedef struct panel {
  int64_t rows, k, width;  // the columns of c that there are
  const float *a;
  const int64_t *offsets;  // where a's columns begin; next to each other if null
  int64_t a_step;
  const float *b;
  int64_t b_stride;
  float *kept;  // where the first tile packs b for the others, if not null
  float *c;
  int64_t c_stride;
  bool accumulates;
  const float *next;  // the rows of b that the next panel is packed from
  int64_t next_stride;
} panel;

// Adds a row of b, each number of it times one of a, to the sums of a tile.
#define ADD_ROW(A)                                                                    \
  {                                                                                   \
    lanes row[4];                                                                     \
    CK_UNROLL for (int v = 0; v < vectors; v++) row[v] = *(const lanes *)(b + 16 * v); \
    CK_UNROLL for (int v = 0; packs && v < vectors; v++, kept += 16)                  \
      *(lanes *)kept = row[v];                                                        \
    CK_UNROLL for (int r = 0; r < height; r++) {                                      \
      const lanes x = A;                                                              \
      CK_UNROLL for (int v = 0; v < vectors; v++) sums[r][v] += x * row[v];           \
    }                                                                                 \
  }

// A tile of c: `height` rows and `vectors` times 16 columns, constants where this is inlined, stay
// in registers for all rows of a and b.
CK_INLINE void tile(const int height, const int vectors, const bool packs, const panel *p,
                    int64_t first, float *c, int64_t c_stride) {
  CK_CONTRACT
  lanes sums[MAX_HEIGHT][4];
  CK_UNROLL for (int r = 0; r < height; r++)
    CK_UNROLL for (int v = 0; v < vectors; v++)
      sums[r][v] = p->accumulates ? *(const lanes *)(c + r * c_stride + 16 * v) : (lanes)0.0f;
  const bool is_kept = !packs && p->kept;
  const float *b = is_kept ? p->kept : p->b;
  const int64_t b_stride = is_kept ? 16 * vectors : p->b_stride;
  float *kept = p->kept;
  // Each tile asks memory for another column of lines of what comes next.
  const float *next = p->next + first / 6 % 4 * 16;
  if (p->offsets) {
    const float *a[MAX_HEIGHT];
    CK_UNROLL for (int r = 0; r < height; r++) a[r] = p->a + p->offsets[first + r];
    for (int64_t m = 0, at = 0; m < p->rows; m++, at += p->a_step, b += b_stride) {
      __builtin_prefetch(next + m * p->next_stride, 0, 2);
      __builtin_prefetch(p->a + p->offsets[first + m % height] + at + 32, 0, 3);
      ADD_ROW(a[r][at])
    }
  } else {
    const float *a = p->a + first;
    for (int64_t m = 0; m < p->rows; m++, a += p->a_step, b += b_stride) ADD_ROW(a[r])
  }
  CK_UNROLL for (int r = 0; r < height; r++)
    CK_UNROLL for (int v = 0; v < vectors; v++)
      *(lanes *)(c + r * c_stride + 16 * v) = sums[r][v];
}

// A tile at the panel's row; through a whole one where the panel ends before its vectors do.
CK_INLINE void place(const int height, const int vectors, const bool packs, const panel *p,
                     int64_t row) {
  float *c = p->c + row * p->c_stride;
  if (p->width == 16 * vectors) {
    tile(height, vectors, packs, p, row, c, p->c_stride);
    return;
  }
  float whole[MAX_HEIGHT * PANEL];
  const size_t bytes = (size_t)p->width * sizeof(float);
  for (int r = 0; r < height && p->accumulates; r++)
    memcpy(whole + r * PANEL, c + r * p->c_stride, bytes);
  tile(height, vectors, packs, p, row, whole, PANEL);
  for (int r = 0; r < height; r++) memcpy(c + r * p->c_stride, whole + r * PANEL, bytes);
}

// Tiles of HEIGHT rows, and a last one.
#define ALL_ROWS(HEIGHT, VECTORS)                                                     \
  {                                                                                   \
    int64_t row = 0;                                                                  \
    if (p->kept) {                                                                    \
      place(HEIGHT, VECTORS, true, p, 0);                                             \
      row = (HEIGHT);                                                                 \
    }                                                                                 \
    for (; row + (HEIGHT) <= p->k; row += (HEIGHT)) place(HEIGHT, VECTORS, false, p, row); \
    if ((HEIGHT) > 6 && row + 6 <= p->k) {                                            \
      place(6, VECTORS, false, p, row);                                               \
      row += 6;                                                                       \
    }                                                                                 \
    switch (p->k - row) {                                                             \
      case 5: place((HEIGHT) > 5 ? 5 : 1, VECTORS, false, p, row); return;            \
      case 4: place((HEIGHT) > 4 ? 4 : 1, VECTORS, false, p, row); return;            \
      case 3: place((HEIGHT) > 3 ? 3 : 1, VECTORS, false, p, row); return;            \
      case 2: place(2, VECTORS, false, p, row); return;                               \
      case 1: place(1, VECTORS, false, p, row); return;                               \
      default: return;                                                                \
    }                                                                                 \
  }

// 12 to 24 of 32 registers hold sums.
CK_WIDE static void wide_panel(const panel *p, int vectors) {
  switch (vectors) {
    case 1: ALL_ROWS(12, 1)
    case 2: ALL_ROWS(12, 2)
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

// The rows of a tile.
static int64_t height_of(bool is_wide, int vectors) {
  return is_wide ? (vectors <= 2 ? 12 : 6) : vectors == 1 ? 6 : 3;
}

// Some rows of b's columns one after the other, filled up to whole vectors. So many numbers are there
// to be `read`: what is in a row beyond its columns does no harm.
CK_HOT static void pack(float *to, const float *from, factor b, int64_t height, int64_t width,
                        int64_t filled, int64_t read) {
  if (b.column != 1) {
    ck_transpose(to, filled, from, b.column, width, height);
    for (int64_t r = 0; r < height && width < filled; r++)
      memset(to + r * filled + width, 0, (size_t)(filled - width) * sizeof(float));
    return;
  }
  for (int64_t r = 0; r < height; r++, to += filled, from += b.row, read -= b.row) {
    if (read >= filled) {
      for (int64_t j = 0; j < filled; j += 16) *(lanes *)(to + j) = *(const lanes *)(from + j);
    } else {
      memcpy(to, from, (size_t)width * sizeof(float));
      memset(to + width, 0, (size_t)(filled - width) * sizeof(float));
    }
  }
}

void tile_product(int64_t rows, int64_t k, int64_t n, const float *a, const int64_t *offsets,
                  int64_t a_step, factor b, float *c, int64_t c_stride, bool accumulates) {
  const bool is_wide = ck_is_wide();
  const int64_t widest = is_wide ? 64 : 32;
  float packed[LAST_BLOCK * PANEL];
  for (int64_t column = 0; column < n; column += widest) {
    const int64_t width = ck_min64(widest, n - column);
    const int vectors = (int)ck_ceil_div(width, 16);
    int64_t m = 0;
    do {
      const int64_t filled = 16 * vectors, left = rows - m;
      const int64_t height = left <= LAST_BLOCK ? left : BLOCK;
      const float *from = b.at + m * b.row + column * b.column;
      const int64_t read = (left - 1) * b.row + (b.is_packed ? PANEL : n) - column;
      // Rows of b are read where they lie if they are packed, or one tile is all that needs them.
      const bool reads = b.column == 1 && (height - 1) * b.row + filled <= read;
      const bool packs = reads && b.row != filled && k > height_of(is_wide, vectors);
      if (!reads) pack(packed, from, b, height, width, filled, read);
      // What is transposed comes in an order of its own.
      const bool asks = height < left && b.column == 1;
      const panel p = {height,
                       k,
                       width,
                       a + m * a_step,
                       offsets,
                       a_step,
                       reads ? from : packed,
                       reads ? b.row : filled,
                       packs ? packed : NULL,
                       c + column,
                       c_stride,
                       accumulates || m > 0,
                       asks ? from + height * b.row : packed,
                       asks ? b.row : 0};
      (is_wide ? wide_panel : narrow_panel)(&p, vectors);
      m += height;
    } while (m < rows);
  }
}

void ck_tile_product_f32(int64_t rows, int64_t k, int64_t n, const float *a, const int64_t *offsets,
                         int64_t a_step, const float *b, int64_t b_stride, float *c,
                         int64_t c_stride, bool accumulates) {
  tile_product(rows, k, n, a, offsets, a_step, (factor){b, b_stride, 1}, c, c_stride, accumulates);
}

void ck_panel_product_f32(int64_t rows, int64_t k, int64_t n, const float *a, int64_t a_step,
                          const float *b, float *c, int64_t c_stride) {
  tile_product(rows, k, n, a, NULL, a_step, (factor){b, PANEL, 1, true}, c, c_stride, false);
}
