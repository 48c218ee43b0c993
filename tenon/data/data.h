// Datasets, samplers and the loader that makes batches of them.
#pragma once

#include <tenon/data/dataloader.h>
#include <tenon/data/dataset.h>
#include <tenon/data/sampler.h>
