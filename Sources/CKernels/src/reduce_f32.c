#define T float
#define NAME(name) ck_##name##_f32
#include "reduce_body.h"
