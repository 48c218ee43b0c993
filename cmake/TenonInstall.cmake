# Installs libtenon with its headers, a CMake package (find_package(Tenon), tenon::tenon) and a
# pkg-config file. In a wheel all of it lies inside the Python package, so that a user's own
# extension builds against the very library that Python loads.
include(CMakePackageConfigHelpers)

if(SKBUILD)
  set(namelink NAMELINK_SKIP)
endif()
install(TARGETS tenon EXPORT TenonTargets
        LIBRARY DESTINATION "${TENON_INSTALL_LIBDIR}" ${namelink}
        ARCHIVE DESTINATION "${TENON_INSTALL_LIBDIR}")
if(TARGET _tenon AND SKBUILD)
  install(TARGETS _tenon LIBRARY DESTINATION tenon)
endif()
if(TARGET tenon_program)
  install(TARGETS tenon_program RUNTIME DESTINATION "${TENON_INSTALL_BINDIR}")
endif()
install(DIRECTORY "${PROJECT_SOURCE_DIR}/tenon" DESTINATION "${TENON_INSTALL_INCLUDEDIR}"
        FILES_MATCHING PATTERN "*.h" PATTERN "*.inc" PATTERN "kernels/onednn" EXCLUDE)

# A shared libtenon keeps what it is linked with to itself.
set(TENON_STATIC_NEEDS "")
set(TENON_PC_CFLAGS "")
set(TENON_PC_REQUIRES "")
if(NOT BUILD_SHARED_LIBS)
  set(TENON_STATIC_NEEDS "hwy|libhwy|hwy/highway.h|hwy;zlib|zlib|zlib.h|z")
  set(TENON_PC_REQUIRES "libhwy zlib")
  if(TENON_PNG_FOUND)
    list(APPEND TENON_STATIC_NEEDS "png|libpng|png.h|png")
    string(APPEND TENON_PC_REQUIRES " libpng")
  endif()
  if(TENON_JPEG_FOUND)
    list(APPEND TENON_STATIC_NEEDS "jpeg|libjpeg|jpeglib.h|jpeg")
    string(APPEND TENON_PC_REQUIRES " libjpeg")
  endif()
  set(TENON_PC_CFLAGS " -DTENON_STATIC")
  install(FILES "${PROJECT_SOURCE_DIR}/cmake/TenonFind.cmake" DESTINATION "${TENON_INSTALL_CMAKEDIR}")
endif()
install(EXPORT TenonTargets NAMESPACE tenon:: DESTINATION "${TENON_INSTALL_CMAKEDIR}")
configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/TenonConfig.cmake.in" "${PROJECT_BINARY_DIR}/TenonConfig.cmake"
  INSTALL_DESTINATION "${TENON_INSTALL_CMAKEDIR}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/TenonConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/TenonConfig.cmake"
              "${PROJECT_BINARY_DIR}/TenonConfigVersion.cmake"
        DESTINATION "${TENON_INSTALL_CMAKEDIR}")

if(NOT SKBUILD)
  cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_INCLUDEDIR
             BASE_DIRECTORY "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" OUTPUT_VARIABLE TENON_PC_INCLUDE)
  cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_LIBDIR
             BASE_DIRECTORY "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" OUTPUT_VARIABLE TENON_PC_LIB)
  configure_file("${PROJECT_SOURCE_DIR}/cmake/tenon.pc.in" "${PROJECT_BINARY_DIR}/tenon.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/tenon.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endif()
