// Pairs of bfloat16 numbers as words, and the instructions that some processors have for them. These
// are macros as functions of vectors would be called in another way for each level of processors.
#ifndef CK_PAIRS_H
#define CK_PAIRS_H

#include "tiles.h"

typedef uint16_t halves __attribute__((ext_vector_type(16), aligned(2)));
typedef uint16_t two_halves __attribute__((ext_vector_type(32), aligned(2)));
typedef uint32_t words __attribute__((ext_vector_type(16), aligned(4)));

// Sixteen halves as words, and the low or high halves of words as floats: a half is a float's upper
// half.
#define CK_WORDS(halves) __builtin_convertvector(halves, words)
#define CK_LOW_HALVES(w) __builtin_bit_cast(lanes, (w) << 16)
#define CK_HIGH_HALVES(w) __builtin_bit_cast(lanes, (w) & 0xffff0000u)

// sum + x0 y0 + x1 y1.
#define CK_MULTIPLY_PAIRS(sum, x, y)                  \
  ((sum) + CK_LOW_HALVES(x) * CK_LOW_HALVES(y) +      \
   CK_HIGH_HALVES(x) * CK_HIGH_HALVES(y))
// Floats rounded to even.
#define CK_ROUND(x)                                                                    \
  __extension__({                                                                      \
    const lanes x_ = (x);                                                              \
    const words bits_ = __builtin_bit_cast(words, x_);                                 \
    const words even_ = (bits_ + 0x7fffu + (bits_ >> 16 & 1u)) >> 16;                  \
    __builtin_convertvector(x_ == x_ ? even_ : (bits_ >> 16 | 0x40u), halves);         \
  })

#define CK_ROUND_TWO(x, y)                                                             \
  __builtin_shufflevector(CK_ROUND(x), CK_ROUND(y), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,  \
                          11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,  \
                          26, 27, 28, 29, 30, 31)

// CK_PAIRED: a function for processors with instructions for these, where ck_has_pairs() says so.
#if defined(__x86_64__) && defined(__linux__) && !defined(CK_BASELINE)
#include <immintrin.h>

#define CK_PAIRED __attribute__((target("arch=x86-64-v4,avx512bf16"), min_vector_width(512)))
CK_INLINE bool ck_has_pairs(void) { return __builtin_cpu_supports("avx512bf16"); }

#define CK_PAIRED_MULTIPLY(sum, x, y)                                                   \
  __builtin_bit_cast(lanes, _mm512_dpbf16_ps(__builtin_bit_cast(__m512, sum),           \
                                             __builtin_bit_cast(__m512bh, x),           \
                                             __builtin_bit_cast(__m512bh, y)))
#define CK_PAIRED_ROUND(x)                                                              \
  __builtin_bit_cast(halves, _mm512_cvtneps_pbh(__builtin_bit_cast(__m512, (lanes)(x))))
#define CK_PAIRED_ROUND_TWO(x, y)                                                       \
  __builtin_bit_cast(two_halves, _mm512_cvtne2ps_pbh(__builtin_bit_cast(__m512, y),     \
                                                     __builtin_bit_cast(__m512, x)))
#else
#define CK_PAIRED
CK_INLINE bool ck_has_pairs(void) { return false; }
#define CK_PAIRED_MULTIPLY(sum, x, y) CK_MULTIPLY_PAIRS(sum, x, y)
#define CK_PAIRED_ROUND(x) CK_ROUND(x)
#define CK_PAIRED_ROUND_TWO(x, y) CK_ROUND_TWO(x, y)
#endif

#endif
