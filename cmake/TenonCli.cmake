# The program `tenon`, of libtenon's public headers.
tenon_find(cli11 "" CLI/CLI.hpp "")
if(NOT TENON_CLI11_FOUND)
  message(FATAL_ERROR "The program `tenon` needs CLI11 (Debian: libcli11-dev), or configure with -DTENON_CLI=OFF")
endif()
tenon_sources(TENON_CLI_SOURCES cli)
add_executable(tenon_program ${TENON_CLI_SOURCES})
target_link_libraries(tenon_program PRIVATE tenon_flags tenon::tenon Tenon::cli11 Tenon::json)
# Beside a library of its own when it is installed, inside the Python package in a wheel.
set(rpath "${TENON_ORIGIN}/../${CMAKE_INSTALL_LIBDIR}")
if(SKBUILD)
  set(python "python${Python_VERSION_MAJOR}.${Python_VERSION_MINOR}")
  set(rpath "")
  foreach(folder lib/${python}/site-packages lib64/${python}/site-packages lib/${python}/dist-packages
          lib/python3/dist-packages "")  # the last is of `pip install --target`
    list(APPEND rpath "${TENON_ORIGIN}/../${folder}/tenon")
  endforeach()
endif()
set_target_properties(tenon_program PROPERTIES
  OUTPUT_NAME tenon
  RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin"
  INSTALL_RPATH "${rpath}")
