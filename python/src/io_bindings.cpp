#include "io_bindings.h"

#include <nanobind/stl/map.h>
#include <nanobind/stl/string.h>

#include <tenon/core/error.h>
#include <tenon/io/io.h>

#include "caster.h"

namespace nb = nanobind;

namespace tenon::python {

namespace {

// Paths come as os.fsencode makes them, so that every name of a file works.
std::string path_of(const nb::bytes& path) { return {path.c_str(), path.size()}; }

StateDict named_tensors(const char* function, const nb::dict& tensors) {
  StateDict out;
  for (auto [key, value] : tensors) {
    if (!nb::isinstance<nb::str>(key)) {
      raise(PyExc_TypeError, "%s: names must be str, not %s", function, Py_TYPE(key.ptr())->tp_name);
    }
    const std::string name = nb::cast<std::string>(key);
    Tensor tensor;
    if (value.is_none() || !nb::try_cast(value, tensor)) {
      raise(PyExc_TypeError, "%s: '%s' must be a Tensor, not %s", function, name.c_str(),
            Py_TYPE(value.ptr())->tp_name);
    }
    out.add(name, std::move(tensor));
  }
  return out;
}

nb::dict dict_of(const StateDict& tensors) {
  nb::dict out;
  for (const auto& [name, tensor] : tensors) out[nb::cast(name)] = nb::cast(tensor);
  return out;
}

template <class Body>
auto without_gil(Body&& body) {
  const ReleaseGil released;
  return body();
}

void save(const nb::bytes& path, const nb::dict& tensors, const io::Metadata& metadata) {
  const StateDict named = named_tensors("save_safetensors", tensors);
  without_gil([&] { io::save_safetensors(named, path_of(path), metadata); });
}

nb::bytes to_bytes(const nb::dict& tensors, const io::Metadata& metadata) {
  const StateDict named = named_tensors("save_safetensors", tensors);
  const std::string out = without_gil([&] { return io::safetensors_bytes(named, metadata); });
  return nb::bytes(out.data(), out.size());
}

nb::dict load(const nb::bytes& path, bool map) {
  return dict_of(without_gil([&] { return io::load_safetensors(path_of(path), map); }));
}

nb::dict from_bytes(const nb::bytes& data) {
  const auto* bytes = reinterpret_cast<const std::byte*>(data.c_str());
  const std::span span(bytes, data.size());
  return dict_of(without_gil([&] { return io::load_safetensors(span, "bytes"); }));
}

void save_npz(const nb::bytes& path, const nb::dict& tensors, bool compress) {
  const StateDict named = named_tensors("save_npz", tensors);
  without_gil([&] { io::save_npz(named, path_of(path), compress); });
}

// (metadata, {name: (dtype as the file spells it, shape)})
nb::tuple header(const nb::bytes& path) {
  const io::SafetensorsHeader header = io::read_safetensors_header(path_of(path));
  nb::dict entries;
  for (const auto& entry : header.entries) {
    entries[nb::cast(entry.name)] = nb::make_tuple(info(entry.dtype).safetensors, entry.shape);
  }
  return nb::make_tuple(header.metadata, entries);
}

}  // namespace

void bind_io(nb::module_& module) {
  nb::module_ m = module.def_submodule("io");
  m.def("save_safetensors", &save);
  m.def("safetensors_bytes", &to_bytes);
  m.def("load_safetensors", &load);
  m.def("safetensors_from_bytes", &from_bytes);
  m.def("safetensors_header", &header);
  m.def("load_npy", [](const nb::bytes& path) { return without_gil([&] { return io::load_npy(path_of(path)); }); });
  m.def("load_npz",
        [](const nb::bytes& path) { return dict_of(without_gil([&] { return io::load_npz(path_of(path)); })); });
  m.def("save_npz", &save_npz);
  m.def("read_png", [](const nb::bytes& path) { return without_gil([&] { return io::read_png(path_of(path)); }); });
  m.def("read_jpeg", [](const nb::bytes& path) { return without_gil([&] { return io::read_jpeg(path_of(path)); }); });
  m.def("read_image", [](const nb::bytes& path) { return without_gil([&] { return io::read_image(path_of(path)); }); });
  m.def("write_png",
        [](const Tensor& image, const nb::bytes& path) { without_gil([&] { io::write_png(image, path_of(path)); }); });
  m.def("read_idx", [](const nb::bytes& path) { return without_gil([&] { return io::read_idx(path_of(path)); }); });
}

}  // namespace tenon::python
