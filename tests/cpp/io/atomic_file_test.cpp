#include <tenon/io/atomic_file.h>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <random>

#include <tenon/core/error.h>
#include <tenon/io/safetensors.h>

#include "io/files.h"

namespace tenon {
namespace {

using io::AtomicFile;
using testing_io::Folder;

size_t files_in(const Folder& folder) {
  const std::filesystem::directory_iterator all(folder.path());
  return static_cast<size_t>(std::distance(begin(all), end(all)));
}

TEST(AtomicFile, ReplacesOnlyWhenCommitted) {
  const Folder folder;
  const std::string path = folder / "f";
  testing_io::write(path, "old");
  {
    AtomicFile file(path);
    file.write("new");
    EXPECT_EQ(testing_io::read(path), "old");
  }
  EXPECT_EQ(testing_io::read(path), "old");
  EXPECT_EQ(files_in(folder), 1u);
  AtomicFile file(path);
  file.write("new");
  file.commit();
  EXPECT_EQ(testing_io::read(path), "new");
  EXPECT_EQ(files_in(folder), 1u);
}

TEST(AtomicFile, KeepsModeAndFollowsLinks) {
  const Folder folder;
  testing_io::write(folder / "f", "old");
  ::chmod((folder / "f").c_str(), 0640);
  std::filesystem::create_symlink("f", folder / "link");
  AtomicFile file(folder / "link");
  file.write("new");
  file.commit();
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
  EXPECT_EQ(testing_io::read(folder / "f"), "new");
  struct stat status;
  ASSERT_EQ(::stat((folder / "f").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640u);
}

TEST(AtomicFile, SaysWhatFails) {
  const Folder folder;
  EXPECT_THROW(AtomicFile(folder / "no/such/folder"), FileError);
  EXPECT_THROW(AtomicFile(folder.path().string()), FileError);
}

// Writes tensors full of one number, over and over, until it is killed.
[[noreturn]] void write_for_ever(const std::string& path) {
  Tensor t = Tensor::empty({100'000}, DType::Int32);
  for (int32_t round = 1;; ++round) {
    std::fill_n(t.data<int32_t>(), t.numel(), round);
    io::save_safetensors(StateDict{{"t", t}}, path);
  }
}

TEST(AtomicFile, AKilledWriterLeavesAWholeFile) {
  const Folder folder;
  const std::string path = folder / "w.safetensors";
  Tensor first = Tensor::empty({100'000}, DType::Int32);
  std::fill_n(first.data<int32_t>(), first.numel(), 0);
  io::save_safetensors(StateDict{{"t", first}}, path);
  std::mt19937 random(1);
  for (int round = 0; round < 40; ++round) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) write_for_ever(path);
    ::usleep(random() % 8000);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const Tensor t = io::load_safetensors(path).items()[0].second;
    ASSERT_EQ(t.numel(), 100'000);
    const int32_t* p = t.data<int32_t>();
    ASSERT_EQ(std::count(p, p + t.numel(), p[0]), t.numel());
  }
}

}  // namespace
}  // namespace tenon
