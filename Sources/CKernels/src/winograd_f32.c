#include "winograd.h"

#define T float
#define WORD float
#define GET(p) (*(const lanes *)(p))
#define PUT(p, x) (*(lanes *)(p) = (x))
#define PUT_PAIRED(words, i, row, x) PUT((words) + (i) * (row), x)
#define PUT_TWO(p, x, y) (PUT(p, x), PUT((p) + 16, y))
#define PUT_PAIRED_TWO(words, i, row, x, y) \
  (PUT_PAIRED(words, i, row, x), PUT_PAIRED(words, (i) + 1, row, y))
#define MULTIPLY(sum, x, y) ((sum) + (x) * (y))

#define LEVEL CK_WIDE
#define INLINE CK_INLINE
#define NAME(name) wide_##name
#define IS_WIDE true
#define LOOPS ck_winograd_f32_wide
#include "winograd_body.h"

#define LEVEL CK_HOT
#define INLINE CK_INLINE
#define NAME(name) narrow_##name
#define IS_WIDE false
#define LOOPS ck_winograd_f32_narrow
#include "winograd_body.h"
