#include <algorithm>
#include <cstring>
#include <optional>

#include <tenon/kernels/cpu/convolution_loops.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tenon/kernels/cpu/convolution_simd.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <tenon/kernels/cpu/gemm_tile-inl.h>

HWY_BEFORE_NAMESPACE();
namespace tenon::inline v0 {
namespace HWY_NAMESPACE {
namespace {

// Channels of an image with zeros around them, in memory of its own; the image itself when nothing is padded.
template <class T>
class PaddedImage {
 public:
  PaddedImage(const ConvolutionShape& s, int64_t channels)
      : channels_(channels), in_(s.in), padding_(s.padding), size_(reach(s)) {
    is_padded_ = s.padding.d + s.padding.h + s.padding.w > 0 || size_.d > in_.d || size_.h > in_.h || size_.w > in_.w;
    if (!is_padded_) {
      size_ = in_;
      return;
    }
    memory_.emplace(channels * size_.count());
    // The zeros stay; images are copied between them.
    if (memory_->data() != nullptr)
      std::memset(memory_->data(), 0, static_cast<size_t>(channels * size_.count()) * sizeof(T));
  }
  bool ok() const { return !is_padded_ || memory_->data() != nullptr; }
  const Shape3& size() const { return size_; }

  const T* fill(const T* image) {
    if (!is_padded_) return image;
    const auto extent = [](int64_t in, int64_t size, int64_t padding) {
      return std::clamp<int64_t>(size - padding, 0, in);
    };
    const int64_t depth = extent(in_.d, size_.d, padding_.d), height = extent(in_.h, size_.h, padding_.h),
                  width = extent(in_.w, size_.w, padding_.w);
    if (width == 0) return memory_->data();
    for (int64_t c = 0; c < channels_; ++c) {
      for (int64_t d = 0; d < depth; ++d) {
        const T* from = image + (c * in_.d + d) * in_.h * in_.w;
        T* to = memory_->data() + ((c * size_.d + d + padding_.d) * size_.h + padding_.h) * size_.w + padding_.w;
        for (int64_t h = 0; h < height; ++h)
          std::memcpy(to + h * size_.w, from + h * in_.w, static_cast<size_t>(width) * sizeof(T));
      }
    }
    return memory_->data();
  }

  // Where the patch of the first column of output row `row` begins.
  int64_t row_start(const ConvolutionShape& s, int64_t row) const {
    return (row / s.out.h * s.stride.d * size_.h + row % s.out.h * s.stride.h) * size_.w;
  }
  // Where the elements of a patch lie, from its beginning.
  void offsets(const ConvolutionShape& s, int64_t* out) const {
    for (int64_t c = 0; c < channels_; ++c) {
      for (int64_t d = 0; d < s.kernel.d; ++d) {
        for (int64_t h = 0; h < s.kernel.h; ++h) {
          const int64_t row = ((c * size_.d + d * s.dilation.d) * size_.h + h * s.dilation.h) * size_.w;
          for (int64_t w = 0; w < s.kernel.w; ++w) *out++ = row + w * s.dilation.w;
        }
      }
    }
  }

 private:
  // The part of the padded image that some patch reads.
  static Shape3 reach(const ConvolutionShape& s) {
    const auto along = [](int64_t out, int64_t stride, int64_t kernel, int64_t dilation) {
      return (out - 1) * stride + (kernel - 1) * dilation + 1;
    };
    return {along(s.out.d, s.stride.d, s.kernel.d, s.dilation.d), along(s.out.h, s.stride.h, s.kernel.h, s.dilation.h),
            along(s.out.w, s.stride.w, s.kernel.w, s.dilation.w)};
  }

