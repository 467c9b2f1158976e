// The gradient of the kernel: points of tiles of x times those of dy, in words of tiles.

// One tile of dy or two side by side, of which only the last may lack a column. The sum is the bias's.
INLINE void NAME(spread_gradients)(const int tiles, const T *from, int64_t row, int64_t column,
                                   bool has_row, bool has_column, WORD *to, int64_t stride,
                                   int64_t tile, int64_t width, lanes *sum) {
  const lanes zero = 0.0f;
  lanes s[2][4][2];
  CK_UNROLL for (int t = 0; t < tiles; t++, from += 2 * column) {
    const bool is_whole = has_column || t + 1 < tiles;
    const lanes a = GET(from), b = is_whole ? GET(from + column) : zero;
    const lanes c = has_row ? GET(from + row) : zero;
    const lanes d = has_row && is_whole ? GET(from + row + column) : zero;
    s[t][0][0] = a, s[t][1][0] = a + c, s[t][2][0] = a - c, s[t][3][0] = c;
    s[t][0][1] = b, s[t][1][1] = b + d, s[t][2][1] = b - d, s[t][3][1] = d;
    *sum += s[t][1][0] + s[t][1][1];
  }
  CK_UNROLL for (int i = 0; i < 4; i++) {
    lanes p[2][4];
    CK_UNROLL for (int t = 0; t < tiles; t++) {
      p[t][0] = s[t][i][0];
      p[t][1] = s[t][i][0] + s[t][i][1];
      p[t][2] = s[t][i][0] - s[t][i][1];
      p[t][3] = s[t][i][1];
    }
    CK_UNROLL for (int j = 0; j < 4; j++, to += stride)
      if (tiles == 2)
        PUT_PAIRED_TWO(to, tile, width, p[0][j], p[1][j]);
      else
        PUT_PAIRED(to, tile, width, p[0][j]);
  }
}

// w[point, tile, place] = A dy A' for the filters with a place in `vector`; their sum over all tiles
// is the bias's.
INLINE void NAME(spread_gradient)(const ck_winograd *c, const T *dy, int64_t first, int64_t end,
                                  int64_t vector, WORD *w, int64_t width, float *dbias) {
  const int64_t columns = c->result[1], filters = c->filters;
  const int64_t stride = (TILES * width + LINE / (int)sizeof(T)) / PAIR;
  lanes sum = 0.0f;
  for (int64_t tile = first; tile < end;) {
    const place at = place_of(c, tile, end);
    const int64_t line = at.image * c->result[0] + at.line * 2;
    const bool has_row = at.line * 2 + 1 < c->result[0];
    const T *from = dy + (line * columns + at.column * 2) * filters + first_at(vector, filters);
    for (int64_t run = 0; run < at.run;) {
      const bool two = run + 1 < at.run && (tile + run - first) % 2 == 0;
      const bool has_column = (at.column + run + two) * 2 + 1 < columns;
      if (two)
        NAME(spread_gradients)(2, from, columns * filters, filters, has_row, has_column, w, stride,
                               tile + run - first, width, &sum);
      else
        NAME(spread_gradients)(1, from, columns * filters, filters, has_row, has_column, w, stride,
                               tile + run - first, width, &sum);
      run += 1 + two, from += 2 * (1 + two) * filters;
    }
    tile += at.run;
  }
  *(lanes *)(dbias + vector) += sum;
}

// sums[channel, filter] += v' w for a group of channels and a panel at one point. Of its channels the
// first `shared` are those of the group before.
INLINE void NAME(multiply)(int64_t depth, int64_t shared, const WORD *v, const WORD *w, int width,
                           float *sums, bool accumulates) {
  if (IS_WIDE && width == PANEL) {
    for (int64_t i = shared / 8 * 8; i < GROUP; i += 8)
      NAME(multiply_tile)(8, 2, depth, depth, v + i, 1, GROUP, 0, w, PANEL, sums + i * PANEL, PANEL,
                          accumulates);
  } else if (IS_WIDE) {
    NAME(multiply_tile)(16, 1, depth, depth, v, 1, GROUP, 0, w, 16, sums, 16, accumulates);
  } else {
    for (int j = 0; j < width; j += 16)
      for (int64_t i = shared / 4 * 4; i < GROUP; i += 4)
        NAME(multiply_tile)(4, 1, depth, depth, v + i, 1, GROUP, 0, w + j, width,
                            sums + i * width + j, width, accumulates);
  }
}

