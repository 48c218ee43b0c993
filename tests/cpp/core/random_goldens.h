// Made by tests/goldens/make_random_goldens.py with PyTorch 2.15.0+cu132; do not edit.
#pragma once

#include <cstdint>

namespace goldens {

struct Seed0 {
  static constexpr uint64_t seed = 0u;
  static constexpr float rand_10[] = {0x1.fc2ab00000000p-2f, 0x1.89545e0000000p-1f, 0x1.6a67500000000p-4f,
                                      0x1.0e66000000000p-3f, 0x1.3acd0c0000000p-2f, 0x1.44a5f60000000p-1f,
                                      0x1.f5db0c0000000p-2f, 0x1.caface0000000p-1f, 0x1.d290240000000p-2f,
                                      0x1.43bda60000000p-1f};
  static constexpr double rand_f64_7[] = {0x1.951156266d6f2p-1, 0x1.6dc9130ace95cp-3, 0x1.6788c1d097bb0p-2,
                                          0x1.29a5845cccd8cp-1, 0x1.27274f4908582p-2, 0x1.cfbcd9fd4944ep-2,
                                          0x1.6a15deb7f22b8p-3};
  static constexpr float randn_1[] = {-0x1.b69e0e0000000p-1f};
  static constexpr float randn_5[] = {0x1.19c1320000000p+0f, -0x1.1239560000000p+0f, 0x1.f695940000000p-4f,
                                      -0x1.21f45e0000000p-1f, 0x1.7e11c40000000p-2f};
  static constexpr float randn_15[] = {-0x1.c8b39c0000000p-1f, -0x1.8254e20000000p+0f, 0x1.7b48720000000p-2f,
                                       0x1.74dd5a0000000p+0f,  0x1.e12ec40000000p-1f,  0x1.8cb8fc0000000p-1f,
                                       0x1.88f2d60000000p-3f,  0x1.43880e0000000p+0f,  -0x1.4a59f40000000p+0f,
                                       -0x1.950b6a0000000p-1f, -0x1.5616dc0000000p-6f, -0x1.6fdc9e0000000p-1f,
                                       0x1.098ac20000000p-1f,  -0x1.5001700000000p+0f, 0x1.8934b60000000p-3f};
  static constexpr double randn_f64_3[] = {0x1.15e6205661fa6p-1, -0x1.1c00f65f71c57p+1, 0x1.09333e5d59930p-2};
  static constexpr float randn_16[] = {
      0x1.8255d00000000p+0f,  0x1.0a7d840000000p+1f,  0x1.b4eb0e0000000p+0f,  0x1.30afe20000000p+1f,
      -0x1.20276e0000000p+0f, -0x1.449b260000000p-2f, -0x1.17ac000000000p+0f, -0x1.5cf4b20000000p-4f,
      0x1.4f7a200000000p-2f,  -0x1.857b6a0000000p-1f, -0x1.995d700000000p+0f, 0x1.2ee2b40000000p-6f,
      -0x1.8037f20000000p-1f, 0x1.7bb72e0000000p-3f,  0x1.3e05d80000000p-1f,  0x1.46bfbc0000000p-1f};
  static constexpr float randn_17[] = {-0x1.b10b940000000p-9f, 0x1.1d02700000000p+0f,  0x1.210aaa0000000p-2f,
                                       0x1.bca5a60000000p-2f,  -0x1.9ae05a0000000p-1f, -0x1.4b91520000000p+0f,
                                       -0x1.8017ca0000000p-1f, -0x1.4fdcfc0000000p+0f, -0x1.c02be00000000p-3f,
                                       -0x1.55735c0000000p-2f, -0x1.b71f360000000p-2f, 0x1.dd04440000000p-3f,
                                       0x1.9801980000000p-1f,  -0x1.7a8e400000000p-3f, -0x1.7b07e20000000p-2f,
                                       -0x1.35d5020000000p+0f, -0x1.3ed2560000000p-1f};
  static constexpr float randn_100[] = {
      0x1.09644e0000000p+0f,  -0x1.3514400000000p-1f, -0x1.475d280000000p+0f, 0x1.7cb9620000000p-4f,
      -0x1.550b060000000p-1f, 0x1.3751f60000000p-1f,  -0x1.75c52a0000000p-1f, -0x1.c449d40000000p-1f,
      0x1.51bb2a0000000p-1f,  0x1.e7fe960000000p-2f,  -0x1.042cba0000000p+0f, 0x1.71643e0000000p-3f,
      0x1.bbba320000000p-4f,  -0x1.8278320000000p-1f, 0x1.f45d460000000p-3f,  -0x1.3cb9ee0000000p-4f,
      -0x1.70282e0000000p-4f, 0x1.75a7da0000000p-1f,  -0x1.d866d40000000p+0f, -0x1.99ed3c0000000p-6f,
      0x1.5e8fc00000000p+0f,  0x1.5419560000000p+1f,  0x1.f861920000000p-1f,  -0x1.09df7a0000000p-2f,
      0x1.19ea860000000p+0f,  -0x1.248d160000000p+0f, 0x1.33e64a0000000p-5f,  0x1.591f960000000p+1f,
      0x1.3c5b020000000p+0f,  0x1.15edca0000000p-1f,  0x1.0d12500000000p-1f,  0x1.899fa80000000p-3f,
      -0x1.6841f80000000p+0f, 0x1.a079060000000p+0f,  0x1.60d0c60000000p-3f,  -0x1.9c8b6c0000000p+0f,
      -0x1.eaf45c0000000p-2f, -0x1.25953c0000000p-3f, -0x1.44e8e20000000p-2f, 0x1.ef2db80000000p-1f,
      0x1.fef0da0000000p-1f,  0x1.1653fa0000000p-1f,  0x1.42c8640000000p-4f,  0x1.b9c8cc0000000p-1f,
      -0x1.3f51740000000p-6f, 0x1.fb6a860000000p-1f,  -0x1.8e333e0000000p-1f, 0x1.4195f20000000p-2f,
      -0x1.8091ca0000000p-3f, 0x1.ea78440000000p+0f,  0x1.6161480000000p-1f,  -0x1.292d840000000p+1f,
      -0x1.3247f00000000p+0f, 0x1.9383800000000p-3f,  -0x1.2d659a0000000p+0f, -0x1.0eed100000000p-4f,
      0x1.1acf4e0000000p+0f,  -0x1.6529fe0000000p+0f, 0x1.e685860000000p-2f,  -0x1.a0a0ac0000000p-1f,
      0x1.d935820000000p-1f,  -0x1.fa8e120000000p-3f, -0x1.6a56dc0000000p+0f, -0x1.1422ee0000000p+0f,
      -0x1.7ce0f40000000p+0f, 0x1.2c624c0000000p-1f,  0x1.44305c0000000p-3f,  0x1.c3912c0000000p-4f,
      -0x1.a33b540000000p-1f, 0x1.43f9ea0000000p-1f,  -0x1.eab8a00000000p+0f, -0x1.1e87d60000000p-1f,
      -0x1.adc00a0000000p-3f, 0x1.903f160000000p-1f,  0x1.fab8fc0000000p-1f,  0x1.a8aa9e0000000p-2f,
      -0x1.824a9c0000000p+0f, 0x1.049cdc0000000p+1f,  0x1.0d7f4c0000000p-3f,  -0x1.30b8ba0000000p-4f,
      -0x1.b6b6de0000000p+0f, -0x1.0527360000000p-1f, -0x1.e64a620000000p-2f, -0x1.444d800000000p-1f,
      -0x1.71ccc20000000p+1f, -0x1.828e220000000p+0f, 0x1.062c6c0000000p+0f,  -0x1.5f936c0000000p-2f,
      0x1.923e6a0000000p+0f,  0x1.886d620000000p-3f,  0x1.850f7a0000000p-2f,  -0x1.2876600000000p-3f,
      0x1.7343980000000p+0f,  -0x1.a93d720000000p-5f, -0x1.41c1ae0000000p-1f, -0x1.22d68e0000000p-3f,
      -0x1.117b8e0000000p-1f, -0x1.0bf8560000000p-1f, 0x1.b917160000000p-1f,  -0x1.c6200a0000000p-1f};
  static constexpr double randn_f64_16[] = {
      0x1.31ff1a6769e64p-2,  -0x1.3c641c5e1f415p-1, 0x1.df09413be5027p-7,  -0x1.c29dd26731056p-5,
      -0x1.4f198d30da0f1p-3, 0x1.638d51c4439c8p+0,  -0x1.cdcf40ff33740p-2, 0x1.053b8d4730e8dp-1,
      -0x1.1356303f80d09p-1, -0x1.4a2eb4b0dea70p-4, -0x1.48e764995d790p-5, 0x1.95f6b10cdcfb9p-4,
      0x1.02cdc665240cep-1,  0x1.4f19094681490p-1,  -0x1.81c8d73f8cb01p-1, 0x1.1d8b35528907ep+0};
  static constexpr double randn_f64_21[] = {
      -0x1.6dd1307431f44p-3, 0x1.c2baeae57de13p-3,  0x1.bfe2b7609b0c7p-1,  -0x1.48aa9f7831cedp-1, 0x1.c33bad9175817p-1,
      -0x1.eaa6c933a7d59p-1, 0x1.2cff0cd9ed3fcp+0,  -0x1.5f31207733b0ap+0, -0x1.19c5ea3097d2ep-2, -0x1.9799fd15a48b8p-1,
      0x1.2d2b3bdeb514dp+0,  0x1.6979adaf86635p-1,  -0x1.1ed904267630fp+0, -0x1.c3d30f13b517cp-3, 0x1.a9a1ac8efd69cp-2,
      -0x1.17b4b64cfb0c9p-1, -0x1.1b0999f754eb1p-4, -0x1.6097b14168867p-2, -0x1.75297c9246927p-7, 0x1.0339de4806e37p-1,
      -0x1.8c6ab8252a0c9p-1};
  static constexpr float rand_4_5[] = {
      0x1.8f750a0000000p-1f, 0x1.97c7400000000p-3f, 0x1.e625fe0000000p-1f, 0x1.7bb0480000000p-1f,
      0x1.8b8e000000000p-1f, 0x1.7e2e580000000p-3f, 0x1.4972440000000p-1f, 0x1.4c83140000000p-2f,
      0x1.c806fc0000000p-1f, 0x1.a3ded40000000p-2f, 0x1.63a9fc0000000p-1f, 0x1.2d78a00000000p-1f,
      0x1.6ceb7c0000000p-1f, 0x1.5202200000000p-2f, 0x1.7cd17a0000000p-1f, 0x1.34c4080000000p-3f,
      0x1.39d1a20000000p-1f, 0x1.4b2b800000000p-3f, 0x1.b923000000000p-8f, 0x1.9357800000000p-4f};
  static constexpr float uniform_m0p3_0p7_33[] = {
      0x1.30811c0000000p-1f,  0x1.e1cf6c0000000p-2f,  0x1.56954e0000000p-1f,  0x1.337cae0000000p-1f,
      -0x1.f8e0e80000000p-3f, -0x1.2135a00000000p-3f, 0x1.e847600000000p-4f,  -0x1.fed6600000000p-4f,
      0x1.182a5e0000000p-1f,  -0x1.6c8d500000000p-3f, -0x1.680b600000000p-5f, -0x1.21d6bc0000000p-2f,
      -0x1.578b000000000p-4f, 0x1.38f4480000000p-1f,  0x1.3800a80000000p-1f,  0x1.1da78a0000000p-1f,
      0x1.2c10880000000p-1f,  0x1.4a08200000000p-1f,  0x1.26c8700000000p-4f,  0x1.ae14c00000000p-2f,
      0x1.4a7a6a0000000p-1f,  0x1.762de00000000p-2f,  0x1.6651300000000p-1f,  0x1.d65afc0000000p-2f,
      0x1.058abe0000000p-1f,  0x1.99aa000000000p-6f,  0x1.c278c00000000p-2f,  0x1.07a1d40000000p-2f,
      0x1.4a1a200000000p-4f,  -0x1.4f47200000000p-4f, -0x1.49f7800000000p-4f, -0x1.7a59300000000p-3f,
      0x1.1242b40000000p-1f};
  static constexpr double uniform_f64_m3_5_9[] = {0x1.dff961ce2dd2cp+1,  0x1.3db3cf9c5dd22p+1, 0x1.76b1b86260f1cp+0,
                                                  -0x1.0ddda0c14b948p+1, 0x1.0b0573c3da8a6p+1, 0x1.d036315c26652p+1,
                                                  0x1.561776b1fd2b8p+0,  0x1.68b2b7cd7e192p+1, 0x1.5eb2f50a93e40p-3};
  static constexpr float normal_3_0p02_9[] = {0x1.82b2b20000000p+1f, 0x1.84fdbc0000000p+1f, 0x1.7eaee40000000p+1f,
                                              0x1.8131940000000p+1f, 0x1.820e420000000p+1f, 0x1.8714220000000p+1f,
                                              0x1.7f8b780000000p+1f, 0x1.8215720000000p+1f, 0x1.8161ec0000000p+1f};
  static constexpr float normal_3_0p02_35[] = {
      0x1.7ec1da0000000p+1f, 0x1.8129400000000p+1f, 0x1.8375ae0000000p+1f, 0x1.811c600000000p+1f,
      0x1.7eafa20000000p+1f, 0x1.7f86160000000p+1f, 0x1.7f7fc20000000p+1f, 0x1.80697c0000000p+1f,
      0x1.80eb8e0000000p+1f, 0x1.7e12080000000p+1f, 0x1.8096560000000p+1f, 0x1.7f59400000000p+1f,
      0x1.840b7a0000000p+1f, 0x1.7f5fda0000000p+1f, 0x1.7fed800000000p+1f, 0x1.8021a60000000p+1f,
      0x1.849d340000000p+1f, 0x1.7d498c0000000p+1f, 0x1.88b6140000000p+1f, 0x1.7fc0ca0000000p+1f,
      0x1.80d8720000000p+1f, 0x1.7f851c0000000p+1f, 0x1.82b7420000000p+1f, 0x1.7ff58c0000000p+1f,
      0x1.8344040000000p+1f, 0x1.8006320000000p+1f, 0x1.7f0de00000000p+1f, 0x1.7da7a40000000p+1f,
      0x1.83fe440000000p+1f, 0x1.77ed2c0000000p+1f, 0x1.8398600000000p+1f, 0x1.82c5ac0000000p+1f,
      0x1.82050e0000000p+1f, 0x1.7fa5d00000000p+1f, 0x1.8050440000000p+1f};
  static constexpr double normal_f64_3_0p02_18[] = {
      0x1.80728dcb19de3p+1, 0x1.7ece0df9d72edp+1, 0x1.7f7ea4e90d324p+1, 0x1.800af469d2139p+1, 0x1.851d28289dfc3p+1,
      0x1.856013dc9eadep+1, 0x1.7fc70f2e3ba70p+1, 0x1.8230c97cf11a2p+1, 0x1.83d7622d1e186p+1, 0x1.83a5e5297a0cfp+1,
      0x1.8076b8fcebcb3p+1, 0x1.7ecf888e4713bp+1, 0x1.7b9121e9320bcp+1, 0x1.82325ff574838p+1, 0x1.80e37f1c1da76p+1,
      0x1.85208fb14acb3p+1, 0x1.7e0cb24d61274p+1, 0x1.863336feec6b9p+1};
  static constexpr int64_t randint_0_10_20[] = {8LL, 4LL, 4LL, 5LL, 7LL, 8LL, 0LL, 7LL, 4LL, 1LL,
                                                7LL, 5LL, 3LL, 7LL, 7LL, 7LL, 7LL, 9LL, 5LL, 7LL};
  static constexpr int64_t randint_m5_2e27_9[] = {69931702LL, 41318822LL, 15331210LL,  123013657LL, 17386476LL,
                                                  62158880LL, 83663497LL, 106663748LL, 18219789LL};
  static constexpr int64_t randint_0_2e28_9[] = {228594596LL, 205479060LL, 112237552LL, 249782398LL, 185541185LL,
                                                 133661476LL, 28822480LL,  133597103LL, 166957293LL};
  static constexpr int64_t randint_m7_2e40_9[] = {448336963508LL, 392294178403LL, 272259649688LL,
                                                  636941988950LL, 41936422658LL,  394792804490LL,
                                                  701461306969LL, 330503788346LL, 485305998184LL};
  static constexpr int64_t randint_full_5[] = {210799342231041249LL, -4232038211259918717LL, 2710687094182976740LL,
                                               1466923583986519937LL, 1652884223648521344LL};
  static constexpr int32_t randint_i32_9[] = {-75282624,  762422238, -1405854551, -485455734, -1118474148,
                                              1389825124, 113676989, 959572830,   136801240};
  static constexpr uint8_t randint_u8_9[] = {109, 179, 201, 181, 197, 161, 135, 125, 94};
  static constexpr float randint_f32_9[] = {0x1.9212000000000p+18f, 0x1.2c3d800000000p+18f, 0x1.76d5000000000p+18f,
                                            0x1.7243800000000p+17f, 0x1.b8d8600000000p+19f, 0x1.fd1aa00000000p+19f,
                                            0x1.0f76c00000000p+18f, 0x1.c3cd800000000p+19f, 0x1.99a8600000000p+19f};
  static constexpr int64_t randperm_1[] = {0LL};
  static constexpr int64_t randperm_10[] = {4LL, 2LL, 9LL, 0LL, 5LL, 6LL, 7LL, 1LL, 3LL, 8LL};
  static constexpr int64_t randperm_200[] = {
      150LL, 125LL, 1LL,   127LL, 181LL, 85LL,  88LL,  26LL,  51LL,  59LL,  92LL,  95LL,  119LL, 130LL, 65LL,  157LL,
      195LL, 160LL, 147LL, 139LL, 20LL,  80LL,  184LL, 187LL, 152LL, 60LL,  132LL, 11LL,  25LL,  46LL,  143LL, 183LL,
      189LL, 138LL, 102LL, 120LL, 57LL,  194LL, 5LL,   167LL, 74LL,  154LL, 179LL, 84LL,  71LL,  104LL, 188LL, 178LL,
      62LL,  97LL,  121LL, 197LL, 153LL, 96LL,  193LL, 66LL,  41LL,  29LL,  173LL, 53LL,  83LL,  24LL,  72LL,  36LL,
      100LL, 75LL,  35LL,  79LL,  123LL, 27LL,  114LL, 137LL, 133LL, 196LL, 191LL, 176LL, 63LL,  49LL,  47LL,  107LL,
      149LL, 148LL, 6LL,   69LL,  145LL, 163LL, 170LL, 164LL, 129LL, 61LL,  111LL, 4LL,   126LL, 103LL, 112LL, 8LL,
      105LL, 182LL, 140LL, 171LL, 70LL,  168LL, 68LL,  89LL,  108LL, 141LL, 43LL,  7LL,   101LL, 73LL,  115LL, 64LL,
      106LL, 180LL, 136LL, 146LL, 14LL,  156LL, 113LL, 10LL,  48LL,  56LL,  98LL,  21LL,  16LL,  12LL,  93LL,  134LL,
      144LL, 122LL, 2LL,   67LL,  40LL,  99LL,  192LL, 87LL,  58LL,  90LL,  52LL,  31LL,  37LL,  131LL, 162LL, 34LL,
      38LL,  81LL,  94LL,  185LL, 109LL, 32LL,  177LL, 23LL,  30LL,  110LL, 0LL,   22LL,  190LL, 151LL, 9LL,   116LL,
      19LL,  17LL,  54LL,  91LL,  15LL,  33LL,  86LL,  159LL, 142LL, 155LL, 199LL, 76LL,  117LL, 158LL, 124LL, 165LL,
      161LL, 77LL,  28LL,  13LL,  128LL, 186LL, 172LL, 44LL,  82LL,  166LL, 175LL, 135LL, 50LL,  3LL,   174LL, 39LL,
      78LL,  45LL,  18LL,  118LL, 169LL, 198LL, 42LL,  55LL};
  static constexpr float bernoulli_0p3_50[] = {0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f};
  static constexpr bool bernoulli_bool_0p9_50[] = {
      false, true,  true,  true, true, true, true, false, true, true, true, true, true, true, true, false, true,
      true,  true,  true,  true, true, true, true, true,  true, true, true, true, true, true, true, false, true,
      true,  false, false, true, true, true, true, true,  true, true, true, true, true, true, true, false};
  static constexpr float exponential_2_20[] = {
      0x1.05a0100000000p+1f, 0x1.38842c0000000p+0f, 0x1.7936d60000000p-4f, 0x1.3e97ac0000000p-3f,
      0x1.895a0e0000000p-2f, 0x1.3a4c120000000p-2f, 0x1.d9602e0000000p-2f, 0x1.57984c0000000p-1f,
      0x1.669bce0000000p-1f, 0x1.9c7b0c0000000p-2f, 0x1.02270c0000000p-2f, 0x1.1185080000000p-2f,
      0x1.6c6e3a0000000p-5f, 0x1.9c356c0000000p+0f, 0x1.0602480000000p-1f, 0x1.554fd60000000p-4f,
      0x1.5d3a4a0000000p-3f, 0x1.fbe1aa0000000p-1f, 0x1.0203260000000p-3f, 0x1.26963c0000000p-4f};
  static constexpr double exponential_f64_0p5_5[] = {0x1.337321bb8ab67p+0, 0x1.69b8d658e6042p-1, 0x1.6a9ea7c2dc393p+0,
                                                     0x1.5e7c69bc12eb2p+0, 0x1.c29cde4839f14p-1};
  static constexpr float randn_7[] = {0x1.b090c40000000p-1f,  -0x1.5f4b1a0000000p-2f, 0x1.43e0420000000p-1f,
                                      -0x1.216d7a0000000p+0f, 0x1.4bac080000000p-1f,  0x1.a0bf840000000p+0f,
                                      -0x1.4c87140000000p-2f};
  static constexpr float rand_last_3[] = {0x1.77250c0000000p-2f, 0x1.08b2400000000p-2f, 0x1.d09dc00000000p-2f};
  // FNV-1a of torch.get_rng_state() after the last draw.
  static constexpr uint64_t state_hash = 0x483683a13521eba7u;
};

struct Seed42 {
  static constexpr uint64_t seed = 42u;
  static constexpr float rand_10[] = {0x1.c3b8cc0000000p-1f, 0x1.d47b660000000p-1f, 0x1.880d700000000p-2f,
                                      0x1.eb2a1c0000000p-1f, 0x1.8fd1a80000000p-2f, 0x1.33a88e0000000p-1f,
                                      0x1.06baf00000000p-2f, 0x1.9658280000000p-1f, 0x1.e1accc0000000p-1f,
                                      0x1.10c3c80000000p-3f};
  static constexpr double rand_f64_7[] = {0x1.e83a4332fe9acp-2, 0x1.e914a759155cap-1, 0x1.db857556ded74p-1,
                                          0x1.5631924975b38p-4, 0x1.0fa5e9a828208p-3, 0x1.41a5439c3f4d0p-3,
                                          0x1.8060371a9d2aep-2};
  static constexpr float randn_1[] = {0x1.1c3bfc0000000p+0f};
  static constexpr float randn_5[] = {-0x1.b096aa0000000p+0f, -0x1.fa58f40000000p-1f, 0x1.ea7b480000000p-1f,
                                      0x1.5277720000000p+0f, 0x1.a266b20000000p-1f};
  static constexpr float randn_15[] = {-0x1.881c000000000p-1f, -0x1.8051920000000p-1f, 0x1.5a40920000000p+0f,
                                       0x1.5f65960000000p-1f,  -0x1.4f9ff60000000p-2f, 0x1.9706240000000p-1f,
                                       0x1.2046aa0000000p-2f,  0x1.cc177c0000000p-5f,  0x1.0ba1700000000p-1f,
                                       -0x1.e827a60000000p-3f, -0x1.98cee80000000p-5f, 0x1.0d7c0a0000000p-1f,
                                       -0x1.167d4c0000000p-7f, 0x1.75476e0000000p-1f,  0x1.10acbc0000000p-3f};
  static constexpr double randn_f64_3[] = {0x1.ba5b47d11759bp-1, -0x1.040342ea95c05p+0, -0x1.c70a0b95df225p-1};
  static constexpr float randn_16[] = {
      0x1.29a6cc0000000p-3f,  0x1.d931760000000p-3f,  0x1.1b92ec0000000p-7f,  -0x1.2368c60000000p-3f,
      0x1.9399a00000000p-3f,  -0x1.24e6180000000p+0f, 0x1.5a71560000000p-2f,  0x1.b2fcd20000000p+0f,
      0x1.68320a0000000p+1f,  0x1.706c180000000p-2f,  -0x1.6fdace0000000p-4f, 0x1.d571420000000p-2f,
      -0x1.20fe480000000p-1f, 0x1.0e69b00000000p+0f,  -0x1.781a380000000p+0f, 0x1.6ee3440000000p+0f};
  static constexpr float randn_17[] = {0x1.74cac60000000p-1f,  0x1.260cc20000000p-1f,  0x1.80829a0000000p-3f,
                                       -0x1.6e34ba0000000p-2f, -0x1.441ac00000000p-2f, 0x1.2d616e0000000p-1f,
                                       -0x1.c7e9f80000000p-1f, 0x1.a3a5e40000000p-2f,  -0x1.74ffdc0000000p+0f,
                                       0x1.f908800000000p-4f,  0x1.6643bc0000000p-2f,  0x1.3c0c380000000p-1f,
                                       -0x1.5acac80000000p-3f, 0x1.dda5140000000p-3f,  0x1.0247d40000000p+2f,
                                       0x1.478a9a0000000p+0f,  -0x1.9fad820000000p-7f};
  static constexpr float randn_100[] = {
      -0x1.68d6f60000000p-1f, 0x1.035db00000000p+0f,  -0x1.52c1ea0000000p-2f, 0x1.090f100000000p-1f,
      0x1.8d15cc0000000p-2f,  -0x1.28cb740000000p-1f, -0x1.5a59160000000p-3f, 0x1.ee608a0000000p+0f,
      0x1.0383ac0000000p-1f,  -0x1.e69d680000000p-2f, -0x1.f7d5cc0000000p-2f, 0x1.14dcce0000000p-2f,
      -0x1.202a7e0000000p-1f, 0x1.5bd2800000000p-1f,  0x1.c31a540000000p-2f,  0x1.2439de0000000p+0f,
      -0x1.f05b3e0000000p-5f, 0x1.2c0d300000000p-4f,  0x1.a3267e0000000p-1f,  0x1.7b00560000000p+0f,
      0x1.6135320000000p-2f,  -0x1.6c938e0000000p+0f, -0x1.dc78b20000000p-4f, -0x1.f202500000000p-1f,
      -0x1.7e32c00000000p-5f, -0x1.6efb3c0000000p+0f, -0x1.220fcc0000000p-1f, -0x1.b37d7e0000000p-2f,
      0x1.0cd1b60000000p-2f,  -0x1.706a720000000p+0f, 0x1.0af28a0000000p-1f,  0x1.651f2a0000000p-2f,
      -0x1.9952fc0000000p-2f, -0x1.258bfc0000000p+1f, 0x1.fd810c0000000p-2f,  -0x1.b3f0c20000000p-2f,
      -0x1.564f440000000p+0f, -0x1.8bf4020000000p-3f, 0x1.4e274e0000000p-1f,  -0x1.e68aa80000000p+0f,
      -0x1.52150a0000000p-2f, -0x1.f62be00000000p-1f, 0x1.8ed07e0000000p-3f,  -0x1.a74d260000000p+0f,
      0x1.5ce3020000000p-1f,  0x1.760bec0000000p+0f,  -0x1.3d2fde0000000p-2f, -0x1.9a272e0000000p+0f,
      -0x1.3cf5880000000p-2f, 0x1.2474aa0000000p-1f,  0x1.1e2f5e0000000p+0f,  -0x1.4baa900000000p+0f,
      0x1.9bdd500000000p-5f,  -0x1.2bc4320000000p-1f, -0x1.8f5b400000000p-2f, 0x1.256afa0000000p-5f,
      -0x1.47bdae0000000p-1f, -0x1.f69e960000000p-2f, 0x1.aa03980000000p-3f,  -0x1.2898ec0000000p+0f,
      -0x1.ed65240000000p-1f, -0x1.7fff2a0000000p-2f, 0x1.9b43f40000000p-1f,  -0x1.099ca80000000p-1f,
      0x1.8891500000000p+0f,  -0x1.7373560000000p+0f, -0x1.92804c0000000p-1f, -0x1.e9a2340000000p-1f,
      -0x1.3f62da0000000p+0f, -0x1.7ff85e0000000p-1f, -0x1.2f33920000000p-1f, 0x1.c63e520000000p+0f,
      -0x1.7344680000000p-1f, 0x1.dd98ee0000000p-2f,  0x1.555cf60000000p-1f,  -0x1.6764d20000000p-5f,
      0x1.e4fb720000000p-3f,  -0x1.6981be0000000p-1f, -0x1.6f0e4c0000000p-1f, 0x1.0d58020000000p-1f,
      -0x1.b324700000000p-2f, 0x1.e3723e0000000p-1f,  -0x1.7abef40000000p-3f, 0x1.0f90880000000p+0f,
      0x1.ffd5360000000p+0f,  0x1.5375b00000000p-1f,  0x1.68d2c20000000p-1f,  -0x1.273e3a0000000p-8f,
      0x1.aab2e80000000p+0f,  0x1.3b3a800000000p-3f,  -0x1.0f6cbe0000000p+0f, -0x1.2533600000000p-1f,
      0x1.50314c0000000p-4f,  0x1.c6a16a0000000p-2f,  -0x1.72b4940000000p-1f, -0x1.26dc600000000p-4f,
      -0x1.cfeb9e0000000p-1f, -0x1.063c340000000p+1f, -0x1.14c00e0000000p+0f, 0x1.20bc8e0000000p-6f};
  static constexpr double randn_f64_16[] = {
      0x1.2ae17772adcf8p+1,  0x1.1a40d36617154p-2, 0x1.e24f3974a94f6p-5,  0x1.3b476389d50e4p-1,
      0x1.2992a70234f6dp-1,  0x1.60d0cc1c4bfa0p-1, 0x1.762adb38f61a6p-5,  0x1.727fa8c5d4373p-2,
      0x1.e225653e1733cp-1,  0x1.721588c5d2126p-1, 0x1.0f2c4164ada4ep-2,  -0x1.6b6c874eee8adp+0,
      -0x1.0fe9ac0dea687p-2, 0x1.2022d63990734p-1, -0x1.1ff6b1d642ea7p+0, -0x1.23b940500ed77p-4};
  static constexpr double randn_f64_21[] = {
      -0x1.75fae6e1d6b7ap-3, -0x1.8e2c6bba8c245p-5, -0x1.1840e87782458p+1, -0x1.d6131f68a41b1p-3, 0x1.ac479cf311187p+0,
      0x1.d1fd832ce1612p+0,  0x1.53f3b45f40296p+0,  -0x1.453c75943d7dcp-3, 0x1.39896fc917d98p-1,  0x1.dc568c7067460p+0,
      0x1.15c3eac593233p-1,  -0x1.2fbf7c0bf53e5p-2, 0x1.ac6b27a246eddp+0,  0x1.3f04b76254db2p-1,  0x1.7208f7e008f1cp-4,
      -0x1.25bd3d5834730p-2, -0x1.28b914573085fp+1, 0x1.294c7b1659535p-2,  -0x1.36c54b2b685bbp-2, -0x1.01a655bf257eep-3,
      0x1.2c65401569f36p-1};
  static constexpr float rand_4_5[] = {
      0x1.bcab200000000p-5f, 0x1.887c200000000p-4f, 0x1.dbaff00000000p-3f, 0x1.f741240000000p-1f,
      0x1.08b24c0000000p-2f, 0x1.505af80000000p-3f, 0x1.3e0d8c0000000p-1f, 0x1.468e660000000p-1f,
      0x1.8c43d00000000p-1f, 0x1.c297400000000p-1f, 0x1.8e8f4e0000000p-1f, 0x1.167f000000000p-8f,
      0x1.16b44c0000000p-1f, 0x1.9b12a20000000p-1f, 0x1.d0ad9c0000000p-2f, 0x1.a494000000000p-3f,
      0x1.f40e140000000p-1f, 0x1.407f6c0000000p-2f, 0x1.b8fdc00000000p-3f, 0x1.933b000000000p-5f};
  static constexpr float uniform_m0p3_0p7_33[] = {
      0x1.c757200000000p-3f,  0x1.afaf240000000p-2f,  0x1.3e23440000000p-2f,  0x1.320c400000000p-2f,
      -0x1.6efd200000000p-3f, -0x1.1159ac0000000p-2f, 0x1.aba1c80000000p-3f,  0x1.4fd45c0000000p-1f,
      0x1.f42f080000000p-2f,  -0x1.7537400000000p-4f, 0x1.14ad100000000p-3f,  -0x1.5946a80000000p-3f,
      -0x1.519b400000000p-5f, 0x1.2985b80000000p-2f,  0x1.e39a8c0000000p-2f,  0x1.3a76680000000p-1f,
      -0x1.0945340000000p-2f, 0x1.1190c40000000p-1f,  -0x1.389e800000000p-3f, 0x1.8c86f80000000p-2f,
      0x1.3f09ee0000000p-1f,  0x1.a7fab80000000p-3f,  0x1.4f4fa40000000p-1f,  -0x1.cee6980000000p-3f,
      0x1.2794800000000p-7f,  0x1.f76cec0000000p-2f,  0x1.7501b00000000p-4f,  0x1.8ff9500000000p-4f,
      -0x1.131d800000000p-7f, 0x1.16dcc40000000p-1f,  0x1.c7f0080000000p-2f,  0x1.70ded40000000p-2f,
      -0x1.4bb3a00000000p-4f};
  static constexpr double uniform_f64_m3_5_9[] = {0x1.8312ecf1bb06ap+1,  -0x1.84e2072ec6580p+0, 0x1.02f97d9d67273p+2,
                                                  -0x1.cdb5107a39900p-2, -0x1.700706de7d4bap+1, -0x1.1696952f4be64p+0,
                                                  0x1.2ef5394a7e0fdp+2,  0x1.d79c4be9bd8dep+1,  0x1.c13fbe1592bb0p+1};
  static constexpr float normal_3_0p02_9[] = {0x1.8174f00000000p+1f, 0x1.7e09760000000p+1f, 0x1.7da3b80000000p+1f,
                                              0x1.83ff420000000p+1f, 0x1.81c9f80000000p+1f, 0x1.8003f00000000p+1f,
                                              0x1.7ef1380000000p+1f, 0x1.8306380000000p+1f, 0x1.8203240000000p+1f};
  static constexpr float normal_3_0p02_35[] = {
      0x1.7ed1540000000p+1f, 0x1.83a29a0000000p+1f, 0x1.822c160000000p+1f, 0x1.7fe09e0000000p+1f,
      0x1.81b6260000000p+1f, 0x1.82ab880000000p+1f, 0x1.81d8280000000p+1f, 0x1.83c3740000000p+1f,
      0x1.8018c60000000p+1f, 0x1.7d01180000000p+1f, 0x1.7fbc600000000p+1f, 0x1.830b880000000p+1f,
      0x1.81f2880000000p+1f, 0x1.7e16e60000000p+1f, 0x1.7e82580000000p+1f, 0x1.8374c00000000p+1f,
      0x1.7d6f500000000p+1f, 0x1.8015980000000p+1f, 0x1.7ee6b80000000p+1f, 0x1.830fc80000000p+1f,
      0x1.7ca8000000000p+1f, 0x1.7c67e40000000p+1f, 0x1.803e6e0000000p+1f, 0x1.7f10360000000p+1f,
      0x1.80807c0000000p+1f, 0x1.7c1d880000000p+1f, 0x1.8086ec0000000p+1f, 0x1.85003a0000000p+1f,
      0x1.853ea00000000p+1f, 0x1.7d36f20000000p+1f, 0x1.7ac1e40000000p+1f, 0x1.828fbe0000000p+1f,
      0x1.81c1cc0000000p+1f, 0x1.7e3f620000000p+1f, 0x1.81d3820000000p+1f};
  static constexpr double normal_f64_3_0p02_18[] = {
      0x1.82578ad27b9b7p+1, 0x1.82461366fcde2p+1, 0x1.815dee46e9463p+1, 0x1.7ff26bb21e0e8p+1, 0x1.7f3e5b45b4edcp+1,
      0x1.7efac47c02d1fp+1, 0x1.7d8701d720466p+1, 0x1.80cda0f8c15ccp+1, 0x1.7c9f295006e3ap+1, 0x1.847ab93e077dep+1,
      0x1.82b21c5533241p+1, 0x1.830d200da35a4p+1, 0x1.7cf59cdf41e00p+1, 0x1.7bd42253f98e5p+1, 0x1.8251d7645a38cp+1,
      0x1.809f4493148e8p+1, 0x1.7ce21e2fa22d0p+1, 0x1.7dd0787c4798dp+1};
  static constexpr int64_t randint_0_10_20[] = {5LL, 4LL, 3LL, 9LL, 9LL, 3LL, 5LL, 9LL, 6LL, 6LL,
                                                4LL, 7LL, 3LL, 5LL, 1LL, 4LL, 2LL, 1LL, 8LL, 0LL};
  static constexpr int64_t randint_m5_2e27_9[] = {129027744LL, 48939492LL, 56224797LL,  22725706LL, 113530894LL,
                                                  121690330LL, 71530925LL, 130997584LL, 1079555LL};
  static constexpr int64_t randint_0_2e28_9[] = {166793897LL, 228773646LL, 159267818LL, 60779108LL, 66009351LL,
                                                 92526139LL,  119193195LL, 84890726LL,  126800645LL};
  static constexpr int64_t randint_m7_2e40_9[] = {464685254339LL, 495625588057LL, 200509385195LL,
                                                  232447595875LL, 219528196783LL, 55589132115LL,
                                                  531289505428LL, 674448320929LL, 620094826290LL};
  static constexpr int64_t randint_full_5[] = {4995973297066424082LL, 8097593470328869945LL, 1447264848658851161LL,
                                               467638668500172249LL, -689015060052043971LL};
  static constexpr int32_t randint_i32_9[] = {-1012346987, -496179948, -141104524, -1767344461, 424296686,
                                              -42819712,   614609650,  1707085959, 407211732};
  static constexpr uint8_t randint_u8_9[] = {116, 128, 15, 188, 230, 191, 190, 68, 21};
  static constexpr float randint_f32_9[] = {0x1.edae000000000p+17f, 0x1.5d1ec00000000p+19f, 0x1.c7f0800000000p+18f,
                                            0x1.6989600000000p+19f, 0x1.f426400000000p+18f, 0x1.068f000000000p+16f,
                                            0x1.a1b6400000000p+19f, 0x1.19f2000000000p+17f, 0x1.8e2a800000000p+17f};
  static constexpr int64_t randperm_1[] = {0LL};
  static constexpr int64_t randperm_10[] = {6LL, 7LL, 1LL, 8LL, 4LL, 3LL, 0LL, 5LL, 9LL, 2LL};
  static constexpr int64_t randperm_200[] = {
      93LL,  179LL, 8LL,   121LL, 195LL, 141LL, 27LL,  62LL,  156LL, 99LL,  5LL,   112LL, 113LL, 149LL, 74LL,  152LL,
      145LL, 4LL,   16LL,  14LL,  47LL,  168LL, 29LL,  42LL,  33LL,  115LL, 124LL, 86LL,  155LL, 0LL,   173LL, 183LL,
      92LL,  83LL,  57LL,  175LL, 199LL, 196LL, 59LL,  82LL,  67LL,  26LL,  147LL, 108LL, 40LL,  110LL, 111LL, 138LL,
      20LL,  119LL, 100LL, 122LL, 32LL,  78LL,  164LL, 123LL, 1LL,   165LL, 7LL,   180LL, 167LL, 132LL, 106LL, 174LL,
      41LL,  89LL,  49LL,  56LL,  193LL, 194LL, 114LL, 91LL,  185LL, 9LL,   178LL, 11LL,  18LL,  105LL, 96LL,  36LL,
      76LL,  15LL,  28LL,  198LL, 45LL,  187LL, 128LL, 176LL, 161LL, 118LL, 10LL,  6LL,   154LL, 60LL,  23LL,  24LL,
      192LL, 148LL, 102LL, 75LL,  25LL,  31LL,  170LL, 190LL, 191LL, 88LL,  53LL,  127LL, 126LL, 139LL, 55LL,  12LL,
      144LL, 135LL, 159LL, 46LL,  48LL,  70LL,  197LL, 22LL,  94LL,  171LL, 98LL,  84LL,  116LL, 117LL, 182LL, 137LL,
      181LL, 136LL, 54LL,  150LL, 143LL, 184LL, 81LL,  129LL, 97LL,  151LL, 186LL, 95LL,  101LL, 65LL,  142LL, 77LL,
      52LL,  61LL,  162LL, 72LL,  163LL, 157LL, 2LL,   166LL, 85LL,  51LL,  17LL,  189LL, 3LL,   134LL, 21LL,  37LL,
      73LL,  146LL, 44LL,  43LL,  87LL,  131LL, 125LL, 19LL,  140LL, 58LL,  66LL,  90LL,  130LL, 64LL,  71LL,  104LL,
      34LL,  188LL, 35LL,  169LL, 30LL,  172LL, 80LL,  158LL, 69LL,  109LL, 50LL,  153LL, 38LL,  79LL,  68LL,  63LL,
      177LL, 13LL,  160LL, 39LL,  103LL, 107LL, 133LL, 120LL};
  static constexpr float bernoulli_0p3_50[] = {0x1.0000000000000p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f,
                                               0x1.0000000000000p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f};
  static constexpr bool bernoulli_bool_0p9_50[] = {
      true, true, true, true, true, true, true, true,  true, true,  true, true, true,  true,  true, false, false,
      true, true, true, true, true, true, true, true,  true, true,  true, true, false, false, true, false, true,
      true, true, true, true, true, true, true, false, true, false, true, true, true,  true,  true, true};
  static constexpr float exponential_2_20[] = {
      0x1.4bfdd00000000p-5f, 0x1.aed2f80000000p-2f, 0x1.40cd860000000p-1f, 0x1.762db00000000p-2f,
      0x1.22567c0000000p+0f, 0x1.2e100e0000000p-2f, 0x1.34fa360000000p-3f, 0x1.07af020000000p-1f,
      0x1.4e67100000000p+0f, 0x1.74df7e0000000p-2f, 0x1.ab50aa0000000p-2f, 0x1.ecaaaa0000000p-3f,
      0x1.c8b4460000000p-2f, 0x1.3b31480000000p-1f, 0x1.65bda60000000p-3f, 0x1.3f0cfc0000000p-3f,
      0x1.74df640000000p-3f, 0x1.9d41880000000p-1f, 0x1.f46f5a0000000p-3f, 0x1.9e8ce80000000p-3f};
  static constexpr double exponential_f64_0p5_5[] = {0x1.3e84d59d4d2fdp+0, 0x1.77ce55009f195p+2, 0x1.78f612fe0f6e0p+0,
                                                     0x1.006a58d8b52b0p+0, 0x1.8df3243093c6cp+2};
  static constexpr float randn_7[] = {-0x1.5dca040000000p-1f, 0x1.ee51b20000000p-2f,  0x1.56e34c0000000p-1f,
                                      0x1.376b7c0000000p-6f,  -0x1.44869a0000000p-4f, 0x1.02fa160000000p-1f,
                                      0x1.6b31320000000p-1f};
  static constexpr float rand_last_3[] = {0x1.fcb6b40000000p-1f, 0x1.2fa6c80000000p-2f, 0x1.dbc6f80000000p-2f};
  // FNV-1a of torch.get_rng_state() after the last draw.
  static constexpr uint64_t state_hash = 0xd666ea5a6a5a75f6u;
};

struct Seed1099511627783 {
  static constexpr uint64_t seed = 1099511627783u;
  static constexpr float rand_10[] = {0x1.11e15e0000000p-1f, 0x1.9726200000000p-3f, 0x1.5184320000000p-1f,
                                      0x1.5053ec0000000p-1f, 0x1.dcb2180000000p-3f, 0x1.b3434c0000000p-2f,
                                      0x1.a81cb80000000p-3f, 0x1.426cce0000000p-1f, 0x1.7615700000000p-2f,
                                      0x1.b3d9720000000p-1f};
  static constexpr double rand_f64_7[] = {0x1.add8e438d0a17p-1, 0x1.2dc902c69a2b2p-2, 0x1.1f16e6b5bfa2ap-1,
                                          0x1.86ada0412b388p-1, 0x1.84ca7871b97e6p-1, 0x1.02226f34e2d80p-4,
                                          0x1.d77f54b1e1870p-5};
  static constexpr float randn_1[] = {0x1.193d600000000p-3f};
  static constexpr float randn_5[] = {0x1.eca3720000000p-3f, 0x1.653c440000000p+0f, 0x1.58d67a0000000p+0f,
                                      0x1.3817340000000p+1f, 0x1.9f3fbc0000000p-3f};
  static constexpr float randn_15[] = {0x1.39ab560000000p+1f,  0x1.0346ec0000000p+1f,  0x1.c776b40000000p+0f,
                                       -0x1.d5fb040000000p-1f, -0x1.d4ce7a0000000p-2f, -0x1.72ee2a0000000p-1f,
                                       0x1.47a6180000000p+0f,  -0x1.fcf6400000000p-1f, 0x1.d0a20e0000000p+0f,
                                       -0x1.34a8880000000p-1f, 0x1.9d64800000000p+0f,  0x1.ee21780000000p+0f,
                                       -0x1.b0a43a0000000p-2f, -0x1.54bb3e0000000p-4f, -0x1.f7aaf00000000p-1f};
  static constexpr double randn_f64_3[] = {-0x1.3fd5a69f3d944p+0, -0x1.81947a9982f4ap-3, 0x1.2178bd9823440p-2};
  static constexpr float randn_16[] = {
      0x1.8cb3d60000000p+0f,  0x1.32a3060000000p-1f,  -0x1.467c640000000p-1f, -0x1.2495b60000000p+1f,
      -0x1.787cf40000000p-2f, -0x1.c3ad3a0000000p-1f, 0x1.178ee40000000p-1f,  0x1.3027200000000p-3f,
      -0x1.82e5060000000p-1f, 0x1.9125ba0000000p-2f,  0x1.7e74460000000p-1f,  0x1.6138c20000000p+0f,
      0x1.49a8020000000p+0f,  0x1.bca3ea0000000p-1f,  -0x1.61d7c20000000p+0f, -0x1.ed2c4c0000000p-1f};
  static constexpr float randn_17[] = {0x1.a45b600000000p-2f,  -0x1.466ce80000000p-1f, -0x1.9420060000000p+0f,
                                       0x1.4ac0da0000000p-1f,  0x1.35c6e60000000p-4f,  -0x1.3861bc0000000p-3f,
                                       0x1.910f840000000p-3f,  -0x1.9199de0000000p+0f, -0x1.1fec5a0000000p+0f,
                                       -0x1.959cb80000000p-5f, -0x1.3953180000000p+0f, 0x1.47d1d00000000p-1f,
                                       0x1.5e2df20000000p-1f,  0x1.9cfce60000000p+0f,  0x1.ddc7c80000000p-1f,
                                       -0x1.f44e540000000p-1f, -0x1.a1c6f60000000p-1f};
  static constexpr float randn_100[] = {
      -0x1.11f3760000000p-2f, 0x1.5bd7c40000000p-1f,  -0x1.9429060000000p-2f, 0x1.53c2040000000p+0f,
      0x1.c526300000000p-4f,  0x1.5980700000000p-2f,  -0x1.47d3bc0000000p-2f, 0x1.2346640000000p-1f,
      -0x1.93128e0000000p-1f, 0x1.be001c0000000p+0f,  0x1.2d111e0000000p-1f,  0x1.1a210c0000000p-2f,
      -0x1.de065e0000000p-1f, -0x1.38cf5c0000000p-3f, -0x1.0f57560000000p-1f, 0x1.741ae40000000p+0f,
      0x1.00ee4c0000000p+0f,  -0x1.1812160000000p+1f, -0x1.fc46000000000p-1f, 0x1.c6e9620000000p-1f,
      -0x1.7c96c40000000p+0f, -0x1.c798380000000p-1f, 0x1.cd12340000000p-1f,  0x1.0bc2500000000p-2f,
      0x1.5ed92c0000000p+0f,  -0x1.80e91e0000000p-2f, 0x1.59e8e80000000p-3f,  -0x1.1545000000000p-1f,
      -0x1.48a1560000000p-3f, 0x1.dd89860000000p-1f,  0x1.09e48c0000000p-4f,  0x1.150bec0000000p-4f,
      -0x1.83951a0000000p+0f, 0x1.0e68040000000p-1f,  0x1.225ee60000000p+0f,  -0x1.06cf740000000p-4f,
      0x1.4590260000000p+0f,  -0x1.897f3e0000000p+0f, 0x1.e48ad80000000p-5f,  0x1.5d41f80000000p-1f,
      -0x1.a36f0a0000000p-2f, 0x1.2d21f60000000p+1f,  0x1.0e34fe0000000p-2f,  -0x1.4bd2780000000p-2f,
      0x1.9b8e640000000p-1f,  0x1.8bfefa0000000p+0f,  0x1.36246c0000000p-1f,  -0x1.58cf5a0000000p-1f,
      -0x1.554d4c0000000p+0f, 0x1.2f2a840000000p-2f,  -0x1.7fa4ec0000000p-4f, 0x1.fe70fc0000000p+0f,
      -0x1.70b1540000000p-1f, -0x1.35df3e0000000p-1f, -0x1.3f6c620000000p-1f, -0x1.e190ca0000000p-2f,
      0x1.8ebefc0000000p-3f,  -0x1.9864b40000000p+0f, 0x1.2bfe3c0000000p-1f,  -0x1.0db46a0000000p+0f,
      -0x1.06deae0000000p+0f, 0x1.7bbdd80000000p-2f,  -0x1.dda7f20000000p-1f, 0x1.3aa7780000000p-2f,
      0x1.f4cb4a0000000p-1f,  -0x1.da72900000000p-2f, -0x1.b4e8e40000000p+0f, -0x1.bbc1c20000000p-1f,
      -0x1.391f860000000p+0f, -0x1.23d0240000000p+0f, 0x1.e4e3e80000000p+1f,  -0x1.6e219e0000000p-2f,
      0x1.b9d33c0000000p-4f,  -0x1.9d113a0000000p-2f, 0x1.e1c5a60000000p-2f,  -0x1.92443a0000000p+0f,
      0x1.b505700000000p-1f,  -0x1.5ebd1e0000000p+0f, 0x1.f15f240000000p-1f,  -0x1.5131a40000000p+1f,
      0x1.0054400000000p+1f,  -0x1.bae0440000000p-1f, -0x1.28fd8e0000000p-2f, 0x1.536db80000000p-5f,
      0x1.83c98e0000000p-2f,  0x1.16a1340000000p-1f,  -0x1.c70dfc0000000p-1f, 0x1.e2852c0000000p-2f,
      0x1.4bb85e0000000p-1f,  0x1.54e4420000000p+0f,  -0x1.2e2b7c0000000p-2f, -0x1.d5fd220000000p-7f,
      0x1.2df43e0000000p+0f,  0x1.a619a40000000p-2f,  -0x1.94d5840000000p-1f, -0x1.4988f80000000p+0f,
      -0x1.85709e0000000p-3f, -0x1.4e7f640000000p-4f, -0x1.b43da00000000p-1f, -0x1.acc0ac0000000p-2f};
  static constexpr double randn_f64_16[] = {
      -0x1.be850cb8a9b58p-1, -0x1.e05946eb03512p-4, -0x1.7c222fcad9de2p+0, -0x1.aed9fb48085f4p-1,
      0x1.11cfdf1a89e84p-1,  0x1.815cf55769b29p-2,  0x1.7d51166f75256p-3,  -0x1.a51e2343b33b0p-1,
      -0x1.11580f81d734cp-4, 0x1.1f37315cdbfd5p+0,  -0x1.1e5395f643db5p-4, -0x1.08a01f6731c30p+1,
      -0x1.f9f085c7e4965p-2, 0x1.c39613426ce5fp-1,  -0x1.6326ca008b551p+0, 0x1.70a11fec31b35p+0};
  static constexpr double randn_f64_21[] = {
      0x1.65dea8ee8adf5p+0,  0x1.c804b7a407d48p-2,  0x1.a6658cb3dce06p-4, 0x1.5bb60d5f4d18bp-1,  -0x1.26956d63a1c66p+1,
      0x1.6120958ffb39fp-2,  -0x1.28188421de6eep+0, 0x1.d4f0ba820bf93p+0, -0x1.b9ad3f99a3ce9p-3, 0x1.79a49fca91e37p-1,
      -0x1.6146b642eca22p+0, 0x1.0a13986b42886p+0,  0x1.c84c6708e3c73p-1, -0x1.ca4dce8272d00p-2, -0x1.589b8232f730ap+0,
      0x1.7dff88750ad4ep-2,  0x1.9568c4cd00054p-1,  0x1.43648063290a1p-1, -0x1.801d2e6cd84c6p+0, -0x1.89f0c0e200901p-2,
      -0x1.58be2d6245154p-1};
  static constexpr float rand_4_5[] = {
      0x1.2f38600000000p-2f, 0x1.2422180000000p-3f, 0x1.1f6f0e0000000p-1f, 0x1.95bc620000000p-1f,
      0x1.7d3bd40000000p-1f, 0x1.67ad000000000p-3f, 0x1.c8f8420000000p-1f, 0x1.0d452c0000000p-2f,
      0x1.a67d6c0000000p-2f, 0x1.7071100000000p-2f, 0x1.79e1cc0000000p-1f, 0x1.124be00000000p-5f,
      0x1.73f3e80000000p-3f, 0x1.c20bec0000000p-2f, 0x1.b037e20000000p-1f, 0x1.84b8f40000000p-2f,
      0x1.a09ebc0000000p-1f, 0x1.ea709c0000000p-1f, 0x1.099ed80000000p-1f, 0x1.4e4d580000000p-3f};
  static constexpr float uniform_m0p3_0p7_33[] = {
      0x1.9f4bf80000000p-3f,  0x1.94030c0000000p-2f,  0x1.7f0a400000000p-4f,  -0x1.27194c0000000p-2f,
      0x1.fd83340000000p-2f,  -0x1.253b400000000p-6f, -0x1.329a880000000p-3f, 0x1.d1bc780000000p-2f,
      0x1.480a500000000p-2f,  0x1.20ea760000000p-1f,  0x1.959e700000000p-4f,  0x1.04b3220000000p-1f,
      0x1.4ce9400000000p-4f,  -0x1.c45fe00000000p-4f, 0x1.52b9920000000p-1f,  0x1.6247d60000000p-1f,
      0x1.1cd7d00000000p-1f,  0x1.ef2aa00000000p-5f,  -0x1.2970400000000p-6f, 0x1.2750dc0000000p-2f,
      0x1.ce8d7c0000000p-2f,  0x1.0e21a80000000p-2f,  0x1.a4611c0000000p-2f,  0x1.68b2f00000000p-3f,
      0x1.ef33900000000p-2f,  0x1.bfb1140000000p-2f,  0x1.f06fac0000000p-2f,  0x1.4cee400000000p-3f,
      -0x1.b128d80000000p-3f, -0x1.d145400000000p-4f, -0x1.95e6e00000000p-5f, 0x1.3ee68a0000000p-1f,
      0x1.65f7c00000000p-3f};
  static constexpr double uniform_f64_m3_5_9[] = {0x1.67b396a7087b8p-1,  0x1.d400b13ac8d0ap+1, -0x1.7f172ec892442p+1,
                                                  -0x1.59b13e7e55380p-1, 0x1.87547bffc9ec0p-3, 0x1.323ae0194cc44p+2,
                                                  -0x1.23e228478af34p+1, 0x1.2d6cd731fd5c2p+2, -0x1.738e640256994p+1};
  static constexpr float normal_3_0p02_9[] = {0x1.7f92ce0000000p+1f, 0x1.8298880000000p+1f, 0x1.834bc20000000p+1f,
                                              0x1.7e00ba0000000p+1f, 0x1.7d710a0000000p+1f, 0x1.7d6e800000000p+1f,
                                              0x1.802e940000000p+1f, 0x1.7e80b80000000p+1f, 0x1.7f3d700000000p+1f};
  static constexpr float normal_3_0p02_35[] = {
      0x1.8574940000000p+1f, 0x1.81045e0000000p+1f, 0x1.7bdad60000000p+1f, 0x1.8247e20000000p+1f,
      0x1.7ea3720000000p+1f, 0x1.824cfe0000000p+1f, 0x1.7f4afa0000000p+1f, 0x1.800d2e0000000p+1f,
      0x1.82db4c0000000p+1f, 0x1.82d95a0000000p+1f, 0x1.7d6bd40000000p+1f, 0x1.7faa2e0000000p+1f,
      0x1.7fc2da0000000p+1f, 0x1.819ad80000000p+1f, 0x1.84439a0000000p+1f, 0x1.7dd1780000000p+1f,
      0x1.81a8d80000000p+1f, 0x1.82b97a0000000p+1f, 0x1.82a5860000000p+1f, 0x1.7d68ee0000000p+1f,
      0x1.812ff80000000p+1f, 0x1.7f36bc0000000p+1f, 0x1.805f2a0000000p+1f, 0x1.7c77400000000p+1f,
      0x1.81609c0000000p+1f, 0x1.8421080000000p+1f, 0x1.79136c0000000p+1f, 0x1.7c635c0000000p+1f,
      0x1.8392320000000p+1f, 0x1.8101660000000p+1f, 0x1.7f06ea0000000p+1f, 0x1.7ee9c40000000p+1f,
      0x1.7ddba20000000p+1f, 0x1.808a900000000p+1f, 0x1.82d2a60000000p+1f};
  static constexpr double normal_f64_3_0p02_18[] = {
      0x1.7fe20864deca1p+1, 0x1.8425b572db48fp+1, 0x1.7bf6675bcb016p+1, 0x1.7f5a836cf102bp+1, 0x1.7c476715dc862p+1,
      0x1.7f6b8a25e7206p+1, 0x1.80653fee14778p+1, 0x1.7c20953c4a4c8p+1, 0x1.7be7063f4aac6p+1, 0x1.817cef09b1e72p+1,
      0x1.7d8884d00634bp+1, 0x1.82ef605c1c381p+1, 0x1.80af4446d98e4p+1, 0x1.7d056c1ac4666p+1, 0x1.844ef5d7a1ee1p+1,
      0x1.81eee90bca066p+1, 0x1.7ad09e531bb9bp+1, 0x1.8103068c199d7p+1};
  static constexpr int64_t randint_0_10_20[] = {4LL, 9LL, 3LL, 2LL, 7LL, 5LL, 4LL, 9LL, 4LL, 9LL,
                                                0LL, 0LL, 9LL, 9LL, 2LL, 3LL, 2LL, 6LL, 2LL, 7LL};
  static constexpr int64_t randint_m5_2e27_9[] = {63679959LL, 101825043LL, 29259766LL,  129200347LL, 95603469LL,
                                                  52867676LL, 112425173LL, 104045326LL, 129577777LL};
  static constexpr int64_t randint_0_2e28_9[] = {228338760LL, 19365380LL,  39964340LL, 23246807LL, 53511804LL,
                                                 108370809LL, 112053616LL, 69729648LL, 145718422LL};
  static constexpr int64_t randint_m7_2e40_9[] = {679508749621LL, 277822811898LL, 361792301064LL,
                                                  635590589631LL, 592983202798LL, 553375147230LL,
                                                  702716458782LL, 510868208665LL, 727970556621LL};
  static constexpr int64_t randint_full_5[] = {-7205544632086731802LL, 7352914388775399256LL, -3053328686006384426LL,
                                               -2415446352185350692LL, -2362937402354372725LL};
  static constexpr int32_t randint_i32_9[] = {467442052,   -1143930613, 1161005888, 1398653855, 2016775376,
                                              -2138426399, 597400706,   1821761280, -303533791};
  static constexpr uint8_t randint_u8_9[] = {71, 118, 56, 245, 4, 254, 174, 67, 240};
  static constexpr float randint_f32_9[] = {0x1.77dae00000000p+19f, 0x1.e6eb800000000p+18f, 0x1.4c63800000000p+19f,
                                            0x1.0ed5800000000p+19f, 0x1.7492000000000p+17f, 0x1.4483e00000000p+19f,
                                            0x1.87a6000000000p+19f, 0x1.1745000000000p+19f, 0x1.4c4f400000000p+19f};
  static constexpr int64_t randperm_1[] = {0LL};
  static constexpr int64_t randperm_10[] = {1LL, 5LL, 9LL, 4LL, 8LL, 0LL, 2LL, 7LL, 6LL, 3LL};
  static constexpr int64_t randperm_200[] = {
      20LL,  58LL,  135LL, 116LL, 3LL,   87LL,  27LL,  106LL, 130LL, 139LL, 136LL, 165LL, 36LL,  140LL, 19LL,  81LL,
      0LL,   146LL, 120LL, 105LL, 111LL, 193LL, 90LL,  134LL, 149LL, 144LL, 85LL,  89LL,  99LL,  169LL, 17LL,  7LL,
      159LL, 88LL,  82LL,  150LL, 126LL, 63LL,  98LL,  18LL,  182LL, 109LL, 181LL, 166LL, 189LL, 167LL, 42LL,  152LL,
      119LL, 91LL,  108LL, 74LL,  151LL, 156LL, 142LL, 118LL, 145LL, 71LL,  157LL, 1LL,   124LL, 5LL,   196LL, 30LL,
      170LL, 8LL,   110LL, 184LL, 190LL, 83LL,  6LL,   195LL, 25LL,  112LL, 78LL,  104LL, 77LL,  69LL,  147LL, 76LL,
      86LL,  4LL,   28LL,  56LL,  117LL, 47LL,  57LL,  131LL, 40LL,  73LL,  94LL,  22LL,  66LL,  31LL,  185LL, 199LL,
      161LL, 125LL, 141LL, 176LL, 154LL, 153LL, 138LL, 114LL, 186LL, 65LL,  32LL,  39LL,  53LL,  164LL, 92LL,  12LL,
      38LL,  68LL,  11LL,  132LL, 80LL,  143LL, 163LL, 50LL,  197LL, 59LL,  180LL, 175LL, 37LL,  21LL,  174LL, 34LL,
      192LL, 128LL, 160LL, 148LL, 129LL, 96LL,  51LL,  23LL,  188LL, 61LL,  172LL, 194LL, 178LL, 55LL,  49LL,  64LL,
      127LL, 121LL, 35LL,  62LL,  123LL, 168LL, 15LL,  95LL,  48LL,  179LL, 158LL, 113LL, 84LL,  107LL, 187LL, 43LL,
      33LL,  191LL, 24LL,  177LL, 103LL, 41LL,  122LL, 198LL, 93LL,  13LL,  14LL,  183LL, 79LL,  173LL, 45LL,  115LL,
      75LL,  67LL,  171LL, 100LL, 9LL,   70LL,  162LL, 10LL,  155LL, 60LL,  26LL,  52LL,  97LL,  2LL,   16LL,  54LL,
      72LL,  137LL, 102LL, 101LL, 44LL,  133LL, 29LL,  46LL};
  static constexpr float bernoulli_0p3_50[] = {0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x1.0000000000000p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f,
                                               0x0.0p+0f};
  static constexpr bool bernoulli_bool_0p9_50[] = {
      true, true, true,  true, true, true, true,  true, true, true, true, true,  true, true, true, true, true,
      true, true, true,  true, true, true, false, true, true, true, true, false, true, true, true, true, true,
      true, true, false, true, true, true, true,  true, true, true, true, false, true, true, true, false};
  static constexpr float exponential_2_20[] = {
      0x1.62622a0000000p-2f, 0x1.17d4e60000000p+0f, 0x1.28a11c0000000p-2f, 0x1.b3b1da0000000p-1f,
      0x1.4a5f940000000p-1f, 0x1.805b0e0000000p+1f, 0x1.a3204c0000000p-1f, 0x1.7144200000000p-4f,
      0x1.e465b40000000p-5f, 0x1.a400ac0000000p-4f, 0x1.e5747a0000000p-2f, 0x1.60a7d20000000p-3f,
      0x1.f7d7c20000000p-2f, 0x1.dc56e20000000p-2f, 0x1.a3fe780000000p+0f, 0x1.8f1aa00000000p-1f,
      0x1.bcf30c0000000p-5f, 0x1.86d2020000000p-4f, 0x1.44bfac0000000p-2f, 0x1.5b88440000000p-1f};
  static constexpr double exponential_f64_0p5_5[] = {0x1.079d6b6ceabc8p+1, 0x1.787f4c40ef96bp+1, 0x1.f89a7106cbb7bp-4,
                                                     0x1.2da1d4a0e1ea8p+0, 0x1.c2812f374af11p+1};
  static constexpr float randn_7[] = {-0x1.bda9d00000000p+0f, 0x1.1840320000000p+1f, -0x1.14174a0000000p-1f,
                                      0x1.8a07ca0000000p+0f,  0x1.87c3e80000000p-3f, -0x1.2157b60000000p-5f,
                                      0x1.5a6f040000000p-2f};
  static constexpr float rand_last_3[] = {0x1.66f7700000000p-2f, 0x1.5e06a40000000p-1f, 0x1.54c1c00000000p-2f};
  // FNV-1a of torch.get_rng_state() after the last draw.
  static constexpr uint64_t state_hash = 0x3d8d569a71564422u;
};

}  // namespace goldens
