// How kernels are spread to points: u[panel, point, channel, filter], in words of channels.

// The 16 values of G g G', for the 9 of g.
INLINE void NAME(spread_kernel)(const lanes *g, lanes *u) {
  lanes w[4][3];
  CK_UNROLL for (int s = 0; s < 3; s++) {
    const lanes sum = 0.5f * (g[s] + g[6 + s]);
    w[0][s] = g[s];
    w[1][s] = sum + 0.5f * g[3 + s];
    w[2][s] = sum - 0.5f * g[3 + s];
    w[3][s] = g[6 + s];
  }
  CK_UNROLL for (int i = 0; i < 4; i++) {
    const lanes sum = 0.5f * (w[i][0] + w[i][2]);
    u[4 * i] = w[i][0];
    u[4 * i + 1] = sum + 0.5f * w[i][1];
    u[4 * i + 2] = sum - 0.5f * w[i][1];
    u[4 * i + 3] = w[i][2];
  }
}

// Where the panel from `place` on begins.
INLINE int64_t NAME(panel_offset)(const ck_winograd *c, int64_t place) {
  return POINTS * WORDS(c->channels) * place;
}

LEVEL static void NAME(spread_kernels)(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const kernel_call *p = context;
  const int64_t channels = p->c->channels, filters = p->c->filters;
  const int64_t last = ck_min64(end * PAIR, channels);
  for (int64_t i = begin * PAIR; i < last; i++)
    for (int64_t f = 0; f < filters; f += 16) {
      lanes g[9], u[POINTS];
      const T *from = (const T *)p->k + i * filters + first_at(f, filters);
      CK_UNROLL for (int t = 0; t < 9; t++) g[t] = GET(from + t * channels * filters);
      NAME(spread_kernel)(g, u);
      const int64_t panel = f / PANEL * PANEL, width = panel_width(p->c, panel);
      WORD *to = (WORD *)p->u + NAME(panel_offset)(p->c, panel) + f - panel;
      CK_UNROLL for (int q = 0; q < POINTS; q++)
        PUT_PAIRED(to + q * WORDS(channels) * width, i, width, u[q]);
    }
}

// A group is one of the channels of dy, which are the filters that k knows.
LEVEL static void NAME(spread_turned_kernels)(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const kernel_call *p = context;
  const int64_t channels = p->c->channels, filters = p->c->filters;
  for (int64_t group = begin; group < end; group++)
    for (int64_t f = 0; f < filters; f += 16) {
      const int64_t i = first_at(group * GROUP, channels), shared = group * GROUP - i;
      const T *from = (const T *)p->k + first_at(f, filters) * channels + i;
      float points[POINTS][16][16], rows[16][16];
      for (int j = 0; j < 16; j++) {
        lanes g[9], u[POINTS];
        CK_UNROLL for (int t = 0; t < 9; t++) g[8 - t] = GET(from + (t * filters + j) * channels);
        NAME(spread_kernel)(g, u);
        CK_UNROLL for (int q = 0; q < POINTS; q++) *(lanes *)points[q][j] = u[q];
      }
      const int64_t panel = f / PANEL * PANEL, width = panel_width(p->c, panel);
      WORD *to = (WORD *)p->u + NAME(panel_offset)(p->c, panel) + f - panel;
      for (int q = 0; q < POINTS; q++, to += WORDS(channels) * width) {
        ck_transpose(rows[0], 16, points[q][0], 16, 16, 16);
        for (int64_t r = shared; r < 16; r++) PUT_PAIRED(to, i + r, width, *(lanes *)rows[r]);
      }
    }
}
