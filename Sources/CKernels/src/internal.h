// What the kernels share: how a hot loop is compiled, and how much work is worth a second thread.
#ifndef CK_INTERNAL_H
#define CK_INTERNAL_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ck_threads.h"

// CK_HOT: a function compiled once for each level of x86-64 and chosen when the program is loaded.
// CK_INLINE: a helper that becomes part of its caller, for the caller's level. Its minimal width
// lets a hot caller's loops use the 512-bit registers, which the compiler shuns by default.
// CK_BASELINE: only what every x86-64 processor has, to try it on one that has more.
#if defined(__x86_64__) && defined(__linux__) && !defined(CK_BASELINE)
#define CK_HOT __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#define CK_INLINE static inline __attribute__((always_inline, min_vector_width(512)))
#else
#define CK_HOT
#define CK_INLINE static inline __attribute__((always_inline))
#endif

// Loops whose iterations are independent (an output may be the very input, element for element).
#define CK_LOOP16 \
  _Pragma("clang loop vectorize(assume_safety) vectorize_width(16) interleave_count(1)")
#define CK_LOOP8 \
  _Pragma("clang loop vectorize(assume_safety) vectorize_width(8) interleave_count(1)")
// At the start of a block: products and sums may fuse.
#define CK_CONTRACT _Pragma("clang fp contract(fast)")

// About how many elements of simple work a second thread pays for.
#define CK_GRAIN 30000

CK_INLINE int64_t ck_min64(int64_t a, int64_t b) { return a < b ? a : b; }
CK_INLINE int64_t ck_max64(int64_t a, int64_t b) { return a > b ? a : b; }
CK_INLINE int64_t ck_ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

// The grain, in items, for items that cost `work` elements each.
CK_INLINE int64_t ck_grain(int64_t work) { return ck_max64(1, CK_GRAIN / ck_max64(1, work)); }

#endif
