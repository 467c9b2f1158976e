// Random numbers from a counter: Philox 4x32-10 (Salmon et al. 2011).
//
// Element e of a draw with key (k0, k1) and step s takes word e % 4 of
//     philox(counter = (low(e / 4), high(e / 4), low(s), high(s)), key = (k0, k1)),
// low and high being the halves of a 64-bit number.
// Uniform, of word x: (x >> 8) * 2^-24, in [0, 1).
// Normal: of the uniforms u0, u1 of elements 2i and 2i + 1,
//     element 2i     = sqrt(-2 ln(1 - u0)) cos(2 pi u1),
//     element 2i + 1 = sqrt(-2 ln(1 - u0)) sin(2 pi u1).
// Where a draw ends within a group, the rest of the group is dropped.
#ifndef CK_RANDOM_H
#define CK_RANDOM_H

#include <stdint.h>

typedef struct ck_random_key {
  uint32_t key[2];
  uint64_t step;
} ck_random_key;

// One block: ten rounds.
void ck_philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]);

// out[i] = the number of element i, for 0 <= i < count.
void ck_random_uniform_f32(float *out, int64_t count, const uint32_t key[2], uint64_t step);
void ck_random_normal_f32(float *out, int64_t count, const uint32_t key[2], uint64_t step);
// The raw words.
void ck_random_bits_u32(uint32_t *out, int64_t count, const uint32_t key[2], uint64_t step);

#endif
