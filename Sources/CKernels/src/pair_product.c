#include "pair_product.h"

#include "pairs.h"

#define LEVEL CK_HOT
#define INLINE CK_INLINE
#define NAME(name) any_##name
#define MULTIPLY(sum, x, y) CK_MULTIPLY_PAIRS(sum, x, y)
#include "pair_product_body.h"

#define LEVEL CK_PAIRED
#define INLINE CK_PAIRED CK_INLINE
#define NAME(name) paired_##name
#define MULTIPLY(sum, x, y) CK_PAIRED_MULTIPLY(sum, x, y)
#include "pair_product_body.h"

void ck_pair_product(const pair_product *c) { (ck_has_pairs() ? paired_product : any_product)(c); }
