# Options and the flags that follow from them. Everything is carried by the target tenon_flags,
# which our own targets link privately; users of the installed library inherit none of it.
include(CMakeDependentOption)
include(CheckLinkerFlag)

if(PROJECT_IS_TOP_LEVEL)
  option(BUILD_SHARED_LIBS "libtenon as a shared library; Python and libraries of users' ops need it" ON)
elseif(NOT DEFINED BUILD_SHARED_LIBS)
  set(BUILD_SHARED_LIBS ON)  # within Tenon only: the project around it keeps its own default
endif()
cmake_dependent_option(TENON_PYTHON "Build the Python extension" ${PROJECT_IS_TOP_LEVEL} "BUILD_SHARED_LIBS" OFF)
cmake_dependent_option(TENON_TESTS "Build the C++ tests" ${PROJECT_IS_TOP_LEVEL}
                       "BUILD_SHARED_LIBS;NOT SKBUILD;EXISTS \"${PROJECT_SOURCE_DIR}/tests/cpp\"" OFF)
option(TENON_CLI "Build the program `tenon`" ${PROJECT_IS_TOP_LEVEL})
cmake_dependent_option(TENON_EXAMPLES "Build the C++ examples" ${PROJECT_IS_TOP_LEVEL} "NOT SKBUILD" OFF)
option(TENON_INSTALL "Generate install rules" ${PROJECT_IS_TOP_LEVEL})
option(TENON_FUZZ "Build the fuzz targets in tests/fuzz (needs Clang)" OFF)
option(TENON_ONEDNN "Use oneDNN kernels when its headers are found (the library itself is loaded lazily)" ON)
option(TENON_IMAGES "Read PNG and JPEG images when libpng and libjpeg are found" ON)
set(TENON_GIT_COMMIT "$ENV{TENON_GIT_COMMIT}" CACHE STRING "The commit that tenon.__config__ names")
option(TENON_WERROR "Treat warnings as errors" OFF)
set(TENON_SANITIZE "" CACHE STRING "Sanitizers: address,undefined or thread")
set(TENON_HWY_DISABLED "HWY_SSSE3|HWY_SSE4" CACHE STRING
    "Highway targets left out of the kernels: fewer copies of each kernel compile faster")
# In a development build the libraries land beside the Python sources: PYTHONPATH=python works.
cmake_dependent_option(TENON_IN_TREE "Put the built libraries into python/tenon" ON
                       "TENON_PYTHON;NOT SKBUILD" OFF)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_COLOR_DIAGNOSTICS ON)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

# A wheel is configured anew each time, so that what git says is true of it; a development build is not.
set(TENON_COMMIT "${TENON_GIT_COMMIT}")
if(SKBUILD AND NOT TENON_COMMIT AND EXISTS "${PROJECT_SOURCE_DIR}/.git")
  execute_process(COMMAND git describe --always --dirty --abbrev=12 --exclude=*
                  WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
                  OUTPUT_VARIABLE TENON_COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()

if(APPLE)
  set(TENON_ORIGIN "@loader_path")
else()
  set(TENON_ORIGIN "\$ORIGIN")
endif()
include(GNUInstallDirs)
if(SKBUILD)  # a wheel: everything lies inside the Python package, and a wheel holds no links
  set(TENON_INSTALL_LIBDIR tenon)
  set(TENON_INSTALL_INCLUDEDIR tenon/include)
  set(TENON_INSTALL_CMAKEDIR tenon/cmake)
  set(TENON_INSTALL_BINDIR "${SKBUILD_SCRIPTS_DIR}")
else()
  set(TENON_INSTALL_LIBDIR "${CMAKE_INSTALL_LIBDIR}")
  set(TENON_INSTALL_INCLUDEDIR "${CMAKE_INSTALL_INCLUDEDIR}")
  set(TENON_INSTALL_CMAKEDIR "${CMAKE_INSTALL_LIBDIR}/cmake/Tenon")
  set(TENON_INSTALL_BINDIR "${CMAKE_INSTALL_BINDIR}")
endif()
if(TENON_IN_TREE)
  set(TENON_LIBRARY_DIR "${PROJECT_SOURCE_DIR}/python/tenon")
else()
  set(TENON_LIBRARY_DIR "${PROJECT_BINARY_DIR}/lib")
endif()

# ---- faster builds: a compiler cache and a fast linker, when present --------------------------
if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(TENON_CCACHE ccache)
  mark_as_advanced(TENON_CCACHE)
  if(TENON_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${TENON_CCACHE}")
  endif()
endif()

add_library(tenon_flags INTERFACE)
foreach(linker mold lld)
  find_program(TENON_LINKER_${linker} NAMES ${linker} ld.${linker})
  mark_as_advanced(TENON_LINKER_${linker})
  if(TENON_LINKER_${linker})
    check_linker_flag(CXX "-fuse-ld=${linker}" TENON_CAN_USE_${linker})
    if(TENON_CAN_USE_${linker})
      target_link_options(tenon_flags INTERFACE "-fuse-ld=${linker}")
      break()
    endif()
  endif()
endforeach()

# ---- warnings and code generation -------------------------------------------------------------
# No contraction: a*b+c rounds the same for every compiler and SIMD target; kernels that want a
# fused multiply-add ask for one.
target_compile_options(tenon_flags INTERFACE
  -Wall -Wextra -Wno-missing-field-initializers -ffp-contract=off -fno-math-errno)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(tenon_flags INTERFACE -fno-semantic-interposition)
endif()
if(TENON_WERROR)
  target_compile_options(tenon_flags INTERFACE -Werror)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # These depend on what the optimiser happens to see and are often wrong: shown, never fatal.
    foreach(w maybe-uninitialized array-bounds stringop-overflow stringop-overread restrict
              free-nonheap-object)
      target_compile_options(tenon_flags INTERFACE -Wno-error=${w})
    endforeach()
  endif()
endif()

if(TENON_SANITIZE)
  set(sanitize -fsanitize=${TENON_SANITIZE} -fno-omit-frame-pointer)
  if(TENON_SANITIZE MATCHES "undefined")
    list(APPEND sanitize -fno-sanitize-recover=undefined)
  endif()
  target_compile_options(tenon_flags INTERFACE ${sanitize} -O1 -g1)
  target_link_options(tenon_flags INTERFACE ${sanitize})
endif()
if(TENON_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "TENON_FUZZ needs Clang: configure with -DCMAKE_CXX_COMPILER=clang++")
  endif()
  target_compile_options(tenon_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
