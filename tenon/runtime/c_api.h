/* Tenon's C interface: open a .tenon file, ask what it takes and gives, run it. C99, no global state.
 *
 *   TenonError error;
 *   TenonModel* model;
 *   TenonSession* session;
 *   if (tenon_open("digits.tenon", NULL, &model, &error)) puts(error.text);
 *   if (tenon_session_create(model, NULL, NULL, &session, &error)) puts(error.text);
 *   TenonTensor in = {pixels, sizeof pixels, TENON_FLOAT32, 4, (int64_t[]){1, 1, 28, 28}}, out = {0};
 *   if (tenon_run(session, &in, 1, &out, 1, &error)) puts(error.text);
 *   const float* scores = out.data;
 *
 * Every function that can fail returns a code, 0 when all went well, and puts code and text into the caller's
 * TenonError, which may be NULL. After an error a session can be used again. A model may be used from several
 * threads at once, a session from one at a time; several sessions of a model run at once. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#if defined(TENON_STATIC)
#define TENON_C_API
#else
#define TENON_C_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Grows when something is added; what is there stays. */
#define TENON_C_API_VERSION 1

typedef enum TenonCode {
  TENON_OK = 0,
  TENON_ERROR_ARGUMENT = 1,    /* a null pointer, an unknown name, a wrong count, too little memory for an output */
  TENON_ERROR_SHAPE = 2,       /* an input of another shape */
  TENON_ERROR_DTYPE = 3,       /* an input of another element type */
  TENON_ERROR_INDEX = 4,       /* data that index out of range */
  TENON_ERROR_MEMORY = 5,      /* no memory left */
  TENON_ERROR_FILE = 6,        /* missing, damaged, or not a .tenon file */
  TENON_ERROR_VERSION = 7,     /* written by a newer Tenon */
  TENON_ERROR_UNSUPPORTED = 8, /* an op that this build has no kernel for */
  TENON_ERROR_INTERNAL = 9     /* a fault of Tenon's: please report it */
} TenonCode;

typedef struct TenonError {
  int32_t code; /* a TenonCode */
  char text[508];
} TenonError;

typedef enum TenonDType {
  TENON_BOOL = 0,
  TENON_UINT8 = 1,
  TENON_INT8 = 2,
  TENON_INT16 = 3,
  TENON_INT32 = 4,
  TENON_INT64 = 5,
  TENON_FLOAT16 = 6,
  TENON_BFLOAT16 = 7,
  TENON_FLOAT32 = 8,
  TENON_FLOAT64 = 9,
  TENON_COMPLEX64 = 10,
  TENON_COMPLEX128 = 11
} TenonDType;

/* Data of the caller's or of a session's. Strides count elements; NULL stands for row-major.
 * As an output: with `data`, memory of the caller's of `bytes` bytes; without, the session lends its own until its
 * next run. Afterwards all members say what came out, `sizes` and `strides` until the next run. */
typedef struct TenonTensor {
  void* data;
  size_t bytes;
  int32_t dtype; /* a TenonDType */
  int32_t ndim;
  const int64_t* sizes;
  const int64_t* strides;
} TenonTensor;

/* Of an input or output of a function. Strings live as long as the model. */
typedef struct TenonTensorInfo {
  size_t struct_size; /* sizeof(TenonTensorInfo), set by the caller: the struct may grow at its end */
  const char* name;
  int32_t dtype;
  int32_t ndim;
  const int64_t* sizes;          /* -1 where it changes from call to call */
  const char* const* size_texts; /* "batch", "(batch * 4)", "28" */
} TenonTensorInfo;

typedef struct TenonAllocator {
  void* (*allocate)(void* user, size_t bytes, size_t alignment); /* NULL when there is none */
  void (*deallocate)(void* user, void* data, size_t bytes);
  void* user;
} TenonAllocator;

typedef struct TenonOpenOptions {
  size_t struct_size;     /* sizeof(TenonOpenOptions) */
  int32_t verify_weights; /* not 0: compare the weights with their checksums, which reads all of them */
} TenonOpenOptions;