  int64_t channels_;
  Shape3 in_, padding_, size_;
  bool is_padded_ = false;
  std::optional<Scratch<T>> memory_;
};

// ---- forward ----

constexpr int64_t kDepth = 256;  // rows of a patch at a time: its strip stays in the first cache

// Tiles of fewer rows where the others would be mostly zeros.
inline bool takes_few_rows(const ConvolutionShape& s) {
  return round_up(s.out_channels, kFewRows) * 9 < round_up(s.out_channels, kRows) * 8;
}
inline int64_t tile_rows(const ConvolutionShape& s) { return takes_few_rows(s) ? kFewRows : kRows; }
inline int64_t packed_group(const ConvolutionShape& s) { return round_up(s.out_channels, tile_rows(s)) * s.patch(); }

// Positions outside of the image and rows of zeros count as well.
template <class T>
int64_t work(const ConvolutionShape& s) {
  return s.batch * s.groups * round_up(s.out_channels, tile_rows(s)) * s.patch() * s.out.count();
}

int64_t packed_size(const ConvolutionShape& s) { return s.groups * packed_group(s); }

template <class T>
void pack_weights(const ConvolutionShape& s, const T* w, T* packed) {
  for (int64_t g = 0; g < s.groups; ++g) {
    pack(Matrix<const T>{w + g * s.out_channels * s.patch(), s.patch(), 1}, s.out_channels, s.patch(), tile_rows(s),
         packed + g * packed_group(s));
  }
}

template <class T>
int64_t strips(const ConvolutionShape& s) {
  return (s.out.count() + tile_columns<T>() - 1) / tile_columns<T>();
}

// A run of output positions in one row of the image, at most a vector.
struct Chunk {
  int64_t start, at, count;  // of the patch in the image; in the strip
};

template <class T>
int cut_into_chunks(const ConvolutionShape& s, const PaddedImage<T>& image, int64_t position, int64_t count,
                    Chunk* chunks) {
  const int64_t lanes = tile_columns<T>() / 2;
  int n = 0;
  for (int64_t at = 0; at < count;) {
    const int64_t row = position / s.out.w, column = position % s.out.w;
    const int64_t size = std::min({lanes, count - at, s.out.w - column});
    chunks[n++] = {image.row_start(s, row) + column * s.stride.w, at, size};
    at += size, position += size;
  }
  return n;
}

// Rows of the patch for the chunk's positions, one below the other in a strip.
template <class T>
HWY_INLINE void fill_chunk(const T* image, const int64_t* offsets, int64_t depth, int64_t stride, Chunk chunk,
                           T* strip) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d)), width = 2 * lanes;
  const T* from = image + chunk.start;
  T* to = strip + chunk.at;
  if (stride != 1) {
    for (int64_t p = 0; p < depth; ++p) {
      for (int64_t i = 0; i < chunk.count; ++i) to[p * width + i] = from[offsets[p] + i * stride];
    }
  } else if (chunk.count == lanes) {
    for (int64_t p = 0; p < depth; ++p) hn::StoreU(hn::LoadU(d, from + offsets[p]), d, to + p * width);
  } else {
    const size_t count = static_cast<size_t>(chunk.count);
    for (int64_t p = 0; p < depth; ++p) store_first(d, load_first(d, from + offsets[p], count), to + p * width, count);
  }
}

template <int R, class T>
bool convolve_rows(const ConvolutionShape& s, const T* x, const T* packed, const T* bias, T* out, int64_t begin,
                   int64_t end) {
  const int64_t width = tile_columns<T>(), count = strips<T>(s), plane = s.out.count(), patch = s.patch();
  const int64_t in_size = s.in_channels * s.in.count(), out_size = s.out_channels * plane;
  PaddedImage<T> padded(s, s.in_channels);
  const Scratch<int64_t> offsets(patch);
  const Scratch<T> strip(std::min(patch, kDepth) * width);
  if (!padded.ok() || offsets.data() == nullptr || strip.data() == nullptr) return false;
  padded.offsets(s, offsets.data());
  std::memset(strip.data(), 0, static_cast<size_t>(std::min(patch, kDepth) * width) * sizeof(T));
  Chunk chunks[2 * HWY_MAX_BYTES / sizeof(T)];
  const T* image = nullptr;
  for (int64_t item = begin, last = -1; item < end; ++item) {
    const int64_t i = item / count, group = i % s.groups, position = item % count * width;
    if (i != last) image = padded.fill(x + i * in_size);
    last = i;
    const int64_t columns = std::min(width, plane - position);
    const int n = cut_into_chunks(s, padded, position, columns, chunks);
    const T* weights = packed + group * packed_group(s);
    for (int64_t p = 0; p < patch; p += kDepth) {
      const int64_t depth = std::min(kDepth, patch - p);
      for (int c = 0; c < n; ++c) fill_chunk(image, offsets.data() + p, depth, s.stride.w, chunks[c], strip.data());
      for (int64_t o = 0; o < s.out_channels; o += R) {
        const Matrix<T> tile{out + i * out_size + o * plane + position, plane, 1};
        const T* start = bias != nullptr && p == 0 ? bias + group * s.out_channels + o : nullptr;
        multiply_tile<R>(weights + o * patch + p * R, strip.data(), depth, tile,
                         std::min<int64_t>(R, s.out_channels - o), columns, p > 0, start);
      }
    }
  }
  return true;
}

