#include <tenon/data/dataset.h>

#include <tenon/core/error.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0::data {

namespace {

int64_t wrap_index(const char* who, int64_t index, int64_t size) {
  check<IndexError>(index >= -size && index < size, who, ": index ", index, " is out of range for ", size, " samples");
  return index < 0 ? index + size : index;
}

}  // namespace

void Batch::check_pair() const {
  check<ValueError>(size() == 2, "DataLoader: a batch of ", size(),
                    " tensors cannot be taken apart as [x, y]; use batch[0], batch[1]...");
}

Dataset::~Dataset() = default;

Batch Dataset::get_batch(std::span<const int64_t> indices) const {
  std::vector<std::vector<Tensor>> columns;
  for (size_t row = 0; row < indices.size(); ++row) {
    Batch sample = get(indices[row]);
    if (row == 0) columns.resize(sample.size());
    check<ValueError>(sample.size() == columns.size(), "Dataset: sample ", indices[row], " has ", sample.size(),
                      " tensors, sample ", indices[0], " has ", columns.size(), "; all of a batch must have as many");
    for (size_t i = 0; i < sample.size(); ++i) columns[i].push_back(std::move(sample[i]));
  }
  Batch out;
  out.reserve(columns.size());
  for (const auto& column : columns) out.push_back(stack(column));
  return out;
}

TensorDataset::TensorDataset(std::vector<Tensor> tensors) : tensors_(std::move(tensors)) {
  check<ValueError>(!tensors_.empty(), "TensorDataset: at least one tensor is needed");
  for (const Tensor& t : tensors_) {
    check<ValueError>(t.defined(), "TensorDataset: a tensor is undefined");
    check<ShapeError>(t.dim() >= 1, "TensorDataset: tensors need a first dimension, which counts the samples: got ", t);
    check<ShapeError>(t.size(0) == tensors_[0].size(0),
                      "TensorDataset: Size mismatch between tensors: ", tensors_[0].size(0), " samples and ", t.size(0),
                      "; all must have the same first size");
  }
  size_ = tensors_[0].size(0);
}

Batch TensorDataset::get(int64_t index) const {
  index = wrap_index("TensorDataset", index, size_);
  Batch out;
  out.reserve(tensors_.size());
  for (const Tensor& t : tensors_) out.push_back(t.select(0, index));
  return out;
}

Batch TensorDataset::get_batch(std::span<const int64_t> indices) const {
  Tensor rows = Tensor::empty({indices.size()}, DType::Int64);
  auto* row = static_cast<int64_t*>(rows.data_ptr());
  for (const int64_t index : indices) *row++ = wrap_index("TensorDataset", index, size_);
  Batch out;
  out.reserve(tensors_.size());
  for (const Tensor& t : tensors_) out.push_back(index_select(t, 0, rows));
  return out;
}

Subset::Subset(std::shared_ptr<const Dataset> dataset, std::vector<int64_t> indices)
    : dataset_(std::move(dataset)), indices_(std::move(indices)) {
  check<ValueError>(dataset_ != nullptr, "Subset: there is no dataset");
}

int64_t Subset::inner(int64_t index) const { return indices_[wrap_index("Subset", index, size())]; }

Batch Subset::get(int64_t index) const { return dataset_->get(inner(index)); }

Batch Subset::get_batch(std::span<const int64_t> indices) const {
  std::vector<int64_t> inners;
  inners.reserve(indices.size());
  for (const int64_t index : indices) inners.push_back(inner(index));
  return dataset_->get_batch(inners);
}

}  // namespace tenon::inline v0::data
