// What products share that keep a tile of their result in registers.
#ifndef CK_TILES_H
#define CK_TILES_H

#include "internal.h"

typedef float lanes __attribute__((ext_vector_type(16), aligned(4)));

#define CK_UNROLL _Pragma("clang loop unroll(full)")

// WIDE: a function for 32 registers of 512 bits, to be called where ck_is_wide() says so.
#if defined(__x86_64__) && defined(__linux__) && !defined(CK_BASELINE)
#define CK_WIDE __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
CK_INLINE bool ck_is_wide(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#else
#define CK_WIDE
CK_INLINE bool ck_is_wide(void) { return false; }
#endif

#endif
