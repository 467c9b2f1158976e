#include "winograd.h"

// The gradient of the kernel is G' (sum over tiles of (B' d B) (A dy A')) G. The tiles are cut into
// parts and the filters into bands: each pair of them is a task of its own with a sum of its own.

enum { BAND = 2 * PANEL, MAX_PARTS = 16, MAX_SUMS = 1 << 21 };
enum { PANEL_STRIDE = POINTS * (TILES * PANEL + 16) };

typedef struct gradient {
  const ck_winograd *c;
  const float *x, *dy;
  float *dk, *dbias;
  float *sums, *scratch;
} gradient;

// Where the panel from `place` on begins in a sum: [panel, point, place of a channel, place]. After
// all of them come the sums for the bias.
CK_INLINE int64_t panel_offset(const ck_winograd *c, int64_t place) {
  return POINTS * whole_groups(c->channels) * place;
}
static int64_t sum_size(const ck_winograd *c) {
  return panel_offset(c, whole_groups(c->filters)) + whole_groups(c->filters);
}
static int64_t part_count(const ck_winograd *c) {
  const int64_t fitting = ck_min64(MAX_SUMS / sum_size(c), tile_count(c) / (2 * TILES));
  return ck_max64(1, ck_min64(fitting, MAX_PARTS));
}
static int64_t slot_size(const ck_winograd *c) {
  return spread_size(c) + BAND / PANEL * PANEL_STRIDE + c->size[1] * c->channels;
}
size_t ck_winograd_gradient_scratch(const ck_winograd *c) {
  return (size_t)(part_count(c) * sum_size(c) + c->slots * slot_size(c)) * sizeof(float);
}

// w[point, tile, place] = A dy A' for the filters with a place in `vector`; their sum over all tiles is the bias's.
CK_INLINE void spread_gradient(const ck_winograd *c, const float *dy, int64_t first, int64_t end,
                               int64_t vector, float *w, int64_t width, float *dbias) {
  const int64_t columns = c->result[1], filters = c->filters, stride = TILES * width + 16;
  const int64_t filter = first_at(vector, filters);
  lanes sum = 0.0f;
  for (int64_t tile = first; tile < end;) {
    const place at = place_of(c, tile, end);
    const int64_t line = at.image * c->result[0] + at.line * 2;
    const bool has_row = at.line * 2 + 1 < c->result[0];
    for (int64_t run = 0; run < at.run; run++, w += width) {
      const int64_t column = (at.column + run) * 2;
      const bool has_column = column + 1 < columns;
      const float *from = dy + (line * columns + column) * filters + filter;
      const lanes zero = 0.0f, a = *(const lanes *)from;
      const lanes b = has_column ? *(const lanes *)(from + filters) : zero;
      from += has_row ? columns * filters : 0;
      const lanes c0 = has_row ? *(const lanes *)from : zero;
      const lanes d = has_row && has_column ? *(const lanes *)(from + filters) : zero;
      const lanes s[4][2] = {{a, b}, {a + c0, b + d}, {a - c0, b - d}, {c0, d}};
      CK_UNROLL for (int i = 0; i < 4; i++) {
        *(lanes *)(w + (4 * i) * stride) = s[i][0];
        *(lanes *)(w + (4 * i + 1) * stride) = s[i][0] + s[i][1];
        *(lanes *)(w + (4 * i + 2) * stride) = s[i][0] - s[i][1];
        *(lanes *)(w + (4 * i + 3) * stride) = s[i][1];
      }
      sum += s[1][0] + s[1][1];
    }
    tile += at.run;
  }
  *(lanes *)(dbias + vector) += sum;
}

// sums[channel, filter] += v' w for a group of channels and a panel at one point. Of its channels the
// first `shared` are those of the group before.
CK_INLINE void multiply(const bool is_wide, int64_t tiles, int64_t shared, const float *v,
                        const float *w, int width, float *sums, bool accumulates) {
  if (is_wide && width == PANEL) {
    for (int64_t i = shared / 8 * 8; i < GROUP; i += 8)
      multiply_tile(8, 2, tiles, tiles, v + i, 1, GROUP, 0, w, PANEL, sums + i * PANEL, PANEL,
                    accumulates);
  } else if (is_wide) {
    multiply_tile(16, 1, tiles, tiles, v, 1, GROUP, 0, w, 16, sums, 16, accumulates);
  } else {
    for (int j = 0; j < width; j += 16)
      for (int64_t i = shared / 4 * 4; i < GROUP; i += 4)
        multiply_tile(4, 1, tiles, tiles, v + i, 1, GROUP, 0, w + j, width, sums + i * width + j,
                      width, accumulates);
  }
}

