#include <tenon/io/png.h>

#include <algorithm>
#include <csetjmp>
#include <cstring>
#include <vector>

#include <tenon/core/error.h>
#include <tenon/io/atomic_file.h>
#include <tenon/io/file.h>

#ifdef TENON_WITH_PNG
#include <png.h>
#endif

namespace tenon::inline v0::io {

#ifdef TENON_WITH_PNG

namespace {

// libpng reports errors with longjmp, so the functions between setjmp and it hold nothing that
// needs a destructor: all state lies in this struct, owned by the callers.
struct Png {
  std::string file, problem;
  std::span<const std::byte> input;
  size_t at = 0;
  std::string output;
  png_structp png = nullptr;
  png_infop info = nullptr;
  bool reading = false;
  int64_t width = 0, height = 0, channels = 0;
  std::vector<png_bytep> rows;

  ~Png() {
    if (reading)
      png_destroy_read_struct(&png, &info, nullptr);
    else
      png_destroy_write_struct(&png, &info);
  }
  [[noreturn]] void fail_here() const {
    fail<FileError>(file, ": ", problem.empty() ? std::string("not a PNG image") : problem);
  }
};

void on_error(png_structp png, png_const_charp message) {
  static_cast<Png*>(png_get_error_ptr(png))->problem = text("not a sound PNG image: ", message);
  png_longjmp(png, 1);
}
void on_warning(png_structp, png_const_charp) {}

void on_read(png_structp png, png_bytep to, size_t bytes) {
  Png& self = *static_cast<Png*>(png_get_io_ptr(png));
  if (bytes > self.input.size() - self.at) png_error(png, "the file is cut off");
  std::memcpy(to, self.input.data() + self.at, bytes);
  self.at += bytes;
}
void on_write(png_structp png, png_bytep from, size_t bytes) {
  static_cast<Png*>(png_get_io_ptr(png))->output.append(reinterpret_cast<const char*>(from), bytes);
}
void on_flush(png_structp) {}

// Up to the pixels: size, and everything that is not 8 bits a channel made so.
bool read_info(Png& self) {
  if (setjmp(png_jmpbuf(self.png))) return false;
  png_set_read_fn(self.png, &self, on_read);
  png_read_info(self.png, self.info);
  png_set_expand(self.png);
  png_set_scale_16(self.png);
  png_set_interlace_handling(self.png);
  png_read_update_info(self.png, self.info);
  self.width = png_get_image_width(self.png, self.info);
  self.height = png_get_image_height(self.png, self.info);
  self.channels = png_get_channels(self.png, self.info);
  return true;
}

bool read_pixels(Png& self) {
  if (setjmp(png_jmpbuf(self.png))) return false;
  png_read_image(self.png, self.rows.data());
  png_read_end(self.png, nullptr);
  return true;
}

bool write_image(Png& self) {
  constexpr int kTypes[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                            PNG_COLOR_TYPE_RGB_ALPHA};
  if (setjmp(png_jmpbuf(self.png))) return false;
  png_set_write_fn(self.png, &self, on_write, on_flush);
  png_set_IHDR(self.png, self.info, static_cast<png_uint_32>(self.width), static_cast<png_uint_32>(self.height), 8,
               kTypes[self.channels - 1], PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(self.png, self.info);
  png_write_image(self.png, self.rows.data());
  png_write_end(self.png, nullptr);
  return true;
}

void start(Png& self, bool reading) {
  self.reading = reading;
  auto* create = reading ? png_create_read_struct : png_create_write_struct;
  self.png = create(PNG_LIBPNG_VER_STRING, &self, on_error, on_warning);
  if (self.png != nullptr) self.info = png_create_info_struct(self.png);
  check<MemoryError>(self.info != nullptr, self.file, ": not enough memory for a PNG image");
}

void point_rows(Png& self, uint8_t* pixels) {
  for (int64_t y = 0; y < self.height; ++y) {
    self.rows.push_back(pixels + y * self.width * self.channels);
  }
}

// (channels, height, width) with any strides, and rows of pixels.
template <class Move>
void each_value(const Png& png, Move&& move) {
  for (int64_t y = 0; y < png.height; ++y) {
    for (int64_t x = 0; x < png.width; ++x) {
      for (int64_t c = 0; c < png.channels; ++c) move(c, y, x);
    }
  }
}

}  // namespace

Tensor read_png(const std::string& path) {
  const auto file = FileBytes::open(path, true);
  Png png;
  png.file = path;
  png.input = file->span();
  start(png, true);
  if (!read_info(png)) png.fail_here();
  // Deflate packs at most 1032 to 1, and a bit may become three bytes of a palette: a file that
  // promises more pixels than that is a trap.
  const int64_t bytes = png.width * png.height * png.channels;
  check<FileError>(bytes / 32 / 1032 <= static_cast<int64_t>(png.input.size()), path, ": ", png.width, " x ",
                   png.height, " pixels do not fit into the ", png.input.size(), " bytes of the file");
  Tensor rows = Tensor::empty({png.height, png.width, png.channels}, DType::UInt8);
  uint8_t* from = rows.data<uint8_t>();
  point_rows(png, from);
  if (!read_pixels(png)) png.fail_here();
  Tensor image = Tensor::empty({png.channels, png.height, png.width}, DType::UInt8);
  uint8_t* to = image.data<uint8_t>();
  const int64_t plane = png.height * png.width;
  each_value(png, [&](int64_t c, int64_t y, int64_t x) { to[c * plane + y * png.width + x] = *from++; });
  return image;
}

void write_png(const Tensor& image, const std::string& path) {
  check<DTypeError>(image.dtype() == DType::UInt8, "write_png: the image is ", image, "; it must be uint8");
  const bool grey = image.dim() == 2;
  const bool fits = grey || (image.dim() == 3 && image.size(0) >= 1 && image.size(0) <= 4);
  check<ShapeError>(fits && image.numel() > 0 && image.numel() < (int64_t{1} << 31), "write_png: the image is ", image,
                    "; it must be (height, width) or (1 to 4, height, width)");
  Png png;
  png.file = path;
  png.channels = grey ? 1 : image.size(0);
  png.height = image.size(-2);
  png.width = image.size(-1);
  const auto stride = [&](int64_t dim) { return image.strides()[static_cast<size_t>(dim)].value(); };
  const int64_t sc = grey ? 0 : stride(0), sy = stride(image.dim() - 2), sx = stride(image.dim() - 1);
  std::vector<uint8_t> pixels;
  pixels.reserve(static_cast<size_t>(image.numel()));
  const uint8_t* from = image.data<uint8_t>();
  each_value(png, [&](int64_t c, int64_t y, int64_t x) { pixels.push_back(from[c * sc + y * sy + x * sx]); });
  point_rows(png, pixels.data());
  start(png, false);
  if (!write_image(png)) png.fail_here();
  AtomicFile file(path);
  file.write(png.output);
  file.commit();
}

#else

Tensor read_png(const std::string& path) { fail<Error>(path, ": cannot be read: this Tenon was built without libpng"); }
void write_png(const Tensor&, const std::string& path) {
  fail<Error>(path, ": cannot be written: this Tenon was built without libpng");
}

#endif

}  // namespace tenon::inline v0::io
