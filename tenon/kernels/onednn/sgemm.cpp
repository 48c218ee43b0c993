#include <tenon/kernels/onednn/sgemm.h>

#include <dlfcn.h>
#include <dnnl.h>

#include <cstdlib>

namespace tenon::inline v0::onednn {
namespace {

struct Library {
  void* handle = nullptr;
  decltype(&dnnl_sgemm) sgemm = nullptr;
  void (*set_threads)(int) = nullptr;
  int (*max_threads)() = nullptr;

  Library() {
    const char* wanted = std::getenv("TENON_ONEDNN");
    if (wanted != nullptr && wanted[0] == '0') return;
    handle = dlopen("libdnnl.so.2", RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) return;
    sgemm = reinterpret_cast<decltype(sgemm)>(dlsym(handle, "dnnl_sgemm"));
    // Absent when oneDNN was built without OpenMP; then it runs on one thread or a pool of its own.
    set_threads = reinterpret_cast<void (*)(int)>(dlsym(handle, "omp_set_num_threads"));
    max_threads = reinterpret_cast<int (*)()>(dlsym(handle, "omp_get_max_threads"));
  }
};

const Library& loaded() {
  static const Library library;
  return library;
}

// oneDNN's letter for a layout and its leading dimension, or 0.
template <class T>
char layout_of(const Matrix<T>& x, int64_t rows, int64_t columns, int64_t& leading) {
  if ((x.col == 1 || columns == 1) && (x.row >= columns || rows == 1)) {
    leading = rows == 1 ? columns : x.row;
    return 'N';
  }
  if ((x.row == 1 || rows == 1) && (x.col >= rows || columns == 1)) {
    leading = columns == 1 ? rows : x.col;
    return 'T';
  }
  return 0;
}

}  // namespace

void* library() { return loaded().handle; }

OneThread::OneThread() : previous_(1) {
  const Library& l = loaded();
  if (l.set_threads == nullptr || l.max_threads == nullptr) return;
  previous_ = l.max_threads();
  if (previous_ != 1) l.set_threads(1);
}
OneThread::~OneThread() {
  if (previous_ != 1) loaded().set_threads(previous_);
}

bool sgemm(const Gemm<float>& g) {
  const Library& l = loaded();
  if (l.sgemm == nullptr) return false;
  int64_t lda, ldb, ldc;
  const char a = layout_of(g.a, g.m, g.k, lda), b = layout_of(g.b, g.k, g.n, ldb);
  if (a == 0 || b == 0 || layout_of(g.c, g.m, g.n, ldc) != 'N') return false;
  const OneThread guard;
  return l.sgemm(a, b, g.m, g.n, g.k, 1.0f, g.a.data, lda, g.b.data, ldb, g.accumulate ? 1.0f : 0.0f, g.c.data, ldc) ==
         dnnl_success;
}

}  // namespace tenon::inline v0::onednn
