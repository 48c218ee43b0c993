// A second device through the door: a queue on a thread, with the CPU's kernels behind it.
#include <gtest/gtest.h>

#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include <tenon/core/door.h>
#include <tenon/ops/functions.h>

namespace {

using namespace tenon;

class QueueBackend : public Backend {
 public:
  QueueBackend() : worker_([this] { work(); }) {}
  ~QueueBackend() override {
    {
      std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_.notify_all();
    worker_.join();
  }

  void* allocate(size_t bytes) override { return std::aligned_alloc(64, (bytes + 63) / 64 * 64); }
  void deallocate(void* data, size_t) override { std::free(data); }
  void copy(void* to, Device, const void* from, Device, size_t bytes) override {
    synchronize();
    std::memcpy(to, from, bytes);
  }
  void run(const OpInfo& op, Kernel kernel, const void* record, const std::vector<Tensor>& inputs,
           const std::vector<Tensor>& outputs) override {
    // The record lives on the caller's stack: the queue keeps its own.
    auto storage = std::shared_ptr<void>(std::malloc(op.record_size), [&op](void* r) {
      op.destroy(r);
      std::free(r);
    });
    op.copy(storage.get(), record);
    {
      std::lock_guard lock(mutex_);
      tasks_.push_back([this, &op, kernel, storage, inputs, outputs] {
        std::vector<View> in, out;
        for (const Tensor& t : inputs) in.push_back(t.defined() ? t.impl()->view() : View{});
        for (const Tensor& t : outputs) out.push_back(t.defined() ? t.impl()->view() : View{});
        Context context;
        kernel(storage.get(), in.data(), static_cast<int>(in.size()), out.data(), static_cast<int>(out.size()),
               context);
        std::lock_guard error_lock(mutex_);
        if (context.errors && failed_ == nullptr) {
          failed_ = &op;
          errors_ = context.errors;
        }
      });
      ++enqueued;
    }
    wake_.notify_all();
  }
  void synchronize() override {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return tasks_.empty() && !busy_; });
    if (const OpInfo* op = std::exchange(failed_, nullptr)) {
      const ErrorSink errors = errors_;
      lock.unlock();
      raise_kernel_error(*op, errors);
    }
  }

  int enqueued = 0;

 private:
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return stop_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      {
        auto task = std::move(tasks_.front());
        tasks_.pop_front();
        busy_ = true;
        lock.unlock();
        task();
      }
      lock.lock();
      busy_ = false;
      if (tasks_.empty()) idle_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_, idle_;
  std::deque<std::function<void()>> tasks_;
  const OpInfo* failed_ = nullptr;
  ErrorSink errors_;
  bool busy_ = false, stop_ = false;
  std::thread worker_;
};

constexpr Device kFake{DeviceKind::Fake};

class AsyncBackend : public testing::Test {
 protected:
  void SetUp() override { set_backend(DeviceKind::Fake, &backend); }
  void TearDown() override {
    backend.synchronize();
    set_backend(DeviceKind::Fake, nullptr);
  }
  Tensor to_fake(const Tensor& x) {
    Tensor out = Tensor::empty(x.shape(), x.dtype(), kFake);
    backend.copy(out.data_ptr(), kFake, x.data_ptr(), {}, static_cast<size_t>(x.numel() * x.element_size()));
    return out;
  }
  QueueBackend backend;
};

TEST_F(AsyncBackend, OpsRunOnTheQueue) {
  const Tensor a = to_fake(Tensor::of<float>({1, 2, 3}));
  Tensor sum = a;
  for (int i = 0; i < 10; ++i) sum = add(sum, a);
  EXPECT_EQ(sum.device(), kFake);
  backend.synchronize();
  EXPECT_EQ(backend.enqueued, 10);
  EXPECT_EQ(static_cast<float*>(sum.data_ptr())[2], 33);
}

TEST_F(AsyncBackend, NumbersGoAlongOtherDevicesDoNot) {
  const Tensor a = to_fake(Tensor::of<float>({1, 2, 3}));
  EXPECT_EQ(mul(a, 2.0).device(), kFake);
  EXPECT_THROW(add(a, Tensor::of<float>({1, 2, 3})), DeviceError);
  EXPECT_THROW(a.sum().scalar(), DeviceError);
}

TEST_F(AsyncBackend, TensorsOfTwoIndicesDoNotMeet) {
  const Tensor first = Tensor::empty({3}, DType::Float32, Device{DeviceKind::Fake, 0});
  const Tensor second = Tensor::empty({3}, DType::Float32, Device{DeviceKind::Fake, 1});
  EXPECT_THROW(add(first, second), DeviceError);
  EXPECT_THROW(add_out(second, first, first), DeviceError);
  EXPECT_NO_THROW(add(first, to_fake(Tensor::of<float>({1, 2, 3}))));  // no index: the first
}

TEST_F(AsyncBackend, CreationRunsWhereItsResultIs) {
  const Tensor made = full_like(Tensor::of<float>({1, 2, 3}), 7.0, DType::Float32, kFake);
  EXPECT_EQ(made.device(), kFake);
  backend.synchronize();
  EXPECT_EQ(backend.enqueued, 1);
  EXPECT_EQ(static_cast<float*>(made.data_ptr())[2], 7);
}

TEST_F(AsyncBackend, ErrorsInDataSurfaceAtTheNextSynchronisationWithTheOpsName) {
  const Tensor table = to_fake(Tensor::of<float>({1, 2, 3})), rows = to_fake(Tensor::of<int64_t>({0, 9}));
  index_select(table, 0, rows);
  try {
    backend.synchronize();
    FAIL() << "no error";
  } catch (const IndexError& error) {
    EXPECT_NE(std::string(error.what()).find("index_select"), std::string::npos) << error.what();
  }
  backend.synchronize();  // reported once
}

TEST(AbsentBackend, NamesTheDevice) { EXPECT_THROW(Tensor::empty({2}, DType::Float32, kFake), DeviceError); }

}  // namespace
