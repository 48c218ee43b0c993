// Loads a file and runs its functions, in memory whose ends cannot be passed without a crash.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <tenon/exec/checksum.h>
#include <tenon/exec/file_header.h>
#include <tenon/exec/load.h>
#include <tenon/exec/session.h>

namespace tenon::hostile {

// Blocks that end where a page begins that nobody may touch; 64 MB in all.
class Fences {
 public:
  ~Fences() {
    while (!blocks_.empty()) release(blocks_.begin()->first);
  }
  void* allocate(size_t bytes, size_t alignment = 16) {
    const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
    if (bytes > kMost || total_ + bytes > kMost) return nullptr;
    const size_t whole = (bytes + page - 1) / page * page;
    void* map = ::mmap(nullptr, whole + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED) return nullptr;
    char* first = static_cast<char*>(map) + page;
    if (whole > 0) ::mprotect(first, whole, PROT_READ | PROT_WRITE);
    char* data = first + whole - (bytes + alignment - 1) / alignment * alignment;
    blocks_[data] = {map, whole + 2 * page, bytes};
    total_ += bytes;
    return data;
  }
  void release(void* data) {
    const auto it = blocks_.find(data);
    total_ -= it->second.bytes;
    ::munmap(it->second.map, it->second.mapped);
    blocks_.erase(it);
  }
  exec::Allocator allocator() {
    return {[](void* user, size_t bytes, size_t alignment) {
              return static_cast<Fences*>(user)->allocate(bytes, alignment);
            },
            [](void* user, void* data, size_t) { static_cast<Fences*>(user)->release(data); }, this};
  }

 private:
  static constexpr size_t kMost = size_t{64} << 20;
  struct Block {
    void* map;
    size_t mapped, bytes;
  };
  std::map<void*, Block> blocks_;
  size_t total_ = 0;
};

// The file with its length and checksums right, so that damage gets past them.
inline std::string sealed(std::string bytes) {
  exec::FileHeader header;
  if (bytes.size() < sizeof header) return bytes;
  std::memcpy(&header, bytes.data(), sizeof header);
  std::memcpy(header.magic, exec::kMagic, sizeof header.magic);
  header.version = exec::kFormatVersion;
  header.reserved = 0;
  header.unused[0] = header.unused[1] = 0;
  header.metadata_bytes = std::min<uint64_t>(header.metadata_bytes, bytes.size() - sizeof header);
  header.metadata_checksum = exec::xxh64(bytes.data() + sizeof header, header.metadata_bytes);
  header.file_bytes = bytes.size();
  header.checksum = exec::xxh64(&header, offsetof(exec::FileHeader, checksum));
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

// Inputs for a plan whose symbols are all `n`; false when they would be large.
class Inputs {
  static constexpr int64_t kMost = 1 << 16;

 public:
  bool make(const exec::Plan& plan, int64_t n, Fences& fences) {
    for (exec::Index i : plan.inputs) {
      const exec::Value& value = plan.values[static_cast<size_t>(i)];
      auto& shape = shapes_.emplace_back();
      int64_t count = 1;
      for (exec::Index s : value.shape) {
        const exec::Size& size = plan.sizes[static_cast<size_t>(s)];
        shape.push_back(size.kind == exec::Size::Kind::Constant ? size.value : n);
        if (shape.back() < 0 || shape.back() > kMost || (count *= shape.back()) > kMost) return false;
      }
      auto& strides = shapes_.emplace_back(shape.size());
      int64_t stride = 1;
      for (size_t d = shape.size(); d-- > 0;) {
        strides[d] = stride;
        if ((stride *= std::max<int64_t>(shape[d], 1)) > kMost) return false;
      }
      const auto bytes = static_cast<size_t>(count * size_of(value.dtype));
      auto* data = static_cast<unsigned char*>(fences.allocate(bytes));
      if (data == nullptr) return false;
      for (size_t k = 0; k < bytes; ++k) data[k] = static_cast<unsigned char>(k * 37 % 3 == 0);
      views_.push_back({data, shapes_[shapes_.size() - 2].data(), strides.data(), static_cast<int32_t>(shape.size()),
                        value.dtype, true, true});
    }
    return true;
  }
  Inputs() { shapes_.reserve(1024); }
  const std::vector<View>& views() const { return views_; }

 private:
  std::vector<std::vector<int64_t>> shapes_;
  std::vector<View> views_;
};

// A byte of everything that a view shows.
inline unsigned touch(const View& view) {
  unsigned sum = 0;
  if (view.numel() == 0) return sum;
  const auto* p = static_cast<const unsigned char*>(view.data);
  for (int64_t i = 0, bytes = view.numel() * size_of(view.dtype); i < bytes; ++i) sum += p[i];
  return sum;
}

// The text of the first refusal; empty when all functions ran.
inline std::string load_and_run(const std::string& bytes) {
  Fences fences;
  void* file = fences.allocate(bytes.size());
  if (file == nullptr) return "too large";
  std::memcpy(file, bytes.data(), bytes.size());
  exec::Program program;
  exec::Status status = exec::load(file, bytes.size(), {}, program);
  for (const exec::Plan& plan : program.functions) {
    if (plan.inputs.size() > 500) continue;
    std::unique_ptr<exec::Session> session;
    status = exec::Session::create(plan, registry(), fences.allocator(), session);
    for (const int64_t n : {2, 3, 1}) {
      Inputs inputs;
      if (!status.ok() || !inputs.make(plan, n, fences)) break;
      status = session->run(inputs.views().data(), static_cast<int>(inputs.views().size()));
      for (size_t i = 0; status.ok() && i < plan.outputs.size(); ++i) touch(session->output(static_cast<int>(i)));
    }
    if (!status.ok()) break;
  }
  return status.text;
}

}  // namespace tenon::hostile
