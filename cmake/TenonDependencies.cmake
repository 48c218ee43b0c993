# What libtenon is built with. All of it stays private: an installed shared Tenon needs only threads.
find_package(Threads REQUIRED)
find_package(PkgConfig QUIET)

include(TenonFind)

tenon_find(hwy libhwy hwy/highway.h hwy)
tenon_find(json "" nlohmann/json.hpp "")
tenon_find(zlib zlib zlib.h z)
tenon_find(flatbuffers flatbuffers flatbuffers/flatbuffers.h "")
find_program(TENON_FLATC flatc)
mark_as_advanced(TENON_FLATC)
set(TENON_FLATC_FOUND "${TENON_FLATC}")
foreach(need "hwy;Highway;libhwy-dev" "json;nlohmann-json;nlohmann-json3-dev" "zlib;zlib;zlib1g-dev"
             "flatbuffers;FlatBuffers;libflatbuffers-dev" "flatc;flatc;flatbuffers-compiler")
  list(GET need 0 name)
  list(GET need 1 title)
  list(GET need 2 package)
  string(TOUPPER ${name} upper)
  if(NOT TENON_${upper}_FOUND)
    message(FATAL_ERROR "Tenon needs ${title}, which was not found.\n"
                        "  Debian, Ubuntu: sudo apt-get install ${package}\n"
                        "  or everything at once: tools/bootstrap.sh build")
  endif()
endforeach()

set(TENON_ONEDNN_FOUND FALSE)
if(TENON_ONEDNN)
  tenon_find(onednn "" dnnl.h "")
endif()
set(TENON_PNG_FOUND FALSE)
set(TENON_JPEG_FOUND FALSE)
if(TENON_IMAGES)
  tenon_find(png libpng png.h png)
  tenon_find(jpeg libjpeg jpeglib.h jpeg)
endif()

# <format_generated.h>, the tables of .tenon files.
set(TENON_GENERATED_DIR "${PROJECT_BINARY_DIR}/generated")
add_custom_command(OUTPUT "${TENON_GENERATED_DIR}/format_generated.h"
  COMMAND "${TENON_FLATC}" --cpp --scoped-enums -o "${TENON_GENERATED_DIR}"
          "${PROJECT_SOURCE_DIR}/tenon/exec/format.fbs"
  DEPENDS "${PROJECT_SOURCE_DIR}/tenon/exec/format.fbs" VERBATIM)
add_custom_target(tenon_format DEPENDS "${TENON_GENERATED_DIR}/format_generated.h")
target_include_directories(Tenon::flatbuffers SYSTEM INTERFACE "${TENON_GENERATED_DIR}")
add_dependencies(Tenon::flatbuffers tenon_format)
file(MAKE_DIRECTORY "${TENON_GENERATED_DIR}")

set(TENON_PRIVATE_LIBRARIES Tenon::hwy Tenon::zlib)
add_library(Tenon::headers_only INTERFACE IMPORTED GLOBAL)
target_link_libraries(Tenon::headers_only INTERFACE Tenon::json Tenon::flatbuffers)
if(TENON_ONEDNN_FOUND)
  target_link_libraries(Tenon::headers_only INTERFACE Tenon::onednn)
endif()
if(TENON_PNG_FOUND)
  list(APPEND TENON_PRIVATE_LIBRARIES Tenon::png)
  target_compile_definitions(Tenon::png INTERFACE TENON_WITH_PNG)
endif()
if(TENON_JPEG_FOUND)
  list(APPEND TENON_PRIVATE_LIBRARIES Tenon::jpeg)
endif()
message(STATUS "Tenon ${PROJECT_VERSION}: oneDNN ${TENON_ONEDNN_FOUND}, PNG ${TENON_PNG_FOUND}, "
               "JPEG ${TENON_JPEG_FOUND}, "
               "sanitizers '${TENON_SANITIZE}'")
