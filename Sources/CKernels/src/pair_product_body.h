// The loops of a pair product: LEVEL and INLINE say for which processors they are compiled, and
// MULTIPLY(sum, x, y) adds the products of sixteen pairs to sixteen sums.

// A tile of `height` rows and `vectors` times 16 columns from `row` and `column` on, of which
// `filled` rows are there. Both numbers are constants where this is inlined.
INLINE void NAME(tile)(const int height, const int vectors, const pair_product *c, int64_t row,
                       int64_t filled, int64_t column) {
  CK_CONTRACT
  lanes sums[12][4];
  const uint16_t *x[12];
  CK_UNROLL for (int r = 0; r < height; r++) {
    const int64_t at = row + (r < filled ? r : filled - 1);
    x[r] = c->x + c->offsets[at];
    CK_UNROLL for (int v = 0; v < vectors; v++)
      sums[r][v] = *(const lanes *)(c->sums + at * c->columns + column + 16 * v);
  }
  const uint32_t *y = c->y + column;
  for (int64_t l = 0; l < c->lines; l++) {
    for (int64_t at = c->starts[l], end = at + 2 * c->pairs; at < end; at += 2, y += c->columns) {
      words right[4];
      CK_UNROLL for (int v = 0; v < vectors; v++) right[v] = *(const words *)(y + 16 * v);
      CK_UNROLL for (int r = 0; r < height; r++) {
        uint32_t pair;
        memcpy(&pair, x[r] + at, sizeof pair);
        const words left = (words)pair;
        CK_UNROLL for (int v = 0; v < vectors; v++)
          sums[r][v] = MULTIPLY(sums[r][v], left, right[v]);
      }
    }
  }
  CK_UNROLL for (int r = 0; r < height; r++)
    CK_UNROLL for (int v = 0; r < filled && v < vectors; v++)
      *(lanes *)(c->sums + (row + r) * c->columns + column + 16 * v) = sums[r][v];
}

#define ALL_ROWS(HEIGHT, VECTORS)                                                       \
  for (int64_t row = 0; row < c->rows; row += (HEIGHT))                                 \
    NAME(tile)(HEIGHT, VECTORS, c, row, ck_min64(HEIGHT, c->rows - row), column);

// 12 to 24 of 32 registers hold sums.
LEVEL static void NAME(product)(const pair_product *c) {
  for (int64_t column = 0; column < c->columns; column += 64) {
    switch (ck_min64(64, c->columns - column) / 16) {
      case 1: ALL_ROWS(12, 1) break;
      case 2: ALL_ROWS(12, 2) break;
      case 3: ALL_ROWS(6, 3) break;
      default: ALL_ROWS(6, 4) break;
    }
  }
}

#undef ALL_ROWS
#undef NAME
#undef LEVEL
#undef INLINE
#undef MULTIPLY
