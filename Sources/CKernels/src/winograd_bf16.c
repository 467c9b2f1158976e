#include "pairs.h"
#include "winograd.h"

#define T uint16_t
#define WORD uint32_t
#define GET(p) CK_LOW_HALVES(CK_WORDS(*(const halves *)(p)))
#define PUT(p, x) (*(halves *)(p) = ROUND(x))
// The first of a pair is left with a zero beside it, which stays where there is no second.
#define PUT_PAIRED(columns, i, row, x)                         \
  do {                                                         \
    words *const to_ = (words *)((columns) + (i) / 2 * (row)); \
    const words new_ = CK_WORDS(ROUND(x));                     \
    *to_ = (i) % 2 == 0 ? new_ : *to_ | new_ << 16;            \
  } while (0)
// Words of two rounded at once: their halves in turn.
#define PUT_PAIRED_TWO(columns, i, row, x, y)                                                    \
  do {                                                                                           \
    const two_halves h_ = ROUND_TWO(x, y);                                                       \
    *(two_halves *)((columns) + (i) / 2 * (row)) = __builtin_shufflevector(                      \
        h_, h_, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23, 8, 24, 9, 25, 10, 26, 11, \
        27, 12, 28, 13, 29, 14, 30, 15, 31);                                                     \
  } while (0)
#define PUT_TWO(p, x, y) (*(two_halves *)(p) = ROUND_TWO(x, y))

#define ROUND_TWO(x, y) CK_PAIRED_ROUND_TWO(x, y)
#define ROUND(x) CK_PAIRED_ROUND(x)
#define MULTIPLY(sum, x, y) CK_PAIRED_MULTIPLY(sum, x, y)
#define LEVEL CK_PAIRED
#define INLINE CK_PAIRED CK_INLINE
#define NAME(name) paired_##name
#define IS_WIDE true
#define LOOPS ck_winograd_bf16_paired
#include "winograd_body.h"

#undef ROUND_TWO
#undef ROUND
#undef MULTIPLY
#define ROUND_TWO(x, y) CK_ROUND_TWO(x, y)
#define ROUND(x) CK_ROUND(x)
#define MULTIPLY(sum, x, y) CK_MULTIPLY_PAIRS(sum, x, y)
#define LEVEL CK_HOT
#define INLINE CK_INLINE
#define NAME(name) any_##name
#define IS_WIDE false
#define LOOPS ck_winograd_bf16_any
#include "winograd_body.h"
