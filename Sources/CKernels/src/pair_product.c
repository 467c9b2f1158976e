#include "pair_product.h"

#include "tiles.h"

typedef uint32_t words __attribute__((ext_vector_type(16), aligned(4)));

// Any processor: a half is a float's upper half.
#define FLOATS(w) __builtin_bit_cast(lanes, w)
#define LEVEL CK_HOT
#define INLINE CK_INLINE
#define NAME(name) any_##name
#define MULTIPLY(sum, x, y)                                                       \
  ((sum) + FLOATS((x) << 16) * FLOATS((y) << 16) +                                \
   FLOATS((x) & 0xffff0000u) * FLOATS((y) & 0xffff0000u))
#include "pair_product_body.h"

#if defined(__x86_64__) && defined(__linux__) && !defined(CK_BASELINE)
#include <immintrin.h>

#define LEVEL __attribute__((target("arch=x86-64-v4,avx512bf16"), min_vector_width(512)))
#define INLINE LEVEL CK_INLINE
#define NAME(name) paired_##name
#define MULTIPLY(sum, x, y)                                                        \
  __builtin_bit_cast(lanes, _mm512_dpbf16_ps(__builtin_bit_cast(__m512, sum),      \
                                             __builtin_bit_cast(__m512bh, x),      \
                                             __builtin_bit_cast(__m512bh, y)))
#include "pair_product_body.h"

void ck_pair_product(const pair_product *c) {
  (__builtin_cpu_supports("avx512bf16") ? paired_product : any_product)(c);
}
#else
void ck_pair_product(const pair_product *c) { any_product(c); }
#endif
