#include <tenon/kernels/onednn/convolution_plan.h>

#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <cstring>
#include <new>

#include <tenon/kernels/onednn/sgemm.h>

namespace tenon::inline v0::onednn {

Api::Api() {
  void* handle = library();
  if (handle == nullptr) return;
  complete = true;
#define TENON_ONEDNN_FIND(name)                                          \
  name = reinterpret_cast<decltype(name)>(dlsym(handle, "dnnl_" #name)); \
  if (name == nullptr) complete = false;
  TENON_ONEDNN_FUNCTIONS(TENON_ONEDNN_FIND)
#undef TENON_ONEDNN_FIND
  if (complete) complete = engine_create(&engine, dnnl_cpu, 0) == dnnl_success;
}
const Api& api() {
  static const Api functions;
  return functions;
}

Piece::~Piece() {
  const Api& a = api();
  for (dnnl_primitive_t p : {primitive, x.reorder, w.reorder, out.reorder}) {
    if (p != nullptr) a.primitive_destroy(p);
  }
}

namespace {

// ---- preparing ----

// Sizes in oneDNN's form: the least number of spatial dimensions that holds them.
struct Geometry {
  int spatial;
  dnnl_dims_t x, w, out, bias, stride, dilation, padding, padding_end;
  int w_ndim;

  Geometry(const ConvolutionShape& s, int64_t images) {
    const Shape3 *in = &s.in, *k = &s.kernel;
    // Depthwise ones have two dimensions at least: oneDNN's code for them knows no others.
    const bool flat_d = in->d == 1 && k->d == 1 && s.out.d == 1, flat_h = in->h == 1 && k->h == 1 && s.out.h == 1;
    spatial = !flat_d ? 3 : !flat_h || s.is_depthwise() ? 2 : 1;
    x[0] = out[0] = images;
    x[1] = s.groups * s.in_channels;
    out[1] = bias[0] = s.groups * s.out_channels;
    int at = 0;
    if (s.groups > 1) w[at++] = s.groups;
    w[at++] = s.out_channels;
    w[at++] = s.in_channels;
    const auto add = [&](int i, int64_t Shape3::*d) {
      x[i + 2] = s.in.*d, out[i + 2] = s.out.*d, w[at + i] = s.kernel.*d;
      stride[i] = s.stride.*d, dilation[i] = s.dilation.*d - 1, padding[i] = s.padding.*d;
      padding_end[i] = (s.out.*d - 1) * s.stride.*d + (s.kernel.*d - 1) * s.dilation.*d + 1 - s.in.*d - s.padding.*d;
    };
    if (spatial == 3) add(0, &Shape3::d);
    if (spatial >= 2) add(spatial - 2, &Shape3::h);
    add(spatial - 1, &Shape3::w);
    w_ndim = at + spatial;
  }
};

constexpr dnnl_format_tag_t kPlain[] = {
    dnnl_format_tag_undef, dnnl_a, dnnl_ab, dnnl_abc, dnnl_abcd, dnnl_abcde, dnnl_abcdef};

// Prepares pieces; false from any step means that oneDNN refused.
class Maker {
 public:
  explicit Maker(const Api& a) : a_(a) {
    if (a_.primitive_attr_create(&attr_) != dnnl_success) attr_ = nullptr;
    // Our own scratch memory: the library's would come from an allocator of its own.
    if (attr_ != nullptr) a_.primitive_attr_set_scratchpad_mode(attr_, dnnl_scratchpad_mode_user);
  }
  ~Maker() {
    if (attr_ != nullptr) a_.primitive_attr_destroy(attr_);
  }
  Maker(const Maker&) = delete;

  // `w`: the weights' form of another piece, or null for any.
  bool make(Part part, const ConvolutionShape& s, bool bias, int64_t images, const Operand* w, Piece& p) {
    if (attr_ == nullptr) return false;
    const Geometry g(s, images);
    p.images = images;
    dnnl_memory_desc_t x, weights, out;
    const bool described = describe(g.spatial + 2, g.x, p.x.plain, x) && describe(g.w_ndim, g.w, p.w.plain, weights) &&
                           describe(g.spatial + 2, g.out, p.out.plain, out) &&
                           a_.memory_desc_init_by_tag(&p.bias, 1, g.bias, dnnl_f32, dnnl_a) == dnnl_success;
    if (!described) return false;
    if (w != nullptr) weights = w->wanted;
    dnnl_convolution_desc_t desc;
    if (!describe_convolution(part, g, x, weights, out, bias ? &p.bias : nullptr, desc)) return false;
    dnnl_primitive_desc_t pd = nullptr;
    if (a_.primitive_desc_create(&pd, &desc, attr_, a_.engine, nullptr) != dnnl_success) return false;
    const bool made = finish(part, pd, p);
    a_.primitive_desc_destroy(pd);
    return made;
  }

 private:
  bool describe(int ndim, const dnnl_dims_t dims, dnnl_memory_desc_t& plain, dnnl_memory_desc_t& any) const {
    return a_.memory_desc_init_by_tag(&plain, ndim, dims, dnnl_f32, kPlain[ndim]) == dnnl_success &&
           a_.memory_desc_init_by_tag(&any, ndim, dims, dnnl_f32, dnnl_format_tag_any) == dnnl_success;
  }
  bool describe_convolution(Part part, const Geometry& g, const dnnl_memory_desc_t& x, const dnnl_memory_desc_t& w,
                            const dnnl_memory_desc_t& out, const dnnl_memory_desc_t* bias,
                            dnnl_convolution_desc_t& desc) const {
    switch (part) {
      case Part::Forward:
        return a_.dilated_convolution_forward_desc_init(&desc, dnnl_forward_training, dnnl_convolution_direct, &x, &w,
                                                        bias, &out, g.stride, g.dilation, g.padding,
                                                        g.padding_end) == dnnl_success;
      case Part::InputGradient:
        return a_.dilated_convolution_backward_data_desc_init(&desc, dnnl_convolution_direct, &x, &w, &out, g.stride,
                                                              g.dilation, g.padding, g.padding_end) == dnnl_success;
      default:
        return a_.dilated_convolution_backward_weights_desc_init(&desc, dnnl_convolution_direct, &x, &w, nullptr, &out,
                                                                 g.stride, g.dilation, g.padding,
                                                                 g.padding_end) == dnnl_success;
    }
  }
  bool finish(Part part, dnnl_primitive_desc_t pd, Piece& p) const {
    const char* name = nullptr;
    if (a_.primitive_desc_query(pd, dnnl_query_impl_info_str, 0, &name) != dnnl_success || name == nullptr)
      return false;
    // Its plain loops are slow, and its im2col is no better than ours.
    if (std::strncmp(name, "ref", 3) == 0 || std::strstr(name, "gemm") != nullptr) return false;
    const auto want = [&](dnnl_query_t what, Operand& o) {
      const dnnl_memory_desc_t* md = a_.primitive_desc_query_md(pd, what, 0);
      if (md == nullptr) return false;
      o.wanted = *md;
      o.bytes = a_.memory_desc_get_size(md);
      return true;
    };
    const bool in = part == Part::InputGradient, weight = part == Part::WeightGradient;
    if (!want(in ? dnnl_query_diff_src_md : dnnl_query_src_md, p.x) ||
        !want(weight ? dnnl_query_diff_weights_md : dnnl_query_weights_md, p.w) ||
        !want(part == Part::Forward ? dnnl_query_dst_md : dnnl_query_diff_dst_md, p.out))
      return false;
    const dnnl_memory_desc_t* scratchpad = a_.primitive_desc_query_md(pd, dnnl_query_scratchpad_md, 0);
    if (scratchpad == nullptr) return false;
    p.scratchpad = *scratchpad;
    p.scratchpad_bytes = a_.memory_desc_get_size(scratchpad);
    return reorder(p.x, in) && reorder(p.w, weight) && reorder(p.out, part == Part::Forward) &&
           a_.primitive_create(&p.primitive, pd) == dnnl_success;
  }
  bool reorder(Operand& o, bool is_result) const {
    if (a_.memory_desc_equal(&o.plain, &o.wanted)) return true;
    const dnnl_memory_desc_t &from = is_result ? o.wanted : o.plain, &to = is_result ? o.plain : o.wanted;
    dnnl_primitive_desc_t pd = nullptr;
    if (a_.reorder_primitive_desc_create(&pd, &from, a_.engine, &to, a_.engine, attr_) != dnnl_success) return false;
    const dnnl_memory_desc_t* scratchpad = a_.primitive_desc_query_md(pd, dnnl_query_scratchpad_md, 0);
    const bool made = (scratchpad == nullptr || a_.memory_desc_get_size(scratchpad) == 0) &&
                      a_.primitive_create(&o.reorder, pd) == dnnl_success;
    a_.primitive_desc_destroy(pd);
    return made;
  }

  const Api& a_;
  dnnl_primitive_attr_t attr_ = nullptr;
};

// ---- the cache ----

struct Key {
  int64_t at[25];

  Key(Part part, const ConvolutionShape& s, bool bias, int64_t images, int64_t rest)
      : at{static_cast<int64_t>(part) * 2 + bias,
           images,
           rest,
           s.groups,
           s.in_channels,
           s.out_channels,
           s.in.d,
           s.in.h,
           s.in.w,
           s.out.d,
           s.out.h,
           s.out.w,
           s.kernel.d,
           s.kernel.h,
           s.kernel.w,
           s.stride.d,
           s.stride.h,
           s.stride.w,
           s.padding.d,
           s.padding.h,
           s.padding.w,
           s.dilation.d,
           s.dilation.h,
           s.dilation.w,
           0} {}
  uint64_t hash() const {
    uint64_t h = 0x9e3779b97f4a7c15u;
    for (int64_t v : at) h = (h ^ static_cast<uint64_t>(v)) * 0xff51afd7ed558ccdu, h ^= h >> 32;
    return h;
  }
  bool operator==(const Key& other) const { return std::memcmp(at, other.at, sizeof at) == 0; }
};

}  // namespace

struct CachedPlan {
  Key key;
  Plan plan;
  std::atomic<int> references{1};
  uint64_t used = 0;

  explicit CachedPlan(const Key& k) : key(k) {}
  void release() {
    if (references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }
};

PlanRef::~PlanRef() {
  if (plan_ != nullptr) plan_->release();
}
const Plan* PlanRef::get() const { return plan_ != nullptr && plan_->plan.usable ? &plan_->plan : nullptr; }

namespace {

// Sets of a few plans; the one used longest ago makes room. Some 512 plans, of about 100 KiB of code each.
class Cache {
 public:
  // Adds a reference; null when the plan is not there.
  CachedPlan* find(const Key& key, uint64_t hash) {
    pthread_mutex_lock(&mutex_);
    CachedPlan* found = nullptr;
    for (CachedPlan* plan : set(hash)) {
      if (plan != nullptr && plan->key == key) found = plan;
    }
    if (found != nullptr) {
      found->references.fetch_add(1, std::memory_order_relaxed);
      found->used = ++clock_;
    }
    pthread_mutex_unlock(&mutex_);
    return found;
  }
  // Takes a reference of its own. Two threads may add the same plan; the older then goes in time.
  void add(CachedPlan* plan, uint64_t hash) {
    plan->references.fetch_add(1, std::memory_order_relaxed);
    pthread_mutex_lock(&mutex_);
    CachedPlan** victim = nullptr;
    for (CachedPlan*& slot : set(hash)) {
      if (victim == nullptr || slot == nullptr || (*victim != nullptr && slot->used < (*victim)->used)) victim = &slot;
      if (slot == nullptr) break;
    }
    CachedPlan* old = *victim;
    plan->used = ++clock_;
    *victim = plan;
    pthread_mutex_unlock(&mutex_);
    if (old != nullptr) old->release();
  }
  // Never destroyed: oneDNN may be gone before it at exit.
  static Cache* instance() {
    static Cache* const cache = make();
    return cache;
  }

 private:
  static constexpr int kSets = 64, kWays = 8;
  using Set = CachedPlan* [kWays];

  static Cache* make() {
    auto* cache = new (std::nothrow) Cache;
    static Cache* shared;
    shared = cache;
    // A child must not inherit the mutex locked by a thread that it does not have.
    if (cache != nullptr) {
      pthread_atfork([] { pthread_mutex_lock(&shared->mutex_); }, [] { pthread_mutex_unlock(&shared->mutex_); },
                     [] { pthread_mutex_unlock(&shared->mutex_); });
    }
    return cache;
  }
  Set& set(uint64_t hash) { return sets_[hash % kSets]; }

  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  Set sets_[kSets] = {};
  uint64_t clock_ = 0;
};

void prepare(Part part, const ConvolutionShape& s, bool bias, int64_t images, int64_t rest, Plan& plan) {
  const OneThread guard;  // a primitive is made for the number of threads at its making
  Maker maker(api());
  plan.usable = maker.make(part, s, bias, images, nullptr, plan.piece) &&
                (rest == 0 || maker.make(part, s, bias, rest, &plan.piece.w, plan.rest));
}

}  // namespace

PlanRef find_plan(Part part, const ConvolutionShape& s, bool bias, int64_t images, int64_t rest) {
  Cache* cache = Cache::instance();
  if (cache == nullptr || !api().complete) return PlanRef();
  const Key key(part, s, bias, images, rest);
  const uint64_t hash = key.hash();
  if (CachedPlan* found = cache->find(key, hash)) return PlanRef(found);
  auto* made = new (std::nothrow) CachedPlan(key);
  if (made == nullptr) return PlanRef();
  prepare(part, s, bias, images, rest, made->plan);
  cache->add(made, hash);
  return PlanRef(made);
}

}  // namespace tenon::inline v0::onednn