typedef struct TenonSessionOptions {
  size_t struct_size;       /* sizeof(TenonSessionOptions) */
  TenonAllocator allocator; /* of the tensors' memory; all zero for Tenon's own */
} TenonSessionOptions;

typedef struct TenonModel TenonModel;
typedef struct TenonSession TenonSession;

/* ---- what this library is ---- */

TENON_C_API const char* tenon_version(void); /* "0.1.0" */
TENON_C_API int32_t tenon_c_api_version(void);
TENON_C_API const char* tenon_dtype_name(int32_t dtype); /* "float32"; NULL when it is none */
TENON_C_API size_t tenon_dtype_size(int32_t dtype);      /* bytes of an element; 0 when it is none */

/* ---- models ---- */

/* `options` may be NULL. The memory of tenon_open_memory stays as it is until the model and its sessions are gone. */
TENON_C_API int32_t tenon_open(const char* path, const TenonOpenOptions* options, TenonModel** model,
                               TenonError* error);
TENON_C_API int32_t tenon_open_memory(const void* data, size_t bytes, const TenonOpenOptions* options,
                                      TenonModel** model, TenonError* error);
/* Sessions of the model go on. NULL is ignored. */
TENON_C_API void tenon_close(TenonModel* model);

TENON_C_API size_t tenon_function_count(const TenonModel* model);
TENON_C_API const char* tenon_function_name(const TenonModel* model, size_t index); /* NULL when there is none */
TENON_C_API size_t tenon_label_count(const TenonModel* model);
TENON_C_API const char* tenon_label(const TenonModel* model, size_t index); /* NULL when there is none */
/* What the author wrote under `key` ("license"); NULL when there is nothing. */
TENON_C_API const char* tenon_metadata(const TenonModel* model, const char* key);
TENON_C_API size_t tenon_metadata_count(const TenonModel* model);
TENON_C_API const char* tenon_metadata_key(const TenonModel* model, size_t index); /* NULL when there is none */

/* `function` may be NULL for the first one. */
TENON_C_API int32_t tenon_input_count(const TenonModel* model, const char* function, size_t* count, TenonError* error);
TENON_C_API int32_t tenon_output_count(const TenonModel* model, const char* function, size_t* count, TenonError* error);
TENON_C_API int32_t tenon_input_info(const TenonModel* model, const char* function, size_t index, TenonTensorInfo* info,
                                     TenonError* error);
TENON_C_API int32_t tenon_output_info(const TenonModel* model, const char* function, size_t index,
                                      TenonTensorInfo* info, TenonError* error);

/* ---- sessions ---- */

/* `function` may be NULL for the first one, `options` for Tenon's own memory. */
TENON_C_API int32_t tenon_session_create(const TenonModel* model, const char* function,
                                         const TenonSessionOptions* options, TenonSession** session, TenonError* error);
/* NULL is ignored. */
TENON_C_API void tenon_session_destroy(TenonSession* session);

/* `outputs` may be NULL with a count of 0: then tenon_session_output tells what came out. */
TENON_C_API int32_t tenon_run(TenonSession* session, const TenonTensor* inputs, size_t input_count,
                              TenonTensor* outputs, size_t output_count, TenonError* error);
/* What the last run made, until the next one. */
TENON_C_API int32_t tenon_session_output(const TenonSession* session, size_t index, TenonTensor* output,
                                         TenonError* error);

/* State that lives from call to call, by the name of its slot: bytes as they lie in memory. */
TENON_C_API int32_t tenon_session_reset(TenonSession* session, TenonError* error);
TENON_C_API int32_t tenon_session_slot_bytes(const TenonSession* session, const char* name, size_t* bytes,
                                             TenonError* error);
TENON_C_API int32_t tenon_session_get_slot(const TenonSession* session, const char* name, void* data, size_t bytes,
                                           TenonError* error);
TENON_C_API int32_t tenon_session_set_slot(TenonSession* session, const char* name, const void* data, size_t bytes,
                                           TenonError* error);

#ifdef __cplusplus
}
#endif
