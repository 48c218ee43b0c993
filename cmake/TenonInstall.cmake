# Installs libtenon with its headers, a CMake package (find_package(Tenon), tenon::tenon) and a
# pkg-config file. In a wheel all of it lies inside the Python package, so that a user's own
# extension builds against the very library that Python loads.
include(CMakePackageConfigHelpers)

if(SKBUILD)
  set(namelink NAMELINK_SKIP)
endif()
install(TARGETS tenon EXPORT TenonTargets LIBRARY DESTINATION "${TENON_INSTALL_LIBDIR}" ${namelink})
if(TARGET _tenon AND SKBUILD)
  install(TARGETS _tenon LIBRARY DESTINATION tenon)
endif()
install(DIRECTORY "${PROJECT_SOURCE_DIR}/tenon" DESTINATION "${TENON_INSTALL_INCLUDEDIR}"
        FILES_MATCHING PATTERN "*.h" PATTERN "*.inc" PATTERN "kernels/onednn" EXCLUDE)

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
