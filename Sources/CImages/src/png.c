#include "cimages.h"

#include <png.h>
#include <stdio.h>
#include <string.h>

// Where libpng is in the file, and what went wrong.
typedef struct {
  const uint8_t *bytes;
  size_t rest;
  char *message;
} source;

static void read_bytes(png_structp png, png_bytep out, size_t count) {
  source *from = png_get_io_ptr(png);
  if (count > from->rest) png_error(png, "the file ends early");
  memcpy(out, from->bytes, count);
  from->bytes += count;
  from->rest -= count;
}

static void fail(png_structp png, png_const_charp text) {
  source *from = png_get_error_ptr(png);
  snprintf(from->message, CIMAGES_MESSAGE_SIZE, "%s", text);
  longjmp(png_jmpbuf(png), 1);
}

static void ignore(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

// Reads up to the pixels, and asks for 8 bits a channel without a palette.
static void begin(png_structp png, png_infop info, source *from) {
  // Of all that may accompany pixels only what belongs to colors is read: nothing else can be large.
  static const png_byte skipped[] =
      "bKGD\0cHRM\0eXIf\0gAMA\0hIST\0iCCP\0iTXt\0oFFs\0pCAL\0pHYs\0sBIT\0sCAL\0sPLT\0sRGB\0tEXt\0"
      "tIME\0zTXt";
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, skipped, sizeof skipped / 5);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
  // A damaged chunk that pixels can do without, such as that of alpha, is damage, too.
  png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
  png_set_read_fn(png, from, read_bytes);
  png_read_info(png, info);
}

static void fill(png_structp png, png_infop info, cimages_header *header) {
  header->height = png_get_image_height(png, info);
  header->width = png_get_image_width(png, info);
  int type = png_get_color_type(png, info);
  int has_alpha = (type & PNG_COLOR_MASK_ALPHA) || png_get_valid(png, info, PNG_INFO_tRNS);
  header->channels = (type & PNG_COLOR_MASK_COLOR ? 3 : 1) + (has_alpha ? 1 : 0);
  // Deflate makes at most 1032 bytes of one.
  int64_t row = png_get_rowbytes(png, info);
  header->least_size = row > INT64_MAX / 1032 / header->height ? INT64_MAX
                                                               : row * header->height / 1032;
}

// Not inlined, and without variables that change after setjmp: these would have no value after it.
static int run(
    const uint8_t *bytes, size_t count, cimages_header *header, const cimages_header *expected,
    uint8_t *out, char *message) {
  source from = {bytes, count, message};
  snprintf(message, CIMAGES_MESSAGE_SIZE, "there is no memory");
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &from, fail, ignore);
  if (png == NULL) return 0;
  png_infop info = png_create_info_struct(png);
  if (info == NULL) {
    png_destroy_read_struct(&png, NULL, NULL);
    return 0;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    return 0;
  }
  begin(png, info, &from);
  if (out == NULL) {
    fill(png, info, header);
  } else {
    png_set_expand(png);
    png_set_strip_16(png);
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    size_t row = (size_t)(expected->width * expected->channels);
    if (png_get_image_height(png, info) != expected->height
        || png_get_rowbytes(png, info) != row) {
      png_error(png, "the size changed");
    }
    for (int pass = 0; pass < passes; pass++) {
      for (int64_t y = 0; y < expected->height; y++) {
        png_read_row(png, out + (size_t)y * row, NULL);
      }
    }
    png_read_end(png, NULL);
  }
  png_destroy_read_struct(&png, &info, NULL);
  return 1;
}

int cimages_png_header(
    const uint8_t *bytes, size_t count, cimages_header *header, char *message) {
  return run(bytes, count, header, NULL, NULL, message);
}

int cimages_png_pixels(
    const uint8_t *bytes, size_t count, const cimages_header *header, uint8_t *out,
    char *message) {
  return run(bytes, count, NULL, header, out, message);
}
