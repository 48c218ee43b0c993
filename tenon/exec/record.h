// Between the attributes of a plan and the record that a kernel reads, both by the record's listing.
#pragma once

#include <vector>

#include <tenon/core/op.h>
#include <tenon/exec/plan.h>
#include <tenon/exec/status.h>

namespace tenon::inline v0::exec {

// A record of any op, owned.
class TENON_API Record {
 public:
  Record() = default;
  Record(Record&& other) noexcept : op_(other.op_), data_(other.data_) { other.op_ = nullptr, other.data_ = nullptr; }
  Record& operator=(Record&& other) noexcept {
    std::swap(op_, other.op_);
    std::swap(data_, other.data_);
    return *this;
  }
  ~Record();
  // A record as its struct initialises it.
  explicit Record(const OpInfo& op);
  const void* get() const { return data_; }
  void* get() { return data_; }
  const OpInfo* op() const { return op_; }

 private:
  const OpInfo* op_ = nullptr;
  void* data_ = nullptr;
};

// Fills `record`, a record of `op`, from the attributes. `sizes` are the values of Plan::sizes; null leaves
// attributes that hold sizes as they are. What the list lacks keeps its default.
// Status: an attribute that the op does not have, of another type, or that is required and missing.
TENON_API Status fill_record(const OpInfo& op, const std::vector<Attribute>& attributes, const int64_t* sizes,
                             void* record);

// The attributes of a record, for a plan. `size_of` gives the place in Plan::sizes of a dimension.
TENON_API std::vector<Attribute> attributes_of(const OpInfo& op, const void* record,
                                               Index (*size_of)(void* user, Dim dim), void* user);

}  // namespace tenon::inline v0::exec
