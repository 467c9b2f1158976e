// Winograd's loops for elements T of tensors and WORDs of one or more of them. GET(p) is the sixteen
// numbers at p and PUT(p, x) leaves them; PUT_PAIRED(words, i, row, x) leaves them as the numbers i of
// sixteen columns, whose words are `row` apart. PUT_TWO(p, x, y) and PUT_PAIRED_TWO(words, i, row, x, y)
// leave two of each, the latter from an even i on. MULTIPLY(sum, x, y) adds products of sixteen words.
// LEVEL and INLINE say for which processors the loops are compiled, IS_WIDE whether those have 32
// registers of 512 bits, and LOOPS names the table of them.

typedef WORD NAME(words) __attribute__((ext_vector_type(16), aligned(4)));

#define PAIR ((int)(sizeof(WORD) / sizeof(T)))
#define WORDS(n) (((n) + PAIR - 1) / PAIR)
#define SPREAD_STRIDE (TILES * GROUP + LINE / (int)sizeof(T))
#define GROUP_STRIDE (POINTS * SPREAD_STRIDE)

// B' d for a column of d; zeros outside of the image.
INLINE void NAME(spread_column)(const T *const *rows, int64_t column, int64_t width,
                                int64_t channels, lanes *w) {
  if (column < 0 || column >= width) {
    CK_UNROLL for (int i = 0; i < 4; i++) w[i] = 0.0f;
    return;
  }
  lanes d[4];
  CK_UNROLL for (int i = 0; i < 4; i++) d[i] = GET(rows[i] + column * channels);
  w[0] = d[0] - d[2];
  w[1] = d[1] + d[2];
  w[2] = d[2] - d[1];
  w[3] = d[3] - d[1];
}

// The points of one tile or of two side by side, from the columns w of B' d, of which the last two become
// the first. Words are of channels, or of tiles where those are what is summed over.
INLINE void NAME(spread_tiles)(const bool pairs_tiles, const int tiles, const T *const *rows,
                               int64_t column, int64_t width, int64_t channels, lanes (*w)[4],
                               T *to, int64_t tile) {
  CK_UNROLL for (int j = 2; j < 2 * tiles + 2; j++)
    NAME(spread_column)(rows, column + j, width, channels, w[j]);
  CK_UNROLL for (int i = 0; i < 4; i++) {
    lanes p[2][4];
    CK_UNROLL for (int t = 0; t < tiles; t++) {
      p[t][0] = w[2 * t][i] - w[2 * t + 2][i];
      p[t][1] = w[2 * t + 1][i] + w[2 * t + 2][i];
      p[t][2] = w[2 * t + 2][i] - w[2 * t + 1][i];
      p[t][3] = w[2 * t + 3][i] - w[2 * t + 1][i];
    }
    CK_UNROLL for (int j = 0; j < 4; j++, to += SPREAD_STRIDE) {
      if (pairs_tiles && tiles == 2)
        PUT_PAIRED_TWO((WORD *)to, tile, GROUP, p[0][j], p[1][j]);
      else if (pairs_tiles)
        PUT_PAIRED((WORD *)to, tile, GROUP, p[0][j]);
      else if (tiles == 2)
        PUT_TWO(to + tile * GROUP, p[0][j], p[1][j]);
      else
        PUT(to + tile * GROUP, p[0][j]);
    }
  }
  CK_UNROLL for (int i = 0; i < 4; i++) {
    w[0][i] = w[2 * tiles][i];
    w[1][i] = w[2 * tiles + 1][i];
  }
}

// v[group, point, tile, channel] = B' d B for the tiles from `first` up to `end`. `zeros` is a row of
// zeros.
INLINE void NAME(spread_image)(const bool pairs_tiles, const ck_winograd *c, const T *x,
                               const T *zeros, int64_t first, int64_t end, T *v) {
  const int64_t width = c->size[1], channels = c->channels;
  for (int64_t tile = first; tile < end;) {
    const place at = place_of(c, tile, end);
    const T *rows[4];
    for (int i = 0; i < 4; i++) {
      const int64_t row = at.line * 2 - c->low[0] + i;
      rows[i] = row < 0 || row >= c->size[0]
                    ? zeros
                    : x + (at.image * c->size[0] + row) * width * channels;
    }
    for (int64_t group = 0; group * GROUP < channels; group++) {
      const int64_t channel = first_at(group * GROUP, channels);
      const T *const from[4] = {rows[0] + channel, rows[1] + channel, rows[2] + channel,
                                rows[3] + channel};
      T *to = v + group * GROUP_STRIDE;
      lanes w[6][4];
      int64_t column = at.column * 2 - c->low[1];
      NAME(spread_column)(from, column, width, channels, w[0]);
      NAME(spread_column)(from, column + 1, width, channels, w[1]);
      for (int64_t run = tile - first, after = run + at.run; run < after;)
        if (run + 1 < after && (run % 2 == 0 || !pairs_tiles)) {
          NAME(spread_tiles)(pairs_tiles, 2, from, column, width, channels, w, to, run);
          run += 2, column += 4;
        } else {
          NAME(spread_tiles)(pairs_tiles, 1, from, column, width, channels, w, to, run);
          run += 1, column += 2;
        }
    }
    tile += at.run;
  }
}

// c[i, j] = sum over m < depth of a[i a_row + m a_step] b[m, j] for i < height and j < 16 vectors,
// which are constants where this is inlined, as a's steps are: the sums stay in registers. Each
// `block` of m begins `a_block` after the one before; the last, if there are fewer, are at its end.
INLINE void NAME(multiply_tile)(const int height, const int vectors, int64_t depth, int64_t block,
                                const WORD *a, const int a_row, const int a_step, int64_t a_block,
                                const WORD *b, int64_t b_row, float *c, int64_t c_row,
                                bool accumulates) {
  CK_CONTRACT
  lanes sums[GROUP][2];
  CK_UNROLL for (int r = 0; r < height; r++)
    CK_UNROLL for (int v = 0; v < vectors; v++)
      sums[r][v] = accumulates ? *(const lanes *)(c + r * c_row + 16 * v) : (lanes)0.0f;
  for (; depth > 0; depth -= block, a += a_block) {
    const int64_t count = ck_min64(depth, block);
    const WORD *from = a + (block - count) * a_step;
    _Pragma("clang loop unroll_count(4)")
    for (int64_t m = 0; m < count; m++, from += a_step, b += b_row) {
      CK_UNROLL for (int r = 0; r < height; r++) {
        const NAME(words) x = from[r * a_row];
        CK_UNROLL for (int v = 0; v < vectors; v++)
          sums[r][v] = MULTIPLY(sums[r][v], x, *(const NAME(words) *)(b + 16 * v));
      }
    }
  }
  CK_UNROLL for (int r = 0; r < height; r++)
    CK_UNROLL for (int v = 0; v < vectors; v++) *(lanes *)(c + r * c_row + 16 * v) = sums[r][v];
}

#include "winograd_kernel_body.h"
#include "winograd_output_body.h"
#include "winograd_gradient_body.h"

const winograd_loops LOOPS = {NAME(spread_kernels), NAME(spread_turned_kernels), NAME(run_slots),
                              NAME(run_gradient_slots), NAME(join_rows)};

#undef PAIR
#undef WORDS
#undef SPREAD_STRIDE
#undef GROUP_STRIDE
#undef LEVEL
#undef INLINE
#undef NAME
#undef IS_WIDE
#undef LOOPS
