// tenon._tenon.nn: modules and their layers. What people see is python/tenon/nn/.
#pragma once

#include <nanobind/nanobind.h>

void bind_nn(nanobind::module_& module);
