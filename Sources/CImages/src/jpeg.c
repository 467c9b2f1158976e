#include "cimages.h"

#include <stdio.h>
// jpeglib.h needs it.
#include <jpeglib.h>
#include <jerror.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

// More passes over a picture than any program makes.
#define MOST_SCANS 100

typedef struct {
  struct jpeg_error_mgr base;
  jmp_buf jump;
  char *message;
} errors;

static void fail(j_common_ptr jpeg) {
  errors *to = (errors *)jpeg->err;
  char text[JMSG_LENGTH_MAX];
  to->base.format_message(jpeg, text);
  snprintf(to->message, CIMAGES_MESSAGE_SIZE, "%s", text);
  longjmp(to->jump, 1);
}

static void fail_because(j_common_ptr jpeg, const char *text) {
  errors *to = (errors *)jpeg->err;
  snprintf(to->message, CIMAGES_MESSAGE_SIZE, "%s", text);
  longjmp(to->jump, 1);
}

// Pixels made up for data that are not there are none.
static void warn(j_common_ptr jpeg, int level) {
  if (level >= 0) return;
  switch (jpeg->err->msg_code) {
  case JWRN_JPEG_EOF:
  case JWRN_HIT_MARKER:
  case JWRN_HUFF_BAD_CODE:
  case JWRN_MUST_RESYNC:
  case JWRN_ARITH_BAD_CODE: fail(jpeg); break;
  default: break;
  }
}

static void ignore(j_common_ptr jpeg) { (void)jpeg; }

static void limit_scans(j_common_ptr jpeg) {
  if (((j_decompress_ptr)jpeg)->input_scan_number > MOST_SCANS) {
    fail_because(jpeg, "it has too many scans");
  }
}

static void fill(j_decompress_ptr jpeg, cimages_header *header) {
  header->height = jpeg->image_height;
  header->width = jpeg->image_width;
  header->channels = jpeg->num_components == 1 ? 1 : 3;
  // A block of 8 by 8 pixels takes a bit or more; by arithmetic coding, less.
  header->least_size = header->height * header->width / (jpeg->arith_code ? 65536 : 1024);
}

// CMYK, with inverted values as Adobe's programs write it, to red, green and blue.
static void convert_cmyk(const uint8_t *in, uint8_t *out, int64_t width, int is_inverted) {
  for (int64_t x = 0; x < width; x++) {
    int black = is_inverted ? in[4 * x + 3] : 255 - in[4 * x + 3];
    for (int channel = 0; channel < 3; channel++) {
      int ink = is_inverted ? in[4 * x + channel] : 255 - in[4 * x + channel];
      out[3 * x + channel] = (uint8_t)((ink * black + 127) / 255);
    }
  }
}

static void decode(
    j_decompress_ptr jpeg, const cimages_header *expected, uint8_t *out, uint8_t *row) {
  int is_cmyk = jpeg->num_components == 4;
  jpeg->out_color_space = is_cmyk                    ? JCS_CMYK
                          : expected->channels == 1 ? JCS_GRAYSCALE
                                                    : JCS_RGB;
  jpeg_start_decompress(jpeg);
  if (jpeg->output_height != expected->height || jpeg->output_width != expected->width
      || jpeg->output_components != (is_cmyk ? 4 : expected->channels)) {
    fail_because((j_common_ptr)jpeg, "its colors cannot be converted");
  }
  size_t stride = (size_t)(expected->width * expected->channels);
  while (jpeg->output_scanline < jpeg->output_height) {
    uint8_t *line = out + jpeg->output_scanline * stride;
    uint8_t *target = is_cmyk ? row : line;
    jpeg_read_scanlines(jpeg, &target, 1);
    if (is_cmyk) convert_cmyk(row, line, expected->width, jpeg->saw_Adobe_marker);
  }
  jpeg_finish_decompress(jpeg);
}

// Without variables that change between setjmp and a jump, which would have no value after it.
static int run(
    const uint8_t *bytes, size_t count, cimages_header *header, const cimages_header *expected,
    uint8_t *out, uint8_t *row, char *message) {
  struct jpeg_decompress_struct jpeg = {0};
  struct jpeg_progress_mgr progress = {.progress_monitor = limit_scans};
  errors to = {.message = message};
  jpeg.err = jpeg_std_error(&to.base);
  to.base.error_exit = fail;
  to.base.emit_message = warn;
  to.base.output_message = ignore;
  if (setjmp(to.jump)) {
    jpeg_destroy_decompress(&jpeg);
    return 0;
  }
  jpeg_create_decompress(&jpeg);
  jpeg.progress = &progress;
  jpeg_mem_src(&jpeg, bytes, count);
  jpeg_read_header(&jpeg, TRUE);
  if (out == NULL) {
    fill(&jpeg, header);
  } else {
    decode(&jpeg, expected, out, row);
  }
  jpeg_destroy_decompress(&jpeg);
  return 1;
}

int cimages_jpeg_header(
    const uint8_t *bytes, size_t count, cimages_header *header, char *message) {
  return run(bytes, count, header, NULL, NULL, NULL, message);
}

int cimages_jpeg_pixels(
    const uint8_t *bytes, size_t count, const cimages_header *header, uint8_t *out,
    char *message) {
  uint8_t *row = malloc((size_t)header->width * 4);
  if (row == NULL) {
    snprintf(message, CIMAGES_MESSAGE_SIZE, "there is no memory");
    return 0;
  }
  int result = run(bytes, count, NULL, header, out, row, message);
  free(row);
  return result;
}
