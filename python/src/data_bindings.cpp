// tenon._tenon.data: index streams, batches of tensors and the worker pool. What people see is
// python/tenon/utils/data/.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <chrono>

#include <tenon/core/generator.h>
#include <tenon/data/data.h>
#include <tenon/data/worker_pool.h>

#include "caster.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace tenon::python {

namespace {

using data::Indices;
using data::Task;
using data::TensorDataset;
using data::WorkerPool;

using Rows = std::vector<int64_t>;

// Ints of a list or of anything that can be iterated over.
Rows to_rows(nb::handle indices) {
  Rows rows;
  Owned sequence(checked(PySequence_Fast(indices.ptr(), "indices must be a sequence of ints")));
  const Py_ssize_t count = PySequence_Fast_GET_SIZE(sequence.get());
  rows.reserve(static_cast<size_t>(count));
  for (Py_ssize_t i = 0; i < count; ++i) {
    PyObject* item = PySequence_Fast_GET_ITEM(sequence.get(), i);
    int64_t row = 0;
    if (!to_int(item, row)) {
      raise(PyExc_TypeError, "DataLoader: an index into a TensorDataset must be an int, not %s",
            Py_TYPE(item)->tp_name);
    }
    rows.push_back(row);
  }
  return rows;
}

nb::list to_list(const data::Batch& batch) {
  nb::list out;
  for (const Tensor& t : batch) out.append(nb::cast(t));
  return out;
}

nb::list take(Indices& indices, int64_t count) {
  // In pieces: `count` may be far more than there are.
  nb::list out;
  int64_t piece[256];
  while (count > 0) {
    const auto wanted = static_cast<size_t>(std::min<int64_t>(count, 256));
    const size_t got = indices.next({piece, wanted});
    for (size_t i = 0; i < got; ++i) out.append(piece[i]);
    if (got < wanted) break;
    count -= static_cast<int64_t>(got);
  }
  return out;
}

int64_t next_index(Indices& indices) {
  int64_t index = 0;
  if (indices.next({&index, 1}) == 0) throw nb::stop_iteration();
  return index;
}

// A call into Python, with the GIL for no longer than it takes.
class PythonTask : public Task {
 public:
  explicit PythonTask(PyObject* callable) : callable_(Py_NewRef(callable)) {}
  ~PythonTask() override {
    if (!Py_IsInitialized()) return;
    const AcquireGil gil;
    Py_CLEAR(callable_);
    Py_CLEAR(result_);
  }
  void run() override {
    const AcquireGil gil;
    result_ = PyObject_CallNoArgs(callable_);
    Py_CLEAR(callable_);
    checked(result_);
  }
  nb::object result() { return nb::steal(std::exchange(result_, nullptr)); }

 private:
  PyObject* callable_;
  PyObject* result_ = nullptr;
};

// Rows of tensors, without the GIL.
class RowsTask : public Task {
 public:
  RowsTask(std::shared_ptr<TensorDataset> dataset, Rows rows) : dataset_(std::move(dataset)), rows_(std::move(rows)) {}
  void run() override { batch_ = dataset_->get_batch(rows_); }
  nb::object result() { return to_list(batch_); }

 private:
  std::shared_ptr<TensorDataset> dataset_;
  Rows rows_;
  data::Batch batch_;
};

std::shared_ptr<Task> submit(WorkerPool& pool, int worker, nb::handle callable) {
  auto task = std::make_shared<PythonTask>(callable.ptr());
  pool.submit(worker, task);
  return task;
}

std::shared_ptr<Task> submit_rows(WorkerPool& pool, int worker, std::shared_ptr<TensorDataset> dataset,
                                  nb::handle rows) {
  auto task = std::make_shared<RowsTask>(std::move(dataset), to_rows(rows));
  pool.submit(worker, task);
  return task;
}

// Wakes up often enough for Ctrl-C to be seen. False when the time is up or the pool is closed.
bool wait(const WorkerPool& pool, const std::shared_ptr<Task>& task, std::optional<double> timeout) {
  using Clock = std::chrono::steady_clock;
  constexpr auto kSlice = std::chrono::milliseconds(50);
  const auto begin = Clock::now();
  while (true) {
    {
      const ReleaseGil released;
      if (pool.wait(*task, kSlice)) return true;
    }
    if (PyErr_CheckSignals() != 0) throw_python_error();
    if (pool.closed()) return false;
    if (timeout && std::chrono::duration<double>(Clock::now() - begin).count() > *timeout) return false;
  }
}

nb::object result(const std::shared_ptr<Task>& task) {
  WorkerPool::finish(*task);
  if (auto* rows = dynamic_cast<RowsTask*>(task.get())) return rows->result();
  return dynamic_cast<PythonTask&>(*task).result();
}

void bind_pool(nb::module_& m) {
  nb::class_<Task>(m, "Task");
  nb::class_<WorkerPool>(m, "WorkerPool", "Runs tasks in the threads that call serve(id).")
      .def(nb::init<int>(), "num_workers"_a)
      .def(
          "serve",
          [](WorkerPool& pool, int id) {
            const ReleaseGil released;
            pool.serve(id);
          },
          "id"_a, "Runs worker id's tasks until the pool is closed.")
      .def("set_seed", &WorkerPool::set_seed, "base_seed"_a, "Worker id's default generator gets base_seed + id.")
      .def("submit", &submit, "id"_a, "callable"_a)
      .def("submit_rows", &submit_rows, "id"_a, "dataset"_a, "rows"_a)
      .def("wait", &wait, "task"_a, "timeout"_a.none() = nb::none())
      .def_static("result", &result, "task"_a, "What the task returned, once; or raises what it raised.")
      .def("close", &WorkerPool::close, "Drops what no worker has begun and sends the workers home.")
      .def_prop_ro("closed", &WorkerPool::closed);
}

}  // namespace

}  // namespace tenon::python

void bind_data(nb::module_& module) {
  using namespace tenon;
  using namespace tenon::python;
  nb::module_ m = module.def_submodule("data", "What tenon.utils.data is made of.");
  nb::class_<Indices>(m, "Indices", "One pass over indices; nothing is drawn before the first.")
      .def("__iter__", [](nb::handle self) { return nb::borrow(self); })
      .def("__next__", &next_index)
      .def("take", &take, "count"_a, "A list of the next indices; shorter only at the end.");
  m.def(
      "sequential", [](int64_t n) { return data::SequentialSampler(n).begin().release(); }, "n"_a,
      nb::rv_policy::take_ownership);
  m.def(
      "random",
      [](int64_t n, bool replacement, int64_t num_samples, GeneratorHandle generator) {
        return data::RandomSampler(n, replacement, num_samples, std::move(generator)).begin().release();
      },
      "n"_a, "replacement"_a, "num_samples"_a, "generator"_a.none(), nb::rv_policy::take_ownership);
  m.def("draw_seed", &data::draw_seed, "generator"_a.none());
  nb::class_<TensorDataset>(m, "TensorDataset")
      .def(nb::init<std::vector<Tensor>>(), "tensors"_a)
      .def("size", &TensorDataset::size)
      .def(
          "rows",
          [](const TensorDataset& dataset, nb::handle rows) { return to_list(dataset.get_batch(to_rows(rows))); },
          "rows"_a);
  bind_pool(m);
}
