// Files: .tenon, safetensors, npz, images, IDX.
#pragma once

#include <tenon/io/atomic_file.h>
#include <tenon/io/idx.h>
#include <tenon/io/jpeg.h>
#include <tenon/io/npz.h>
#include <tenon/io/png.h>
#include <tenon/io/safetensors.h>
#include <tenon/io/tenon_file.h>
