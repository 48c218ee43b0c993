#include <tenon/io/jpeg.h>

#include <csetjmp>
#include <cstdio>
#include <cstring>

#include <tenon/core/error.h>
#include <tenon/io/file.h>
#include <tenon/io/png.h>

#ifdef TENON_WITH_JPEG
#include <jpeglib.h>
#endif

namespace tenon::inline v0::io {

#ifdef TENON_WITH_JPEG

namespace {

// libjpeg reports errors by a function that must not return; ours jumps, so that the functions between setjmp
// and it hold nothing that needs a destructor: all state lies in this struct, owned by the caller.
struct Jpeg {
  jpeg_decompress_struct jpeg = {};
  jpeg_error_mgr errors = {};
  std::jmp_buf failed;
  char problem[JMSG_LENGTH_MAX] = "";

  Jpeg() {
    jpeg.err = jpeg_std_error(&errors);
    jpeg.client_data = this;
    errors.error_exit = [](j_common_ptr info) { of(info).give_up(); };
    // Negative levels are damage that libjpeg would paint over with grey: never in silence.
    errors.emit_message = [](j_common_ptr info, int level) {
      if (level < 0) of(info).give_up();
    };
    errors.output_message = [](j_common_ptr) {};
  }
  ~Jpeg() { jpeg_destroy_decompress(&jpeg); }
  Jpeg(const Jpeg&) = delete;

  static Jpeg& of(j_common_ptr info) { return *static_cast<Jpeg*>(info->client_data); }
  [[noreturn]] void give_up() {
    errors.format_message(reinterpret_cast<j_common_ptr>(&jpeg), problem);
    std::longjmp(failed, 1);
  }
  [[noreturn]] void fail_here(const std::string& file) const {
    fail<FileError>(file, ": not a sound JPEG image: ", problem);
  }
};

// Up to the pixels.
bool start(Jpeg& self, const unsigned char* data, unsigned long bytes) {
  if (setjmp(self.failed)) return false;
  jpeg_create_decompress(&self.jpeg);
  jpeg_mem_src(&self.jpeg, data, bytes);
  jpeg_read_header(&self.jpeg, TRUE);
  self.jpeg.out_color_space = self.jpeg.jpeg_color_space == JCS_GRAYSCALE ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_calc_output_dimensions(&self.jpeg);
  return true;
}

bool read_pixels(Jpeg& self, unsigned char* rows) {
  if (setjmp(self.failed)) return false;
  jpeg_start_decompress(&self.jpeg);
  const size_t row_bytes = static_cast<size_t>(self.jpeg.output_width) * self.jpeg.output_components;
  while (self.jpeg.output_scanline < self.jpeg.output_height) {
    JSAMPROW row = rows + self.jpeg.output_scanline * row_bytes;
    jpeg_read_scanlines(&self.jpeg, &row, 1);
  }
  jpeg_finish_decompress(&self.jpeg);
  return true;
}

}  // namespace

Tensor read_jpeg(const std::string& path) {
  const auto file = FileBytes::open(path, true);
  const auto* data = reinterpret_cast<const unsigned char*>(file->data());
  check<FileError>(file->size() > 0, path, ": not a JPEG image: the file is empty");
  Jpeg self;
  if (!start(self, data, file->size())) self.fail_here(path);
  const int64_t width = self.jpeg.output_width, height = self.jpeg.output_height;
  const int64_t channels = self.jpeg.output_components;
  // A block of 8 x 8 pixels takes a bit or more: a file that promises more pixels than that is a trap. (Each
  // component may be halved both ways, and progressive files may leave blocks out: hence 64 times more.)
  check<FileError>(width * height / 64 / 64 <= static_cast<int64_t>(file->size()) * 8, path, ": ", width, " x ", height,
                   " pixels do not fit into the ", file->size(), " bytes of the file");
  Tensor rows = Tensor::empty({height, width, channels}, DType::UInt8);
  if (!read_pixels(self, rows.data<uint8_t>())) self.fail_here(path);
  Tensor image = Tensor::empty({channels, height, width}, DType::UInt8);
  const uint8_t* from = rows.data<uint8_t>();
  uint8_t* to = image.data<uint8_t>();
  for (int64_t i = 0, plane = width * height; i < plane; ++i) {
    for (int64_t c = 0; c < channels; ++c) to[c * plane + i] = *from++;
  }
  return image;
}

#else

Tensor read_jpeg(const std::string&) {
  fail<Error>("read_jpeg: this Tenon was built without libjpeg; install it (Debian: libjpeg-dev) and build again");
}

#endif

Tensor read_image(const std::string& path) {
  constexpr unsigned char kPng[] = {0x89, 'P', 'N', 'G'}, kJpeg[] = {0xff, 0xd8, 0xff};
  const auto file = FileBytes::open(path, true);
  const auto begins = [&](const auto& magic) {
    return file->size() >= sizeof(magic) && std::memcmp(file->data(), magic, sizeof(magic)) == 0;
  };
  if (begins(kPng)) return read_png(path);
  check<FileError>(begins(kJpeg), path, ": neither a PNG nor a JPEG image");
  return read_jpeg(path);
}

}  // namespace tenon::inline v0::io
