#include "ck_depthwise.h"

#include "tiles.h"

// A row of an image is one sequence of numbers in which a tap is a distance. The kernel repeats
// after as many numbers as there are channels, so a vector need not begin with the first of them.
// Rows are taken some at a time, copied with their padding: they stay in the cache of a core. Where
// the window moves on by several columns, the copy has first all those that the first tap sees,
// then those of the second, until they repeat: the phases.

enum { LANES = 16, GROUP = 4 * LANES, BLOCK = 1 << 14, PARTS = 16, MAX_SUMS = 1 << 19 };

static int64_t tap_count(const ck_convolution *c) { return c->taps[0] * c->taps[1]; }
// How many rows a place sees, but one.
static int64_t reach(const ck_convolution *c) { return c->dilation[0] * (c->taps[0] - 1); }
// A padded row, with room for the vectors at its end: as many phases as the stride.
static int64_t phase_columns(const ck_convolution *c) {
  return c->result[1] + c->dilation[1] * (c->taps[1] - 1) / c->stride[1];
}
static int64_t row_size(const ck_convolution *c) {
  const int64_t columns = c->stride[1] * phase_columns(c);
  return ck_ceil_div(columns * c->channels + GROUP, LANES) * LANES;
}
static int64_t block_rows(const ck_convolution *c) {
  const int64_t fitting = (BLOCK / row_size(c) - reach(c)) / c->stride[0];
  return ck_max64(1, ck_min64(c->result[0], fitting));
}
static int64_t rows_of(const ck_convolution *c, int64_t count) {
  return (count - 1) * c->stride[0] + reach(c) + 1;
}
static int64_t blocks_of_image(const ck_convolution *c) {
  return ck_ceil_div(c->result[0], block_rows(c));
}
static int64_t rows_size(const ck_convolution *c) {
  return rows_of(c, block_rows(c)) * row_size(c);
}
// Numbers for each channel, so often that a vector may begin at any of them.
static int64_t repeated_size(const ck_convolution *c) {
  return ck_ceil_div(c->channels + GROUP, LANES) * LANES;
}

typedef struct block {
  int64_t image, first, end;  // rows of y
} block;

static block block_at(const ck_convolution *c, int64_t index) {
  const int64_t count = blocks_of_image(c), part = index % count;
  return (block){index / count, c->result[0] * part / count, c->result[0] * (part + 1) / count};
}

// A row of x, or what is outside of the image if it is null.
static void fill_row(const ck_convolution *c, const float *x, float *row) {
  const int64_t stride = c->stride[1], columns = phase_columns(c);
  const size_t pixel = (size_t)c->channels * sizeof(float);
  memset(row, 0, (size_t)row_size(c) * sizeof(float));
  for (int64_t phase = 0; x && phase < stride; phase++, row += columns * c->channels) {
    const int64_t shift = phase - c->low[1];  // the column of x at the first of the phase
    const int64_t from = ck_max64(0, ck_ceil_div(ck_max64(0, -shift), stride));
    const int64_t to = ck_min64(columns, ck_ceil_div(ck_max64(0, c->size[1] - shift), stride));
    if (stride == 1 && from < to)
      memcpy(row + from * c->channels, x + (from + shift) * c->channels,
             (size_t)(to - from) * pixel);
    else
      for (int64_t i = from; i < to; i++)
        memcpy(row + i * c->channels, x + (i * stride + shift) * c->channels, pixel);
  }
}

// The rows that the rows of a block see.
static void fill_rows(const ck_convolution *c, const float *x, block at, float *rows) {
  const int64_t first = at.first * c->stride[0] - c->low[0], count = rows_of(c, at.end - at.first);
  const int64_t width = c->size[1] * c->channels;
  for (int64_t row = first; row < first + count; row++, rows += row_size(c)) {
    const bool is_inside = row >= 0 && row < c->size[0];
    fill_row(c, is_inside ? x + (at.image * c->size[0] + row) * width : NULL, rows);
  }
}

// Where each tap of the first row of a block begins.
static void find_taps(const ck_convolution *c, int64_t *offsets) {
  for (int64_t a = 0; a < c->taps[0]; a++)
    for (int64_t b = 0; b < c->taps[1]; b++) {
      const int64_t column = b * c->dilation[1], phase = column % c->stride[1];
      *offsets++ = a * c->dilation[0] * row_size(c) +
                   (phase * phase_columns(c) + column / c->stride[1]) * c->channels;
    }
}

static void repeat(const ck_convolution *c, const float *numbers, float *to) {
  for (int64_t i = 0; i < repeated_size(c); i++) to[i] = numbers ? numbers[i % c->channels] : 0.0f;
}

