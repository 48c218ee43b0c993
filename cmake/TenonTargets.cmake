# tenon_sources(<out> <folder>...): every .cpp below the folders; a new file is picked up by the
# next build.
function(tenon_sources out)
  set(globs ${ARGN})
  list(TRANSFORM globs PREPEND "${PROJECT_SOURCE_DIR}/")
  list(TRANSFORM globs APPEND "/*.cpp")
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${globs})
  set(${out} ${files} PARENT_SCOPE)
endfunction()

# tenon_tune_kernels(<source>...): kernels are optimised harder and know the Highway targets.
function(tenon_tune_kernels)
  set(kernels ${ARGN})
  list(FILTER kernels INCLUDE REGEX "/tenon/kernels/")
  if(NOT kernels)
    return()
  endif()
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    # Loops that may be vectorised need not be, least of all under sanitizers.
    set(options -Wno-pass-failed)
  endif()
  if(NOT TENON_SANITIZE)
    list(APPEND options "$<$<CONFIG:Release>:-O3>" -fno-trapping-math)
  endif()
  set_property(SOURCE ${kernels} APPEND PROPERTY COMPILE_OPTIONS ${options})
  if(TENON_HWY_DISABLED)
    set_property(SOURCE ${kernels} APPEND PROPERTY
      COMPILE_DEFINITIONS "HWY_DISABLED_TARGETS=(${TENON_HWY_DISABLED})")
  endif()
endfunction()

# tenon_lite_objects(<target> <source>...): an OBJECT library compiled without exceptions, RTTI and
# threads and for one SIMD target, the way the small runtime is. Paths are relative to the top of the tree.
function(tenon_lite_objects target)
  set(sources ${ARGN})
  list(TRANSFORM sources PREPEND "${PROJECT_SOURCE_DIR}/" REGEX "^[^/]")
  add_library(${target} OBJECT ${sources})
  target_compile_options(${target} PRIVATE -fno-exceptions -fno-rtti)
  target_compile_definitions(${target} PRIVATE TENON_STATIC TENON_LITE TENON_NO_THREADS
    HWY_COMPILE_ONLY_STATIC "TENON_VERSION=\"${PROJECT_VERSION}\"")
  target_include_directories(${target} PUBLIC "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE tenon_flags Tenon::headers_only ${TENON_PRIVATE_LIBRARIES})
endfunction()

# tenon_programs(<folder> <output folder> [library...]): each .cpp directly in the folder becomes
# one program; the target <output folder> builds them all.
function(tenon_programs folder output)
  add_custom_target(${output})
  file(GLOB files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.cpp")
  foreach(file ${files})
    cmake_path(GET file STEM name)
    set(target "${output}_${name}")
    add_executable(${target} ${file})
    set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name}
      RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/${output}")
    target_link_libraries(${target} PRIVATE tenon_flags tenon::tenon ${ARGN})
    add_dependencies(${output} ${target})
  endforeach()
endfunction()
