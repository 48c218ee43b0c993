/* Reads the digit on a picture with an exported network, in plain C. read_digit.py and read_digit.cpp are the same
 * program; this one reads no PNG but a PPM of the kind P6, which needs no library.
 *
 *   build/release/examples/read_digit_c digits.tenon picture.ppm */
#include <stdio.h>
#include <stdlib.h>

#include <tenon/c_api.h>

/* Colours one after another, each (height, width), as the network takes them; NULL when there is no such picture. */
static unsigned char* read_ppm(const char* path, int64_t* height, int64_t* width) {
  FILE* file = fopen(path, "rb");
  long w = 0, h = 0, most = 0, i = 0;
  unsigned char *pixels = NULL, *image = NULL;
  if (file == NULL) return NULL;
  if (fscanf(file, "P6 %ld %ld %ld", &w, &h, &most) == 3 && fgetc(file) != EOF && most == 255 && w > 0 && h > 0 &&
      w < 65536 && h < 65536) {
    pixels = malloc((size_t)(3 * w * h));
    image = malloc((size_t)(3 * w * h));
    if (pixels == NULL || image == NULL || fread(pixels, 3, (size_t)(w * h), file) != (size_t)(w * h)) {
      free(image);
      image = NULL;
    } else {
      for (i = 0; i < 3 * w * h; ++i) image[i % 3 * w * h + i / 3] = pixels[i];
    }
    free(pixels);
  }
  fclose(file);
  *height = h;
  *width = w;
  return image;
}

static int fail(const TenonError* error) {
  fprintf(stderr, "read_digit: %s\n", error->text);
  return 1;
}

int main(int argc, char** argv) {
  TenonError error;
  TenonModel* model = NULL;
  TenonSession* session = NULL;
  TenonTensor picture = {0}, answer[2] = {{0}, {0}};
  const float *scores = NULL, *probabilities = NULL;
  int64_t sizes[3] = {3, 0, 0};
  int i = 0, digit = 0;
  if (argc != 3) return fprintf(stderr, "usage: read_digit_c digits.tenon picture.ppm\n"), 2;
  picture.data = read_ppm(argv[2], &sizes[1], &sizes[2]);
  if (picture.data == NULL) return fprintf(stderr, "read_digit: '%s' is no PPM of the kind P6\n", argv[2]), 1;
  picture.bytes = (size_t)(3 * sizes[1] * sizes[2]);
  picture.dtype = TENON_UINT8;
  picture.ndim = 3;
  picture.sizes = sizes;

  if (tenon_open(argv[1], NULL, &model, &error) || tenon_session_create(model, NULL, NULL, &session, &error) ||
      tenon_run(session, &picture, 1, answer, 2, &error))
    return fail(&error);
  scores = answer[0].data;
  probabilities = answer[1].data;
  for (i = 1; i < 10; ++i) digit = probabilities[i] > probabilities[digit] ? i : digit;
  printf("%s  %.4f\nscores", tenon_label(model, (size_t)digit), (double)probabilities[digit]);
  for (i = 0; i < 10; ++i) printf(" %.9g", (double)scores[i]);
  printf("\n");

  tenon_session_destroy(session);
  tenon_close(model);
  free(picture.data);
  return 0;
}
