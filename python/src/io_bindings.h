// tenon._tenon.io: files. What people see is python/tenon/io.py.
#pragma once

#include <nanobind/nanobind.h>

namespace tenon::python {

void bind_io(nanobind::module_& module);

}  // namespace tenon::python