typedef struct call {
  const ck_convolution *c;
  int64_t slots;
  const float *x, *k;
  bool is_turned;
  const float *bias;
  float low, high;
  float *y, *scratch;
} call;

static int64_t slot_size(const ck_convolution *c) {
  return rows_size(c) + (tap_count(c) + 1) * repeated_size(c);
}
size_t ck_depthwise_scratch(const ck_convolution *c, int64_t slots) {
  return (size_t)(slots * slot_size(c)) * sizeof(float);
}

// `count` numbers of a row of y, which are `vectors` vectors or the beginning of one.
CK_INLINE void convolve(const int vectors, const call *p, const float *rows, const int64_t *offsets,
                        const float *k, int64_t count, float *y) {
  CK_CONTRACT
  const int64_t taps = tap_count(p->c), size = repeated_size(p->c);
  lanes sums[4];
  CK_UNROLL for (int i = 0; i < vectors; i++)
    sums[i] = *(const lanes *)(k + taps * size + i * LANES);
  for (int64_t t = 0; t < taps; t++, k += size)
    CK_UNROLL for (int i = 0; i < vectors; i++)
      sums[i] += *(const lanes *)(rows + offsets[t] + i * LANES) * *(const lanes *)(k + i * LANES);
  const lanes low = p->low, high = p->high;
  CK_UNROLL for (int i = 0; i < vectors; i++) {
    sums[i] = sums[i] < low ? low : sums[i];
    sums[i] = sums[i] > high ? high : sums[i];
    if (count >= vectors * LANES) *(lanes *)(y + i * LANES) = sums[i];
  }
  if (count < LANES) memcpy(y, &sums[0], (size_t)count * sizeof(float));
}

CK_HOT static void convolve_rows(const call *p, const float *rows, const int64_t *offsets,
                                 const float *k, int64_t count, float *y) {
  const int64_t channels = p->c->channels, width = p->c->result[1] * channels;
  const int64_t step = p->c->stride[0] * row_size(p->c);
  for (int64_t row = 0; row < count; row++, rows += step, y += width) {
    int64_t at = 0, phase = 0;
    for (; at + GROUP <= width; at += GROUP, phase = (phase + GROUP) % channels)
      convolve(4, p, rows + at, offsets, k + phase, GROUP, y + at);
    for (; at < width; at += LANES, phase = (phase + LANES) % channels)
      convolve(1, p, rows + at, offsets, k + phase, width - at, y + at);
  }
}

static void run_slots(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const call *p = context;
  const ck_convolution *c = p->c;
  const int64_t taps = tap_count(c), width = c->result[1] * c->channels;
  const int64_t blocks = c->batch * blocks_of_image(c);
  int64_t offsets[CK_DEPTHWISE_TAPS];
  find_taps(c, offsets);
  for (ptrdiff_t slot = begin; slot < end; slot++) {
    float *rows = p->scratch + slot * slot_size(c), *k = rows + rows_size(c);
    for (int64_t t = 0; t < taps; t++)
      repeat(c, p->k + (p->is_turned ? taps - 1 - t : t) * c->channels, k + t * repeated_size(c));
    repeat(c, p->bias, k + taps * repeated_size(c));
    for (int64_t i = blocks * slot / p->slots; i < blocks * (slot + 1) / p->slots; i++) {
      const block at = block_at(c, i);
      fill_rows(c, p->x, at, rows);
      convolve_rows(p, rows, offsets, k, at.end - at.first,
                    p->y + (at.image * c->result[0] + at.first) * width);
    }
  }
}

void ck_depthwise_f32(const ck_convolution *c, int64_t slots, const float *x, const float *k,
                      bool is_turned, const float *bias, float low, float high, float *y,
                      void *scratch) {
  call p = {c, slots, x, k, is_turned, bias, low, high, y, scratch};
  ck_parallel(slots, 1, run_slots, &p);
}

typedef struct gradient {
  const ck_convolution *c;
  int64_t slots;
  const float *x, *dy;
  float *dk, *dbias, *sums, *rows;
} gradient;

// After how many numbers vectors and channels begin together again.
static int64_t cycle_size(const ck_convolution *c) {
  int64_t size = c->channels;
  while (size % LANES) size += c->channels;
  return size;
}
// The sums of a part, [tap, place in a cycle]; the last tap is the bias.
static int64_t sum_size(const ck_convolution *c) { return (tap_count(c) + 1) * cycle_size(c); }
int64_t ck_depthwise_gradient_parts(const ck_convolution *c) {
  const int64_t fitting = ck_min64(MAX_SUMS / sum_size(c), c->batch * blocks_of_image(c));
  return ck_max64(1, ck_min64(fitting, PARTS));
}
size_t ck_depthwise_gradient_scratch(const ck_convolution *c, int64_t slots) {
  const int64_t parts = ck_depthwise_gradient_parts(c);
  return (size_t)(parts * sum_size(c) + slots * rows_size(c)) * sizeof(float);
}

