// libzip: ZIP archives in memory and in files.
#pragma once

#include <zip.h>
