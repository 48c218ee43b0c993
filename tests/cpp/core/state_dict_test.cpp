// Named tensors: order, look-up and the cost of many names.
#include <gtest/gtest.h>
#include <tenon/core/error.h>
#include <tenon/core/state_dict.h>

#include <algorithm>
#include <chrono>

namespace {

using namespace tenon;

StateDict numbered(int64_t n) {
  StateDict out;
  for (int64_t i = 0; i < n; ++i) out.add("layers." + std::to_string(i) + ".weight", Tensor::of<int64_t>({i}));
  return out;
}

TEST(StateDict, KeepsTheOrderOfDefinition) {
  for (int64_t n : {3, 16, 17, 18, 100}) {
    StateDict dict = numbered(n);
    dict.set("layers.1.weight", Tensor::of<int64_t>({-1}));  // in place
    dict["layers.2.weight"] = Tensor::of<int64_t>({-2});
    dict["new"] = Tensor::of<int64_t>({7});
    ASSERT_EQ(dict.size(), static_cast<size_t>(n + 1));
    EXPECT_EQ(dict.items()[1].first, "layers.1.weight");
    EXPECT_EQ(*dict.at("layers.1.weight").data<int64_t>(), -1);
    EXPECT_EQ(*dict.at("layers.2.weight").data<int64_t>(), -2);
    EXPECT_EQ(dict.items().back().first, "new");
    for (const auto& [name, value] : dict) EXPECT_TRUE(dict.find(name)->is_same(value)) << name;
    EXPECT_FALSE(dict.contains("layers.1"));
    EXPECT_THROW(dict.at("layers.1"), KeyError);
    EXPECT_THROW(dict.add("new", {}), ValueError);
    const StateDict copy = dict;
    EXPECT_TRUE(copy.at("new").is_same(dict.at("new")));
  }
  EXPECT_THROW((StateDict{{"a", Tensor()}, {"a", Tensor()}}), ValueError);
}

// All of 20000 names, in less time than a tenth of them take one by one.
TEST(StateDict, FindsAmongManyNamesAtOnce) {
  const StateDict dict = numbered(20000);
  const auto seconds = [](auto&& run) {
    const auto begin = std::chrono::steady_clock::now();
    run();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  const double indexed = seconds([&] {
    for (const auto& [name, value] : dict) ASSERT_EQ(dict.find(name), &value);
  });
  const double scanned = seconds([&] {
    for (size_t i = 0; i < dict.size(); i += 10) {
      const std::string& name = dict.items()[i].first;
      const auto at = std::find_if(dict.begin(), dict.end(), [&](const auto& item) { return item.first == name; });
      ASSERT_EQ(&*at, &dict.items()[i]);
    }
  });
  EXPECT_LT(indexed, scanned);
}

}  // namespace
