// Pictures from memory, by libpng and libjpeg: their errors jump, which must not go through Swift.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define CIMAGES_MESSAGE_SIZE 256

// What the beginning of a picture says.
typedef struct {
  int64_t height;
  int64_t width;
  // 1 gray, 2 gray and alpha, 3 red, green and blue, 4 these and alpha.
  int64_t channels;
  // The least number of bytes that a file with such a picture has, as far as formats allow.
  int64_t least_size;
} cimages_header;

// Each function returns 1, or 0 with what is wrong in `message`.

// Reads what the first bytes say.
int cimages_png_header(
    const uint8_t *bytes, size_t count, cimages_header *header, char *message);
int cimages_jpeg_header(
    const uint8_t *bytes, size_t count, cimages_header *header, char *message);

// Writes the pixels to `out`: height times width times channels bytes, as `header` has them.
int cimages_png_pixels(
    const uint8_t *bytes, size_t count, const cimages_header *header, uint8_t *out, char *message);
int cimages_jpeg_pixels(
    const uint8_t *bytes, size_t count, const cimages_header *header, uint8_t *out, char *message);
