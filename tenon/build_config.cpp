#include <tenon/build_config.h>
#include <tenon/core/error.h>
#include <tenon/core/thread_pool.h>
#include <tenon/kernels/cpu/simd_targets.h>

namespace tenon::inline v0 {

namespace {

#if defined(__clang__)
constexpr const char* kCompiler = "Clang " __clang_version__;
#else
constexpr const char* kCompiler = "GCC " __VERSION__;
#endif

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

std::string images(const BuildConfig& c) {
  if (c.png && c.jpeg) return "PNG, JPEG";
  return c.png ? "PNG" : c.jpeg ? "JPEG" : "none";
}

}  // namespace

BuildConfig build_config() {
  BuildConfig c;
  c.version = TENON_VERSION;
  c.commit = TENON_COMMIT;
  c.compiler = kCompiler;
  c.build_type = TENON_BUILD_TYPE;
  c.sanitizers = TENON_SANITIZERS;
#ifdef TENON_WITH_ONEDNN
  c.onednn = "optional";
#endif
#ifdef TENON_WITH_PNG
  c.png = true;
#endif
#ifdef TENON_WITH_JPEG
  c.jpeg = true;
#endif
#ifdef TENON_STATIC
  c.shared = false;
#endif
  c.simd_compiled = compiled_simd_targets();
  c.simd = chosen_simd_target();
  c.threads = num_threads();
  return c;
}

std::string build_config_text() {
  const BuildConfig c = build_config();
  std::string out = text("Tenon ", c.version, c.commit.empty() ? "" : " (" + c.commit + ")", "\n");
  out += text("built with: ", c.compiler, ", ", c.build_type, c.shared ? ", shared" : ", static");
  if (!c.sanitizers.empty()) out += text(", sanitizers ", c.sanitizers);
  out += text("\nSIMD: ", c.simd, ", of ", joined(c.simd_compiled));
  out += text("\noneDNN: ", c.onednn.empty() ? "left out" : "used where the machine has it");
  out += text("\nimages: ", images(c));
  out += text("\nthreads: ", c.threads, "\n");
  return out;
}

}  // namespace tenon::inline v0
