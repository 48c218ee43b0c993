# One GoogleTest program; ctest runs it once per folder of tests/cpp.
find_package(GTest QUIET)
if(NOT GTest_FOUND)
  message(FATAL_ERROR "The C++ tests need GoogleTest (Debian: libgtest-dev), or configure with "
                      "-DTENON_TESTS=OFF")
endif()

tenon_sources(TENON_TEST_SOURCES tests/cpp)
if(NOT TARGET tenon_program)
  list(FILTER TENON_TEST_SOURCES EXCLUDE REGEX "/tests/cpp/cli/")
endif()
if(TENON_TEST_SOURCES)
  enable_language(C)  # the C interface is tested by a C compiler
  add_executable(tenon_tests ${TENON_TEST_SOURCES} "${PROJECT_SOURCE_DIR}/cmake/gtest_main.cpp"
    "${PROJECT_SOURCE_DIR}/tests/c/use_c_api.c")
  set_source_files_properties("${PROJECT_SOURCE_DIR}/tests/c/use_c_api.c" PROPERTIES
    SKIP_PRECOMPILE_HEADERS ON COMPILE_OPTIONS "-std=c11;-pedantic")
  target_link_libraries(tenon_tests PRIVATE tenon_flags tenon::tenon Tenon::headers_only Tenon::zlib
    GTest::gtest)
  target_include_directories(tenon_tests PRIVATE "${PROJECT_SOURCE_DIR}/tests/cpp")
  # A library as a user would write one, outside of libtenon.
  add_library(user_library MODULE "${PROJECT_SOURCE_DIR}/tests/user_library/cubed.cpp")
  target_link_libraries(user_library PRIVATE tenon_flags tenon::tenon)
  set_target_properties(user_library PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/user_library")
  add_dependencies(tenon_tests user_library)
  target_compile_definitions(tenon_tests PRIVATE "TENON_GOLDENS=\"${PROJECT_SOURCE_DIR}/tests/goldens\"")
  target_compile_definitions(tenon_tests PRIVATE "TENON_USER_LIBRARY=\"$<TARGET_FILE:user_library>\"")
  if(TARGET tenon_program)
    add_dependencies(tenon_tests tenon_program)
    set_property(SOURCE ${PROJECT_SOURCE_DIR}/tests/cpp/cli/cli_test.cpp APPEND PROPERTY COMPILE_DEFINITIONS
      "TENON_PROGRAM=\"$<TARGET_FILE:tenon_program>\"")
  endif()
  target_precompile_headers(tenon_tests PRIVATE <gtest/gtest.h>)
  if(TENON_CCACHE)
    # What ccache needs to know to trust a precompiled header.
    set_property(TARGET tenon_tests PROPERTY CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      "${TENON_CCACHE}")
    if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
      target_compile_options(tenon_tests PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
    endif()
  endif()

  set(folders "")
  foreach(file ${TENON_TEST_SOURCES})
    cmake_path(RELATIVE_PATH file BASE_DIRECTORY "${PROJECT_SOURCE_DIR}/tests/cpp" OUTPUT_VARIABLE path)
    if(path MATCHES "^([^/]+)/")
      list(APPEND folders "${CMAKE_MATCH_1}")
    else()
      list(APPEND folders ".")
    endif()
  endforeach()
  list(REMOVE_DUPLICATES folders)
  foreach(folder ${folders})
    string(REPLACE "." "top" label "${folder}")
    add_test(NAME cpp.${label} COMMAND tenon_tests --folder=${folder} --gtest_brief=1)
    set_tests_properties(cpp.${label} PROPERTIES TIMEOUT 900)
  endforeach()
endif()

# Kernels, Context and a plan without exceptions, RTTI and threads, the way a small runtime is built.
set(lite core/allocator core/context core/dim core/dtype core/error core/generator core/op core/registry
    core/thread_pool)
foreach(part elementwise elementwise_loop elementwise_binary_simd elementwise_unary_simd elementwise_math_simd
        elementwise_mixed_simd matmul gemm gemm_simd activation softmax_simd random_fill cast strided)
  list(APPEND lite kernels/cpu/${part})
endforeach()
list(TRANSFORM lite PREPEND tenon/)
list(TRANSFORM lite APPEND .cpp)
tenon_lite_objects(lite_runtime ${lite} tests/lite/three_op_plan.cpp)
add_executable(three_op_plan $<TARGET_OBJECTS:lite_runtime>)
target_link_libraries(three_op_plan PRIVATE tenon_flags ${TENON_PRIVATE_LIBRARIES})
add_test(NAME lite.three_op_plan COMMAND three_op_plan)

if(TENON_FUZZ)
  add_custom_target(fuzz)
  file(GLOB files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/fuzz/*.cpp")
  foreach(file ${files})
    cmake_path(GET file STEM name)
    add_executable(fuzz_${name} ${file})
    set_target_properties(fuzz_${name} PROPERTIES
      RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/fuzz" OUTPUT_NAME ${name})
    target_link_libraries(fuzz_${name} PRIVATE tenon_flags tenon::tenon)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzz fuzz_${name})
  endforeach()
endif()