template <class T>
bool convolve(const ConvolutionShape& s, const T* x, const T* packed, const T* bias, T* out, int64_t begin,
              int64_t end) {
  return takes_few_rows(s) ? convolve_rows<kFewRows>(s, x, packed, bias, out, begin, end)
                           : convolve_rows<kRows>(s, x, packed, bias, out, begin, end);
}

// ---- one input channel a group ----

// A row of the output, vectors of it at a time.
template <class T>
HWY_INLINE void depthwise_row(const T* from, const int64_t* offsets, const T* w, int64_t taps, T bias, int64_t count,
                              T* out) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    auto sum = hn::Set(d, bias);
    for (int64_t t = 0; t < taps; ++t) sum = hn::MulAdd(hn::Set(d, w[t]), hn::LoadU(d, from + offsets[t] + i), sum);
    hn::StoreU(sum, d, out + i);
  }
  if (i == count) return;
  const size_t rest = static_cast<size_t>(count - i);
  auto sum = hn::Set(d, bias);
  for (int64_t t = 0; t < taps; ++t)
    sum = hn::MulAdd(hn::Set(d, w[t]), load_first(d, from + offsets[t] + i, rest), sum);
  store_first(d, sum, out + i, rest);
}

template <class T>
bool convolve_depthwise(const ConvolutionShape& s, const T* x, const T* w, const T* bias, T* out, int64_t begin,
                        int64_t end) {
  const int64_t channels = s.groups * s.out_channels, taps = s.kernel.count(), stride = s.stride.w;
  PaddedImage<T> padded(s, 1);
  const Scratch<int64_t> offsets(taps);
  if (!padded.ok() || offsets.data() == nullptr) return false;
  padded.offsets(s, offsets.data());
  for (int64_t i = begin; i < end; ++i) {
    const int64_t o = i % channels;
    const T* image = padded.fill(x + (i / channels * s.groups + o / s.out_channels) * s.in.count());
    const T b = bias != nullptr ? bias[o] : T(0), *weights = w + o * taps;
    for (int64_t row = 0; row < s.rows(); ++row) {
      const T* from = image + padded.row_start(s, row);
      T* to = out + i * s.out.count() + row * s.out.w;
      if (stride == 1) {
        depthwise_row(from, offsets.data(), weights, taps, b, s.out.w, to);
        continue;
      }
      for (int64_t j = 0; j < s.out.w; ++j) {
        T sum = b;
        for (int64_t t = 0; t < taps; ++t) sum += weights[t] * from[offsets.data()[t] + j * stride];
        to[j] = sum;
      }
    }
  }
  return true;
}

// ---- the gradient of the weights ----

int64_t patch_strips(const ConvolutionShape& s) { return (s.patch() + kRows - 1) / kRows; }

// sums (kRows, V vectors) += products of kRows elements of each patch with the gradients at its position, for
// output rows [begin, end); `grad` has V vectors of channels for each position.
template <int V, class T>
HWY_INLINE void gradient_tile(const ConvolutionShape& s, const PaddedImage<T>& padded, const T* image,
                              const int64_t* offsets, const T* HWY_RESTRICT grad, int64_t begin, int64_t end,
                              T* HWY_RESTRICT sums) {
  const hn::ScalableTag<T> d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d)), stride = s.stride.w;
  hn::Vec<decltype(d)> sum[kRows][V];
  for (int r = 0; r < kRows; ++r) {
    for (int v = 0; v < V; ++v) sum[r][v] = hn::LoadU(d, sums + (r * V + v) * lanes);
  }
  for (int64_t row = begin; row < end; ++row) {
    const T* from = image + padded.row_start(s, row);
    for (int64_t i = 0; i < s.out.w; ++i, from += stride, grad += V * lanes) {
      hn::Vec<decltype(d)> g[V];
      for (int v = 0; v < V; ++v) g[v] = hn::LoadU(d, grad + v * lanes);
      for (int r = 0; r < kRows; ++r) {
        const auto value = hn::Set(d, from[offsets[r]]);
        for (int v = 0; v < V; ++v) sum[r][v] = hn::MulAdd(value, g[v], sum[r][v]);
      }
    }
  }
  for (int r = 0; r < kRows; ++r) {
    for (int v = 0; v < V; ++v) hn::StoreU(sum[r][v], d, sums + (r * V + v) * lanes);
  }
}

