// libzip: ZIP archives in memory and in files; zlib, which it is made with: joined checksums.
#pragma once

#include <zip.h>
#include <zlib.h>