CK_INLINE void run(const bool is_wide, const gradient *g, int64_t task, float *scratch) {
  const ck_winograd *c = g->c;
  const int64_t parts = part_count(c), part = task % parts, band = task / parts * BAND;
  const int64_t begin = tile_count(c) * part / parts, end = tile_count(c) * (part + 1) / parts;
  const int64_t blocks = ck_ceil_div(end - begin, TILES), channels = c->channels;
  const int64_t places = whole_groups(channels), last_group = places - GROUP;
  const int64_t filters = ck_min64(band + BAND, whole_groups(c->filters));
  float *sums = g->sums + part * sum_size(c);
  float *dbias = sums + panel_offset(c, whole_groups(c->filters));
  float *v = scratch, *w = v + spread_size(c), *zeros = w + BAND / PANEL * PANEL_STRIDE;
  memset(zeros, 0, (size_t)(c->size[1] * channels) * sizeof(float));
  memset(dbias + band, 0, (size_t)(filters - band) * sizeof(float));
  for (int64_t block = 0; block < blocks; block++) {
    const int64_t first = begin + (end - begin) * block / blocks;
    const int64_t last = begin + (end - begin) * (block + 1) / blocks;
    spread_image(c, g->x, zeros, first, last, v);
    for (int64_t panel = band; panel < filters; panel += PANEL) {
      const int width = panel_width(c, panel);
      float *spread = w + (panel - band) / PANEL * PANEL_STRIDE;
      for (int j = 0; j < width; j += 16)
        spread_gradient(c, g->dy, first, last, panel + j, spread + j, width, dbias);
      for (int q = 0; q < POINTS; q++)
        for (int64_t i = 0; i < places; i += GROUP)
          multiply(is_wide, last - first, i == last_group ? places - channels : 0,
                   v + i / GROUP * GROUP_STRIDE + q * SPREAD_STRIDE,
                   spread + q * (TILES * width + 16), width,
                   sums + panel_offset(c, panel) + (q * places + i) * width, block > 0);
    }
  }
}

CK_WIDE static void run_wide(const gradient *g, int64_t task, float *scratch) {
  run(true, g, task, scratch);
}
CK_HOT static void run_narrow(const gradient *g, int64_t task, float *scratch) {
  run(false, g, task, scratch);
}

static void run_slots(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const gradient *g = context;
  const int64_t tasks = part_count(g->c) * ck_ceil_div(g->c->filters, BAND), slots = g->c->slots;
  const bool is_wide = ck_is_wide();
  for (ptrdiff_t slot = begin; slot < end; slot++)
    for (int64_t task = tasks * slot / slots; task < tasks * (slot + 1) / slots; task++)
      (is_wide ? run_wide : run_narrow)(g, task, g->scratch + slot * slot_size(g->c));
}

// G' u G for the sum u of all parts, at channels.
CK_HOT static void join_rows(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const gradient *g = context;
  const ck_winograd *c = g->c;
  const int64_t channels = c->channels, filters = c->filters, parts = part_count(c);
  const int64_t size = sum_size(c), places = whole_groups(channels), shared = places - channels;
  for (int64_t i = begin; i < end; i++)
    for (int64_t f = 0; f < filters; f += 16) {
      const int64_t panel = f / PANEL * PANEL, width = panel_width(c, panel);
      lanes u[POINTS], w[3][4];
      CK_UNROLL for (int q = 0; q < POINTS; q++) u[q] = 0.0f;
      const int64_t row = i < places - GROUP ? i : i + shared;
      const float *from = g->sums + panel_offset(c, panel) + row * width + f - panel;
      for (int64_t part = 0; part < parts; part++, from += size)
        CK_UNROLL for (int q = 0; q < POINTS; q++)
          u[q] += *(const lanes *)(from + q * places * width);
      CK_UNROLL for (int j = 0; j < 4; j++) {
        const lanes half = 0.5f * (u[4 + j] + u[8 + j]);
        w[0][j] = u[j] + half;
        w[1][j] = 0.5f * (u[4 + j] - u[8 + j]);
        w[2][j] = half + u[12 + j];
      }
      float *to = g->dk + i * filters + first_at(f, filters);
      CK_UNROLL for (int r = 0; r < 3; r++) {
        const lanes half = 0.5f * (w[r][1] + w[r][2]);
        *(lanes *)(to + 3 * r * channels * filters) = w[r][0] + half;
        *(lanes *)(to + (3 * r + 1) * channels * filters) = 0.5f * (w[r][1] - w[r][2]);
        *(lanes *)(to + (3 * r + 2) * channels * filters) = half + w[r][3];
      }
    }
}

void ck_winograd_gradient_f32(const ck_winograd *c, float *dk, float *dbias, const float *x,
                              const float *dy, void *scratch) {
  const int64_t parts = part_count(c), size = sum_size(c);
  gradient g = {c, x, dy, dk, dbias, scratch, (float *)scratch + parts * size};
  ck_parallel(c->slots, 1, run_slots, &g);
  ck_parallel(c->channels, ck_grain(c->filters * POINTS * parts / 4), join_rows, &g);
  const int64_t places = whole_groups(c->filters);
  for (int64_t f = 0; dbias && f < places; f += GROUP) {
    lanes sum = 0.0f;
    for (int64_t part = 0; part < parts; part++)
      sum += *(const lanes *)(g.sums + (part + 1) * size - places + f);
    *(lanes *)(dbias + first_at(f, c->filters)) = sum;
  }
}