template <int V, class T>
bool weight_gradient_with(const ConvolutionShape& s, const T* grad, const T* x, T* out, int64_t begin, int64_t end) {
  const int64_t width = tile_columns<T>() / 2 * V, plane = s.out.count(), patch = s.patch();
  const int64_t rows = (end - begin) * kRows, blocks = round_up(s.out_channels, width) / width;
  // Output rows at a time, so that their gradients stay in the second cache.
  const int64_t step = std::clamp<int64_t>(32768 / (s.out.w * width * blocks), 1, s.rows());
  PaddedImage<T> padded(s, s.in_channels);
  const Scratch<int64_t> offsets(round_up(patch, kRows));
  const Scratch<T> turned(step * s.out.w * width * blocks), sums(rows * width * blocks);
  if (!padded.ok() || offsets.data() == nullptr || turned.data() == nullptr || sums.data() == nullptr) return false;
  padded.offsets(s, offsets.data());
  std::fill(offsets.data() + patch, offsets.data() + round_up(patch, kRows), 0);
  for (int64_t group = 0; group < s.groups; ++group) {
    std::memset(sums.data(), 0, static_cast<size_t>(rows * width * blocks) * sizeof(T));
    for (int64_t n = 0; n < s.batch; ++n) {
      const int64_t i = n * s.groups + group;
      const T* image = padded.fill(x + i * s.in_channels * s.in.count());
      for (int64_t row = 0; row < s.rows(); row += step) {
        const int64_t to = std::min(s.rows(), row + step), depth = (to - row) * s.out.w;
        const Matrix<const T> by_channel{grad + i * s.out_channels * plane + row * s.out.w, plane, 1};
        pack(by_channel, s.out_channels, depth, width, turned.data());
        for (int64_t b = 0; b < blocks; ++b) {
          for (int64_t r = 0; r < rows; r += kRows) {
            gradient_tile<V>(s, padded, image, offsets.data() + begin * kRows + r, turned.data() + b * depth * width,
                             row, to, sums.data() + (b * rows + r) * width);
          }
        }
      }
    }
    for (int64_t o = 0; o < s.out_channels; ++o) {
      const T* from = sums.data() + o / width * rows * width + o % width;
      T* to = out + (group * s.out_channels + o) * patch + begin * kRows;
      for (int64_t r = 0; r < std::min(rows, patch - begin * kRows); ++r) to[r] = from[r * width];
    }
  }
  return true;
}

template <class T>
bool weight_gradient(const ConvolutionShape& s, const T* grad, const T* x, T* out, int64_t begin, int64_t end) {
  return 2 * s.out_channels <= tile_columns<T>() ? weight_gradient_with<1>(s, grad, x, out, begin, end)
                                                 : weight_gradient_with<2>(s, grad, x, out, begin, end);
}

template <class T>
constexpr ConvolutionLoops<T> kLoops = {
    work<T>,     packed_size,           pack_weights<T>, strips<T>,
    convolve<T>, convolve_depthwise<T>, patch_strips,    weight_gradient<T>,
};
const ConvolutionLoops<float>* FloatLoops() { return &kLoops<float>; }
const ConvolutionLoops<double>* DoubleLoops() { return &kLoops<double>; }

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tenon::inline v0
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tenon::inline v0 {
HWY_EXPORT(FloatLoops);
HWY_EXPORT(DoubleLoops);
template <>
const ConvolutionLoops<float>& convolution_loops() {
  static const ConvolutionLoops<float>* const loops = HWY_DYNAMIC_DISPATCH(FloatLoops)();
  return *loops;
}
template <>
const ConvolutionLoops<double>& convolution_loops() {
  static const ConvolutionLoops<double>* const loops = HWY_DYNAMIC_DISPATCH(DoubleLoops)();
  return *loops;
}
}  // namespace tenon::inline v0
#endif