enum { TAPS = 3 };  // taps at a time, whose sums stay in registers

CK_HOT static void add_rows(const ck_convolution *c, const float *rows, const int64_t *offsets,
                            int64_t count, const float *dy, float *sums) {
  CK_CONTRACT
  const int64_t taps = tap_count(c), cycle = cycle_size(c);
  const int64_t size = c->stride[0] * row_size(c);
  const int64_t width = c->result[1] * c->channels, whole = width / LANES * LANES;
  for (int64_t t = 0; t < taps; t += TAPS) {
    const float *x[TAPS];
    // Where there are fewer, the last is taken again.
    CK_UNROLL for (int i = 0; i < TAPS; i++) x[i] = rows + offsets[ck_min64(t + i, taps - 1)];
    for (int64_t j = 0; j < cycle && j < whole; j += LANES) {
      lanes sum[TAPS], total = 0.0f;
      CK_UNROLL for (int i = 0; i < TAPS; i++) sum[i] = 0.0f;
      for (int64_t row = 0; row < count; row++)
        for (int64_t at = j; at < whole; at += cycle) {
          const lanes slope = *(const lanes *)(dy + row * width + at);
          CK_UNROLL for (int i = 0; i < TAPS; i++)
            sum[i] += slope * *(const lanes *)(x[i] + row * size + at);
          total += slope;
        }
      CK_UNROLL for (int i = 0; i < TAPS; i++)
        if (t + i < taps) *(lanes *)(sums + (t + i) * cycle + j) += sum[i];
      if (t == 0) *(lanes *)(sums + taps * cycle + j) += total;
    }
  }
  for (int64_t row = 0; row < count; row++)
    for (int64_t at = whole; at < width; at++) {
      const float slope = dy[row * width + at];
      for (int64_t t = 0; t < taps; t++)
        sums[t * cycle + at % cycle] += slope * rows[offsets[t] + row * size + at];
      sums[taps * cycle + at % cycle] += slope;
    }
}

static void run_gradient_slots(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const gradient *g = context;
  const ck_convolution *c = g->c;
  const int64_t parts = ck_depthwise_gradient_parts(c), blocks = c->batch * blocks_of_image(c);
  const int64_t width = c->result[1] * c->channels;
  int64_t offsets[CK_DEPTHWISE_TAPS];
  find_taps(c, offsets);
  for (ptrdiff_t slot = begin; slot < end; slot++) {
    float *rows = g->rows + slot * rows_size(c);
    for (int64_t part = parts * slot / g->slots; part < parts * (slot + 1) / g->slots; part++) {
      float *sums = g->sums + part * sum_size(c);
      memset(sums, 0, (size_t)sum_size(c) * sizeof(float));
      for (int64_t i = blocks * part / parts; i < blocks * (part + 1) / parts; i++) {
        const block at = block_at(c, i);
        fill_rows(c, g->x, at, rows);
        add_rows(c, rows, offsets, at.end - at.first,
                 g->dy + (at.image * c->result[0] + at.first) * width, sums);
      }
    }
  }
}

// dk and dbias at channels.
CK_HOT static void join_channels(ptrdiff_t begin, ptrdiff_t end, void *context) {
  const gradient *g = context;
  const ck_convolution *c = g->c;
  const int64_t taps = tap_count(c), cycle = cycle_size(c), parts = ck_depthwise_gradient_parts(c);
  for (int64_t t = 0; t <= taps; t++) {
    float *to = t < taps ? g->dk + t * c->channels : g->dbias;
    if (!to) continue;
    for (int64_t i = begin; i < end; i++) to[i] = 0.0f;
    for (int64_t part = 0; part < parts; part++)
      for (int64_t j = 0; j < cycle; j += c->channels) {
        const float *from = g->sums + part * sum_size(c) + t * cycle + j;
        for (int64_t i = begin; i < end; i++) to[i] += from[i];
      }
  }
}

void ck_depthwise_gradient_f32(const ck_convolution *c, int64_t slots, float *dk, float *dbias,
                               const float *x, const float *dy, void *scratch) {
  const int64_t parts = ck_depthwise_gradient_parts(c);
  gradient g = {c, slots, x, dy, dk, dbias, scratch, (float *)scratch + parts * sum_size(c)};
  ck_parallel(slots, 1, run_gradient_slots, &g);
  ck_parallel(c->channels, ck_grain(parts * sum_size(c) / c->channels), join_channels, &g);
}
