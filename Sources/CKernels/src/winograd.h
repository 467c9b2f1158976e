// What a Winograd convolution and its gradient share: tiles of an image spread to 16 points, and the
// products at each point.
//
// A tile is 4 by 4 elements of x and 2 by 2 of y. With a tile d, a kernel g and the matrices
//   B' = | 1  0 -1  0 |   G = |  1    0    0  |   A' = | 1  1  1  0 |
//        | 0  1  1  0 |       | 1/2  1/2  1/2 |        | 0  1 -1  1 |
//        | 0 -1  1  0 |       | 1/2 -1/2  1/2 |
//        | 0 -1  0  1 |       |  0    0    1  |
// y is A' ((G g G') (B' d B)) A, where the product in the middle goes by elements. The gradient of the
// kernel is G' (sum over tiles of (B' d B) (A dy A')) G.
//
// Numbers are multiplied one by one as floats, and in pairs as bfloat16: a word is what is multiplied
// at once.
#ifndef CK_SRC_WINOGRAD_H
#define CK_SRC_WINOGRAD_H

#include <stdatomic.h>

#include "ck_winograd.h"
#include "tiles.h"
#include "transpose.h"

// Channels come in groups of a vector, filters in panels of two vectors, of which the last may have
// one. The last group and the last vector end with the last channel and the last filter: where their
// number is no multiple of GROUP, they share some with the ones before. TILES are spread before they
// are multiplied: they stay in the second-level cache. A product has at most HEIGHT rows. From a point
// to the next there is a LINE of the cache more than needed, so that points do not share its sets.
enum { POINTS = 16, GROUP = 16, PANEL = 32, HEIGHT = 12, TILES = 4 * HEIGHT, LINE = 64 };
// From a point to the next of the products of HEIGHT tiles, in floats.
enum { PRODUCT_STRIDE = HEIGHT * PANEL + LINE / (int)sizeof(float) };
// A gradient's tiles are cut into parts and its filters into bands: each pair of them is a task of its
// own with a sum of its own.
enum { BAND = 2 * PANEL, MAX_PARTS = 16, MAX_SUMS = 1 << 21 };

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
CK_INLINE int64_t element_size(const ck_winograd *c) { return c->type == CK_F32 ? 4 : 2; }

// The bytes of the spread tiles, and of a row of zeros.
CK_INLINE int64_t spread_size(const ck_winograd *c) {
  const int64_t point = TILES * GROUP * element_size(c) + LINE;
  return whole_groups(c->channels) / GROUP * POINTS * point;
}
CK_INLINE int64_t zeros_size(const ck_winograd *c) {
  return ck_ceil_div(c->size[1] * c->channels * element_size(c), LINE) * LINE;
}
// The bytes of the spread gradients of a panel.
CK_INLINE int64_t band_panel_size(const ck_winograd *c) {
  return POINTS * (TILES * PANEL * element_size(c) + LINE);
}
// A slot has the spread tiles, what is made of them, and a row of zeros: for a convolution the
// products of HEIGHT tiles, for a gradient the spread gradients of a band.
CK_INLINE int64_t slot_size(const ck_winograd *c) {
  return spread_size(c) + POINTS * PRODUCT_STRIDE * (int64_t)sizeof(float) + zeros_size(c);
}
CK_INLINE int64_t gradient_slot_size(const ck_winograd *c) {
  return spread_size(c) + BAND / PANEL * band_panel_size(c) + zeros_size(c);
}

// Where the panel from `place` on begins in a sum: [panel, point, place of a channel, place]. After
// all of them come the sums for the bias.
CK_INLINE int64_t sum_offset(const ck_winograd *c, int64_t place) {
  return POINTS * whole_groups(c->channels) * place;
}
CK_INLINE int64_t sum_size(const ck_winograd *c) {
  return sum_offset(c, whole_groups(c->filters)) + whole_groups(c->filters);
}
CK_INLINE int64_t part_count(const ck_winograd *c) {
  const int64_t fitting = ck_min64(MAX_SUMS / sum_size(c), tile_count(c) / (2 * TILES));
  return ck_max64(1, ck_min64(fitting, MAX_PARTS));
}
CK_INLINE int64_t gradient_tasks(const ck_winograd *c) {
  return part_count(c) * ck_ceil_div(c->filters, BAND);
}

// As many for each slot, so that none waits for another.
CK_INLINE int64_t block_count(const ck_winograd *c) {
  return ck_ceil_div(tile_count(c), TILES * c->slots) * c->slots;
}
// Where the block `index` of so many tiles begins: at even ones, as a pair of tiles is one word.
CK_INLINE int64_t block_begin(int64_t tiles, int64_t index, int64_t blocks) {
  return ck_min64(tiles, ck_ceil_div(tiles, 2) * index / blocks * 2);
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

typedef struct kernel_call {
  const ck_winograd *c;
  const void *k;
  void *u;
} kernel_call;

// The next of a slot's tasks, on a line of its own. A slot has a share of all tasks, those whose data
// its core may still have, and when these are done it takes from the others' shares: other work of the
// machine may keep them waiting.
typedef struct share {
  _Atomic int64_t next;
  char rest[LINE - sizeof(int64_t)];
} share;

CK_INLINE void divide(share *shares, int64_t tasks, int64_t slots) {
  for (int64_t i = 0; i < slots; i++) shares[i].next = tasks * i / slots;
}
// The number of a task that nobody has taken, or -1.
CK_INLINE int64_t take(share *shares, int64_t tasks, int64_t slots, int64_t slot) {
  for (int64_t i = 0; i < slots; i++) {
    const int64_t owner = (slot + i) % slots, end = tasks * (owner + 1) / slots;
    if (shares[owner].next >= end) continue;
    const int64_t task = shares[owner].next++;
    if (task < end) return task;
  }
  return -1;
}

typedef struct output_call {
  const ck_winograd *c;
  share *shares;
  const void *x, *u, *bias, *addend;
  float low, high;
  void *y;
  char *scratch;
} output_call;

typedef struct gradient_call {
  const ck_winograd *c;
  share *shares;
  const void *x, *dy;
  void *dk, *dbias;
  float *sums;
  char *scratch;
} gradient_call;

// What runs over words of channels, over groups of them, over slots twice, and over channels.
typedef struct winograd_loops {
  ck_body kernel, turned_kernel, output, gradient, join;
} winograd_loops;

extern const winograd_loops ck_winograd_f32_wide, ck_winograd_f32_narrow;
extern const winograd_loops ck_winograd_bf16_paired, ck_winograd_bf16_any;

#endif
