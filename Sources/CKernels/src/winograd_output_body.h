// The convolution itself, a block of tiles at a time.

// A' m A for the tiles from `first` up to `end`, and what follows it, at a vector of filters.
INLINE void NAME(join_tiles)(const output_call *p, int64_t first, int64_t end, const float *m,
                             int64_t filter) {
  const ck_winograd *c = p->c;
  const int64_t width = c->result[1], filters = c->filters;
  const T *addend = p->addend;
  T *result = p->y;
  const lanes bias = p->bias ? GET((const T *)p->bias + filter) : (lanes)0.0f;
  const lanes low = p->low, high = p->high;
  for (int64_t tile = first; tile < end;) {
    const place at = place_of(c, tile, end);
    const int64_t row = (at.image * c->result[0] + at.line * 2) * width;
    const bool has_row = at.line * 2 + 1 < c->result[0];
    for (int64_t run = 0; run < at.run; run++, m += PANEL) {
      lanes s[2][4], y[4];
      CK_UNROLL for (int j = 0; j < 4; j++) {
        const lanes m0 = *(const lanes *)(m + j * PRODUCT_STRIDE);
        const lanes m1 = *(const lanes *)(m + (4 + j) * PRODUCT_STRIDE);
        const lanes m2 = *(const lanes *)(m + (8 + j) * PRODUCT_STRIDE);
        const lanes m3 = *(const lanes *)(m + (12 + j) * PRODUCT_STRIDE);
        s[0][j] = m0 + m1 + m2;
        s[1][j] = m1 - m2 + m3;
      }
      CK_UNROLL for (int i = 0; i < 2; i++) {
        y[2 * i] = s[i][0] + s[i][1] + s[i][2] + bias;
        y[2 * i + 1] = s[i][1] - s[i][2] + s[i][3] + bias;
      }
      const int64_t column = (at.column + run) * 2;
      const bool has_column = column + 1 < width;
      const bool isThere[4] = {true, has_column, has_row, has_row && has_column};
      CK_UNROLL for (int i = 0; i < 4; i++) {
        if (!isThere[i]) continue;
        const int64_t to = (row + i / 2 * width + column + i % 2) * filters + filter;
        lanes value = y[i];
        if (addend) value += GET(addend + to);
        value = value < low ? low : value;
        value = value > high ? high : value;
        PUT(result + to, value);
      }
    }
    tile += at.run;
  }
}

#define CK_HEIGHT(H)                                                                            \
  case H:                                                                                       \
    NAME(multiply_tile)(H, vectors, depth, GROUP / PAIR, v, GROUP / PAIR, 1, GROUP_STRIDE / PAIR, \
                        u, width, m, PANEL, false);                                             \
    break;

// m[tile, filter] at one point, for up to HEIGHT tiles.
INLINE void NAME(multiply_wide)(int tiles, const int vectors, int64_t depth, const WORD *v,
                                const WORD *u, float *m) {
  const int64_t width = 16 * vectors;
  switch (tiles) {
    CK_HEIGHT(1) CK_HEIGHT(2) CK_HEIGHT(3) CK_HEIGHT(4) CK_HEIGHT(5) CK_HEIGHT(6)
    CK_HEIGHT(7) CK_HEIGHT(8) CK_HEIGHT(9) CK_HEIGHT(10) CK_HEIGHT(11) CK_HEIGHT(12)
    default: break;
  }
}

// The same for half as many registers of half the width.
INLINE void NAME(multiply_narrow)(int tiles, int64_t width, int64_t depth, const WORD *v,
                                  const WORD *u, float *m) {
  enum { vectors = 1 };
  for (; tiles > 0; tiles -= 6, v += 6 * GROUP / PAIR, m += 6 * PANEL)
    switch (tiles) {
      CK_HEIGHT(1) CK_HEIGHT(2) CK_HEIGHT(3) CK_HEIGHT(4) CK_HEIGHT(5)
      default:
        NAME(multiply_tile)(6, vectors, depth, GROUP / PAIR, v, GROUP / PAIR, 1,
                            GROUP_STRIDE / PAIR, u, width, m, PANEL, false);
    }
}
#undef CK_HEIGHT

LEVEL static void NAME(run_block)(const output_call *p, int64_t first, int64_t last, T *v, float *m,
                                  const T *zeros) {
  const ck_winograd *c = p->c;
  const int64_t depth = WORDS(c->channels), parts = ck_ceil_div(last - first, HEIGHT);
  NAME(spread_image)(false, c, p->x, zeros, first, last, v);
  for (int64_t panel = 0; panel < c->filters; panel += PANEL) {
    const int width = panel_width(c, panel);
    const WORD *u = (const WORD *)p->u + NAME(panel_offset)(c, panel);
    for (int64_t part = 0; part < parts; part++) {
      const int64_t from = (last - first) * part / parts;
      const int64_t to = (last - first) * (part + 1) / parts;
      for (int q = 0; q < POINTS; q++) {
        const WORD *left = (const WORD *)(v + q * SPREAD_STRIDE + from * GROUP);
        const WORD *right = u + q * depth * width;
        float *product = m + q * PRODUCT_STRIDE;
        if (!IS_WIDE)
          for (int w = 0; w < width; w += 16)
            NAME(multiply_narrow)((int)(to - from), width, depth, left, right + w, product + w);
        else if (width == PANEL)
          NAME(multiply_wide)((int)(to - from), 2, depth, left, right, product);
        else
          NAME(multiply_wide)((int)(to - from), 1, depth, left, right, product);
      }
      for (int w = 0; w < width; w += 16)
        NAME(join_tiles)(p, first + from, first + to, m + w, first_at(panel + w, c->filters));
    }
  }
}

static void NAME(run_slots)(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const output_call *p = context;
  const ck_winograd *c = p->c;
  const int64_t tiles = tile_count(c), blocks = block_count(c);
  for (ptrdiff_t slot = begin; slot < end; slot++) {
    char *scratch = p->scratch + slot * slot_size(c);
    float *m = (float *)(scratch + spread_size(c));
    const T *zeros = memset(m + POINTS * PRODUCT_STRIDE, 0, (size_t)zeros_size(c));
    for (int64_t block; (block = take(p->shares, blocks, c->slots, slot)) >= 0;)
      NAME(run_block)(p, block_begin(tiles, block, blocks), block_begin(tiles, block + 1, blocks),
                      (T *)scratch, m, zeros);
  }
}
