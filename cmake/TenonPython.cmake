# The Python extension tenon._tenon, linked against libtenon beside it.
set(Python_FIND_VIRTUALENV FIRST)
set(venv_python "${PROJECT_SOURCE_DIR}/.venv/bin/python")
if(NOT SKBUILD AND NOT Python_EXECUTABLE AND EXISTS "${venv_python}")
  set(Python_EXECUTABLE "${venv_python}" CACHE FILEPATH "Python to build for")
endif()
find_package(Python 3.11 REQUIRED COMPONENTS Interpreter Development.Module)

execute_process(COMMAND "${Python_EXECUTABLE}" -m nanobind --cmake_dir
                OUTPUT_VARIABLE nanobind_ROOT OUTPUT_STRIP_TRAILING_WHITESPACE
                RESULT_VARIABLE failed ERROR_QUIET)
if(failed)
  message(FATAL_ERROR "Tenon's Python extension needs nanobind, which ${Python_EXECUTABLE} does not "
                      "have.\n  tools/bootstrap.sh build   makes a virtual environment with it;\n"
                      "  -DTENON_PYTHON=OFF         builds the C++ library alone.")
endif()
find_package(nanobind CONFIG REQUIRED)

tenon_sources(TENON_PYTHON_SOURCES python/src)
if(TENON_PYTHON_SOURCES)
  nanobind_add_module(_tenon NB_STATIC NOMINSIZE NB_SUPPRESS_WARNINGS ${TENON_PYTHON_SOURCES})
  target_include_directories(_tenon PRIVATE "${PROJECT_SOURCE_DIR}/python/src")
  target_link_libraries(_tenon PRIVATE tenon_flags tenon::tenon)
  set_target_properties(_tenon PROPERTIES
    LIBRARY_OUTPUT_DIRECTORY "${TENON_LIBRARY_DIR}"
    INSTALL_RPATH "${TENON_ORIGIN}"
    BUILD_WITH_INSTALL_RPATH ON)
endif()
add_custom_target(python DEPENDS tenon $<TARGET_NAME_IF_EXISTS:_tenon>)
