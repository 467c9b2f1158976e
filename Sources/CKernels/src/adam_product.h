// Adam's step for weights whose gradient is a product: computed a tile at a time, it moves them while
// it is still in registers.
#ifndef CK_ADAM_PRODUCT_H
#define CK_ADAM_PRODUCT_H

#include "ck_elementwise.h"
#include "internal.h"

// Runs rows [begin, end) of `program` if it is such a step, and if the processor has registers for
// it; else returns false.
bool ck_adam_with_product(const ck_program *program, int64_t begin, int64_t end);

#endif