LEVEL static void NAME(run_task)(const gradient_call *g, int64_t task, char *scratch) {
  const ck_winograd *c = g->c;
  const int64_t parts = part_count(c), part = task % parts, band = task / parts * BAND;
  const int64_t begin = block_begin(tile_count(c), part, parts);
  const int64_t end = block_begin(tile_count(c), part + 1, parts);
  const int64_t blocks = ck_ceil_div(end - begin, TILES), channels = c->channels;
  const int64_t places = whole_groups(channels), last_group = places - GROUP;
  const int64_t filters = ck_min64(band + BAND, whole_groups(c->filters));
  float *sums = g->sums + part * sum_size(c);
  float *dbias = sums + sum_offset(c, whole_groups(c->filters));
  T *v = (T *)scratch;
  char *w = scratch + spread_size(c);
  const T *zeros = memset(w + BAND / PANEL * band_panel_size(c), 0, (size_t)zeros_size(c));
  memset(dbias + band, 0, (size_t)(filters - band) * sizeof(float));
  for (int64_t block = 0; block < blocks; block++) {
    const int64_t first = begin + block_begin(end - begin, block, blocks);
    const int64_t last = begin + block_begin(end - begin, block + 1, blocks);
    NAME(spread_image)(true, c, g->x, zeros, first, last, v);
    for (int64_t panel = band; panel < filters; panel += PANEL) {
      const int width = panel_width(c, panel);
      const int64_t stride = (TILES * width + LINE / (int)sizeof(T)) / PAIR;
      WORD *spread = (WORD *)(w + (panel - band) / PANEL * band_panel_size(c));
      for (int j = 0; j < width; j += 16)
        NAME(spread_gradient)(c, g->dy, first, last, panel + j, spread + j, width, dbias);
      for (int q = 0; q < POINTS; q++)
        for (int64_t i = 0; i < places; i += GROUP)
          NAME(multiply)(WORDS(last - first), i == last_group ? places - channels : 0,
                         (const WORD *)(v + i / GROUP * GROUP_STRIDE + q * SPREAD_STRIDE),
                         spread + q * stride, width,
                         sums + sum_offset(c, panel) + (q * places + i) * width, block > 0);
    }
  }
}

static void NAME(run_gradient_slots)(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const gradient_call *g = context;
  const int64_t tasks = gradient_tasks(g->c);
  for (ptrdiff_t slot = begin; slot < end; slot++)
    for (int64_t task; (task = take(g->shares, tasks, g->c->slots, slot)) >= 0;)
      NAME(run_task)(g, task, g->scratch + slot * gradient_slot_size(g->c));
}

// G' u G for the sum u of all parts, at channels.
LEVEL static void NAME(join_rows)(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const gradient_call *g = context;
  const ck_winograd *c = g->c;
  const int64_t channels = c->channels, filters = c->filters, parts = part_count(c);
  const int64_t size = sum_size(c), places = whole_groups(channels), shared = places - channels;
  for (int64_t i = begin; i < end; i++)
    for (int64_t f = 0; f < filters; f += 16) {
      const int64_t panel = f / PANEL * PANEL, width = panel_width(c, panel);
      lanes u[POINTS], w[3][4];
      CK_UNROLL for (int q = 0; q < POINTS; q++) u[q] = 0.0f;
      const int64_t row = i < places - GROUP ? i : i + shared;
      const float *from = g->sums + sum_offset(c, panel) + row * width + f - panel;
      for (int64_t part = 0; part < parts; part++, from += size)
        CK_UNROLL for (int q = 0; q < POINTS; q++)
          u[q] += *(const lanes *)(from + q * places * width);
      CK_UNROLL for (int j = 0; j < 4; j++) {
        const lanes half = 0.5f * (u[4 + j] + u[8 + j]);
        w[0][j] = u[j] + half;
        w[1][j] = 0.5f * (u[4 + j] - u[8 + j]);
        w[2][j] = half + u[12 + j];
      }
      T *to = (T *)g->dk + i * filters + first_at(f, filters);
      CK_UNROLL for (int r = 0; r < 3; r++) {
        const lanes half = 0.5f * (w[r][1] + w[r][2]);
        PUT(to + 3 * r * channels * filters, w[r][0] + half);
        PUT(to + (3 * r + 1) * channels * filters, 0.5f * (w[r][1] - w[r][2]));
        PUT(to + (3 * r + 2) * channels * filters, half + w[r][3]);
      }
    }
  // The sums for the bias come with the first channel.
  for (int64_t f = 0; begin == 0 && g->dbias && f < filters; f += GROUP) {
    lanes sum = 0.0f;
    for (int64_t part = 0; part < parts; part++)
      sum += *(const lanes *)(g->sums + (part + 1) * size - whole_groups(filters) + f);
    PUT((T *)g->dbias + first_at(f, filters), sum);
  }
}
