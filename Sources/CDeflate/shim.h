// libdeflate: whole-buffer deflate, zlib and gzip, with their checksums.
#pragma once

#include <libdeflate.h>
