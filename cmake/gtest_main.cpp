// Entry point of tenon_tests: `--folder=core` runs the tests whose source lies in tests/cpp/core
// (`--folder=.`: directly in tests/cpp). All of GoogleTest's own flags work as well.
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

namespace {

std::string folder_of(const testing::TestInfo& test) {
  std::string file = test.file();
  // Compilers are given absolute or relative paths, as ccache likes it.
  const std::string root = "tests/cpp/";
  if (const auto at = file.rfind(root); at != std::string::npos) file.erase(0, at + root.size());
  const auto slash = file.find('/');
  return slash == std::string::npos ? "." : file.substr(0, slash);
}

// GoogleTest's filter knows names only, so list the names of the tests in the folder.
std::string filter_for(const std::string& folder) {
  std::string filter;
  const auto& unit = *testing::UnitTest::GetInstance();
  for (int i = 0; i < unit.total_test_suite_count(); ++i) {
    const auto& suite = *unit.GetTestSuite(i);
    for (int j = 0; j < suite.total_test_count(); ++j) {
      const auto& test = *suite.GetTestInfo(j);
      if (folder_of(test) != folder) continue;
      filter += std::string(filter.empty() ? "" : ":") + suite.name() + "." + test.name();
    }
  }
  return filter;
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument.rfind("--folder=", 0) != 0) continue;
    const std::string filter = filter_for(argument.substr(9));
    if (filter.empty()) {
      std::fprintf(stderr, "%s: no test lies in that folder\n", argument.c_str());
      return 1;
    }
    const std::string given = GTEST_FLAG_GET(filter);
    const bool narrows = given.rfind('-', 0) == 0;  // only takes tests away
    if (given != "*" && !narrows) {
      std::fprintf(stderr, "give --folder or --gtest_filter, not both (--gtest_filter=-... works)\n");
      return 1;
    }
    GTEST_FLAG_SET(filter, narrows ? filter + given : filter);
  }
  return RUN_ALL_TESTS();
}
