#include <tenon/c_api.h>

#ifdef __cplusplus
extern "C"
#endif
    const char*
    use_c_api(TenonModel* model, const float* x, const float* expected);
