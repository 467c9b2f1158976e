// What a Winograd convolution and its gradient share: tiles of an image spread to 16 points, and the
// products at each point.
//
// A tile is 4 by 4 elements of x and 2 by 2 of y. With a tile d, a kernel g and the matrices
//   B' = | 1  0 -1  0 |   G = |  1    0    0  |   A' = | 1  1  1  0 |
//        | 0  1  1  0 |       | 1/2  1/2  1/2 |        | 0  1 -1  1 |
//        | 0 -1  1  0 |       | 1/2 -1/2  1/2 |
//        | 0 -1  0  1 |       |  0    0    1  |
// y is A' ((G g G') (B' d B)) A, where the product in the middle goes by elements.
#ifndef CK_SRC_WINOGRAD_H
#define CK_SRC_WINOGRAD_H

#include "ck_winograd.h"
#include "tiles.h"

// Channels come in groups of a vector, filters in panels of two vectors, of which the last may have
// one. The last group and the last vector end with the last channel and the last filter: where their
// number is no multiple of GROUP, they share some with the ones before. TILES are spread before they are multiplied: they stay in the second-level cache. A product has
// at most HEIGHT rows. From a point to the next there is a line more than needed, so that points do
// not share the sets of a cache.
enum { POINTS = 16, GROUP = 16, PANEL = 32, HEIGHT = 12, TILES = 4 * HEIGHT };
enum { SPREAD_STRIDE = TILES * GROUP + 16, GROUP_STRIDE = POINTS * SPREAD_STRIDE };

CK_INLINE int64_t tiles_across(const ck_winograd *c) { return ck_ceil_div(c->result[1], 2); }
CK_INLINE int64_t tiles_down(const ck_winograd *c) { return ck_ceil_div(c->result[0], 2); }
CK_INLINE int64_t tile_count(const ck_winograd *c) {
  return c->batch * tiles_down(c) * tiles_across(c);
}
CK_INLINE int64_t whole_groups(int64_t count) { return ck_ceil_div(count, GROUP) * GROUP; }
// The first of the channels or filters that have their place from `place` on, a multiple of GROUP.
CK_INLINE int64_t first_at(int64_t place, int64_t count) { return ck_min64(place, count - GROUP); }
// How many filters have a place in the panel from `place` on, a multiple of PANEL.
CK_INLINE int panel_width(const ck_winograd *c, int64_t place) {
  return (int)ck_min64(PANEL, whole_groups(c->filters) - place);
}
CK_INLINE int64_t spread_size(const ck_winograd *c) {
  return whole_groups(c->channels) / GROUP * GROUP_STRIDE;
}

// Where a tile lies, and how many from it on lie in its line and before `end`.
typedef struct place {
  int64_t image, line, column, run;
} place;

CK_INLINE place place_of(const ck_winograd *c, int64_t tile, int64_t end) {
  const int64_t across = tiles_across(c), line = tile / across, column = tile % across;
  return (place){line / tiles_down(c), line % tiles_down(c), column,
                 ck_min64(end - tile, across - column)};
}

// B' d for a column of d; zeros outside of the image.
CK_INLINE void spread_column(const float *const *rows, int64_t column, int64_t width,
                             int64_t channels, lanes *w) {
  if (column < 0 || column >= width) {
    CK_UNROLL for (int i = 0; i < 4; i++) w[i] = 0.0f;
    return;
  }
  lanes d[4];
  CK_UNROLL for (int i = 0; i < 4; i++) d[i] = *(const lanes *)(rows[i] + column * channels);
  w[0] = d[0] - d[2];
  w[1] = d[1] + d[2];
  w[2] = d[2] - d[1];
  w[3] = d[3] - d[1];
}

// v[group, point, tile, channel] = B' d B for the tiles from `first` up to `end`. `zeros` is a row of
// zeros.
CK_INLINE void spread_image(const ck_winograd *c, const float *x, const float *zeros, int64_t first,
                            int64_t end, float *v) {
  const int64_t width = c->size[1], channels = c->channels;
  for (int64_t tile = first; tile < end;) {
    const place at = place_of(c, tile, end);
    const float *rows[4];
    for (int i = 0; i < 4; i++) {
      const int64_t row = at.line * 2 - c->low[0] + i;
      rows[i] = row < 0 || row >= c->size[0]
                    ? zeros
                    : x + (at.image * c->size[0] + row) * width * channels;
    }
    for (int64_t group = 0; group * GROUP < channels; group++) {
      const int64_t channel = first_at(group * GROUP, channels);
      const float *const from[4] = {rows[0] + channel, rows[1] + channel, rows[2] + channel,
                                    rows[3] + channel};
      float *to = v + group * GROUP_STRIDE + (tile - first) * GROUP;
      lanes w[4][4];
      int64_t column = at.column * 2 - c->low[1];
      spread_column(from, column, width, channels, w[0]);
      spread_column(from, column + 1, width, channels, w[1]);
      for (int64_t run = 0; run < at.run; run++, to += GROUP) {
        column += 2;
        spread_column(from, column, width, channels, w[2]);
        spread_column(from, column + 1, width, channels, w[3]);
        CK_UNROLL for (int i = 0; i < 4; i++) {
          *(lanes *)(to + (4 * i) * SPREAD_STRIDE) = w[0][i] - w[2][i];
          *(lanes *)(to + (4 * i + 1) * SPREAD_STRIDE) = w[1][i] + w[2][i];
          *(lanes *)(to + (4 * i + 2) * SPREAD_STRIDE) = w[2][i] - w[1][i];
          *(lanes *)(to + (4 * i + 3) * SPREAD_STRIDE) = w[3][i] - w[1][i];
          w[0][i] = w[2][i];
          w[1][i] = w[3][i];
        }
      }
    }
    tile += at.run;
  }
}

// c[i, j] = sum over m < depth of a[i a_row + m a_step] b[m, j] for i < height and j < 16 vectors,
// which are constants where this is inlined, as a's steps are: the sums stay in registers. Each
// `block` of m begins `a_block` after the one before; the last, if there are fewer, are at its end.
CK_INLINE void multiply_tile(const int height, const int vectors, int64_t depth, int64_t block,
                             const float *a, const int a_row, const int a_step, int64_t a_block,
                             const float *b, int64_t b_row, float *c, int64_t c_row,
                             bool accumulates) {
  CK_CONTRACT
  lanes sums[GROUP][2];
  CK_UNROLL for (int r = 0; r < height; r++)
    CK_UNROLL for (int v = 0; v < vectors; v++)
      sums[r][v] = accumulates ? *(const lanes *)(c + r * c_row + 16 * v) : (lanes)0.0f;
  for (; depth > 0; depth -= block, a += a_block) {
    const int64_t count = ck_min64(depth, block);
    const float *from = a + (block - count) * a_step;
    _Pragma("clang loop unroll_count(4)")
    for (int64_t m = 0; m < count; m++, from += a_step, b += b_row) {
      CK_UNROLL for (int r = 0; r < height; r++) {
        const lanes x = from[r * a_row];
        CK_UNROLL for (int v = 0; v < vectors; v++) sums[r][v] += x * *(const lanes *)(b + 16 * v);
      }
    }
  }
  CK_UNROLL for (int r = 0; r < height; r++)
    CK_UNROLL for (int v = 0; v < vectors; v++) *(lanes *)(c + r * c_row + 16 * v) = sums[r][v];
}

#endif
